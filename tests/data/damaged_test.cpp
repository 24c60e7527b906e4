// SPDX-License-Identifier: Apache-2.0
// Data set files that are wrong in one respect each: loading must say so, and read nothing outside the arrays.
#include <limits>

#include "seqsweep/h5/file.hpp"

#include "data/header_io.hpp"
#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::HasSubstr;

class Damaged : public testing::Test {
 protected:
  Damaged() : table_(make_task("adding", {{"sequences", {"20"}}, {"length", {"4"}}})) {}

  // Writes the table without the checks of write_dataset.
  std::string write_unchecked() {
    const auto path = dir_.file("a.h5");
    DatasetWriter writer(path, table_.header, IfExists::overwrite);
    writer.append_features(table_.features);
    writer.append_tokens(table_.tokens);
    writer.append_sequences(table_.sequences);
    writer.append_targets(table_.targets);
    writer.append_classes(table_.classes);
    writer.finish(table_.header);
    return path;
  }
  std::string load_error() {
    const auto path = write_unchecked();
    return error_of<DataError>([&] { static_cast<void>(Dataset::load(path)); });
  }
  // Gathers every training sequence from disk.
  std::string gather_error() {
    const auto dataset = Dataset::load(write_unchecked(), allocate_private, {.memory_limit_bytes = 1});
    return error_of<DataError>([&] {
      SequenceBatch batch;
      for (std::uint32_t i = 0; i < dataset.num_sequences(Split::train); ++i)
        dataset.gather(Split::train, std::vector<std::uint32_t>{i}, batch);
    });
  }

  TemporaryDirectory dir_;
  SequenceTable table_;
};

TEST_F(Damaged, windows_outside_the_steps_are_refused) {
  for (const auto& bad : {schema::SequenceRow{77, 4, 0}, schema::SequenceRow{-1, 4, 0}, schema::SequenceRow{0, 0, 0},
                          schema::SequenceRow{std::numeric_limits<std::int64_t>::max(), 4, 0},
                          schema::SequenceRow{0, std::numeric_limits<std::int32_t>::max(), 0}}) {
    table_.sequences[0] = bad;
    EXPECT_THAT(load_error(), HasSubstr("is not within the 80 steps"));
  }
}

TEST_F(Damaged, splits_out_of_order_are_refused) {
  table_.sequences[3].split = 2;
  EXPECT_THAT(load_error(), HasSubstr("order sequences by split"));
  table_.sequences[3].split = 3;
  EXPECT_THAT(load_error(), HasSubstr("order sequences by split"));
}

TEST_F(Damaged, nan_is_found_in_memory_and_on_disk) {
  table_.features[11] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(load_error(), HasSubstr("/features row 5 column 1 is nan"));
  EXPECT_THAT(gather_error(), HasSubstr("column 1 is nan"));
  table_.features[11] = 0;
  table_.targets[2] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(load_error(), HasSubstr("/targets row 2 column 0 is inf"));
  EXPECT_THAT(gather_error(), HasSubstr("/targets"));
}

TEST_F(Damaged, tokens_and_classes_out_of_range_are_refused) {
  table_ = make_task("copy_memory", {{"sequences", {"10"}}});
  const auto good = table_;
  table_.tokens[5] = 12;
  EXPECT_THAT(load_error(), HasSubstr("token 12 is outside the vocabulary of 12"));
  EXPECT_THAT(gather_error(), HasSubstr("token 12"));
  table_ = good;
  table_.tokens[5] = -1;
  EXPECT_THAT(load_error(), HasSubstr("token -1"));
  table_ = good;
  table_.classes[5] = 9;
  EXPECT_THAT(load_error(), HasSubstr("class 9 is not one of the 9 classes"));
}

TEST_F(Damaged, too_few_targets_are_refused) {
  table_.targets.pop_back();
  EXPECT_THAT(load_error(), HasSubstr("/targets is not [20 x 1]"));
}

TEST_F(Damaged, statistics_that_cannot_normalise_are_refused) {
  for (const float sd : {0.0F, -1.0F, std::numeric_limits<float>::quiet_NaN()}) {
    table_.header.feature_sd[1] = sd;
    EXPECT_THAT(error_of<DataError>([&] { write_unchecked(); }), HasSubstr("sd must be above 0"));
  }
}

TEST_F(Damaged, a_training_part_is_needed) {
  for (auto& row : table_.sequences) row.split = 2;
  EXPECT_THAT(load_error(), HasSubstr("no training sequences"));
}

TEST_F(Damaged, content_that_does_not_match_its_fingerprint_is_refused) {
  const auto path = dir_.file("forged.h5");
  {
    auto file = h5::File::create(path);
    auto header = table_.header;
    header.fingerprint = "0123456789abcdef";
    write_header(file, header);
    file.create_array(schema::features, h5::Kind::f32, {2}).append(std::span<const float>(table_.features));
    file.create_array(schema::targets, h5::Kind::f32, {1}).append(std::span<const float>(table_.targets));
    auto rows = file.create_table(schema::sequences, schema::sequence_row(), 64, true);
    rows.append(std::as_bytes(std::span<const schema::SequenceRow>(table_.sequences)));
    file.close();
  }
  EXPECT_THAT(error_of<DataError>([&] { static_cast<void>(Dataset::load(path)); }),
              HasSubstr("it was changed after it was made"));
}

TEST_F(Damaged, files_of_other_kinds_are_refused_with_what_to_do) {
  const auto error = [](const std::string& path) {
    return error_of<DataError>([&] { static_cast<void>(read_header(path)); });
  };
  EXPECT_THAT(error(dir_.file("none.h5")), HasSubstr("no such file"));
  EXPECT_THAT(error(dir_.write("text.h5", "a,b\n1,2\n")), HasSubstr("no HDF5 file"));
  h5::File::create(dir_.file("other.h5")).close();
  EXPECT_THAT(error(dir_.file("other.h5")), HasSubstr("an HDF5 file but no seqsweep data set"));
  auto newer = h5::File::create(dir_.file("newer.h5"));
  newer.write_attribute("/", "format", std::string(schema::format));
  newer.write_attribute("/", "format_version", std::int64_t{99});
  newer.close();
  EXPECT_THAT(error(dir_.file("newer.h5")), HasSubstr("data set format 99, but this program reads format 1"));
}

TEST_F(Damaged, a_file_cut_short_is_an_error_and_no_crash) {
  const auto path = write_unchecked();
  const auto size = std::filesystem::file_size(path);
  for (const auto part : {size / 2, size - 1, std::uintmax_t{600}}) {
    const auto cut = dir_.file("cut.h5");
    std::filesystem::copy_file(path, cut, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(cut, part);
    EXPECT_NE(error_of<Error>([&] { static_cast<void>(Dataset::load(cut)); }), "");
  }
}

}  // namespace
}  // namespace seqsweep::data
