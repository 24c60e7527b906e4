// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/data/dataset.hpp"

#include <cmath>
#include <cstring>

#include "seqsweep/core/random.hpp"

#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::uint32_t> first_positions(std::size_t count) {
  std::vector<std::uint32_t> positions(count);
  for (std::size_t i = 0; i < count; ++i) positions[i] = static_cast<std::uint32_t>(i);
  return positions;
}

// Three training sequences of 1, 3 and 2 steps, one validation sequence that overlaps them; two features.
SequenceTable small_table() {
  SequenceTable table;
  auto& header = table.header;
  header.name = "small";
  header.num_features = 2;
  header.feature_names = {"a", "b"};
  header.feature_mean = {10, 0};
  header.feature_sd = {2, 1};
  header.target_mean = {1};
  header.target_sd = {4};
  header.output_names = {"y"};
  table.features = {10, 0, 12, 1, 14, 2, 16, 3, 18, 4, 20, 5};
  table.sequences = {{0, 1, 0}, {1, 3, 0}, {4, 2, 0}, {2, 4, 1}};
  table.targets = {1, 5, 9, 13};
  return table;
}

TEST(Dataset, gathers_packed_by_falling_length_and_normalised) {
  const TemporaryDirectory dir;
  write_dataset(small_table(), dir.file("a.h5"), IfExists::refuse);
  const auto dataset = Dataset::load(dir.file("a.h5"));
  EXPECT_EQ(dataset.num_sequences(Split::train), 3U);
  EXPECT_EQ(dataset.num_steps(Split::train), 6U);
  EXPECT_EQ(dataset.max_length(Split::train), 3);
  EXPECT_EQ(dataset.num_sequences(Split::test), 0U);
  SequenceBatch batch;
  const std::vector<std::uint32_t> positions = {0, 2, 1};
  dataset.gather(Split::train, positions, batch);
  EXPECT_THAT(batch.lengths, ElementsAre(3, 2, 1));
  EXPECT_THAT(batch.sequence_ids, ElementsAre(1U, 2U, 0U));
  EXPECT_THAT(batch.rows_at, ElementsAre(3, 2, 1));
  EXPECT_THAT(batch.offset_at, ElementsAre(0, 3, 5, 6));
  // step 0 of sequences 1, 2, 0; step 1 of 1, 2; step 2 of 1
  EXPECT_THAT(batch.features, ElementsAre(1, 1, 4, 4, 0, 0, 2, 2, 5, 5, 3, 3));
  EXPECT_THAT(batch.targets, ElementsAre(1, 2, 0));
  dataset.gather(Split::validation, std::vector<std::uint32_t>{0}, batch);
  EXPECT_THAT(batch.features, ElementsAre(2, 2, 3, 3, 4, 4, 5, 5));
  EXPECT_THAT(batch.targets, ElementsAre(3));
}

TEST(Dataset, equally_long_sequences_stay_in_the_order_given) {
  const TemporaryDirectory dir;
  write_dataset(make_task("adding", {{"sequences", {"20"}}, {"length", {"5"}}}), dir.file("a.h5"), IfExists::refuse);
  const auto dataset = Dataset::load(dir.file("a.h5"));
  SequenceBatch batch;
  dataset.gather(Split::train, std::vector<std::uint32_t>{7, 3, 9}, batch);
  EXPECT_THAT(batch.sequence_ids, ElementsAre(7U, 3U, 9U));
}

TEST(Dataset, targets_per_step_are_packed_as_the_steps) {
  auto table = small_table();
  table.header.target_position = TargetPosition::per_step;
  table.header.target_kind = TargetKind::classes;
  table.header.num_outputs = 6;
  table.header.output_names.clear();
  table.header.target_mean.clear();
  table.header.target_sd.clear();
  table.targets.clear();
  table.classes = {0, 1, 2, 3, 4, -1};
  const TemporaryDirectory dir;
  write_dataset(table, dir.file("a.h5"), IfExists::refuse);
  SequenceBatch batch;
  Dataset::load(dir.file("a.h5")).gather(Split::train, std::vector<std::uint32_t>{1, 2}, batch);
  EXPECT_THAT(batch.classes, ElementsAre(1, 4, 2, -1, 3));
}

TEST(Dataset, read_from_disk_gives_the_same_bits_as_in_memory) {
  const TemporaryDirectory dir;
  auto table = make_task("adding", {{"sequences", {"50"}}, {"length", {"9"}}});
  table.header.feature_mean = {0.5F, 0.2F};
  table.header.feature_sd = {0.3F, 0.7F};
  table.header.target_sd = {0.3F};
  for (std::size_t i = 0; i < table.sequences.size(); ++i) table.sequences[i].length -= static_cast<int>(i % 5);
  write_dataset(table, dir.file("a.h5"), IfExists::refuse);
  const auto in_memory = Dataset::load(dir.file("a.h5"));
  const auto on_disk = Dataset::load(dir.file("a.h5"), allocate_private, {.memory_limit_bytes = 100});
  for (const Split split : all_splits) {
    const auto positions = first_positions(in_memory.num_sequences(split));
    SequenceBatch a, b;
    in_memory.gather(split, positions, a);
    on_disk.gather(split, positions, b);
    ASSERT_EQ(a.features.size(), b.features.size());
    EXPECT_EQ(std::memcmp(a.features.data(), b.features.data(), a.features.size() * sizeof(float)), 0);
    EXPECT_EQ(std::memcmp(a.targets.data(), b.targets.data(), a.targets.size() * sizeof(float)), 0);
    EXPECT_EQ(a.sequence_ids, b.sequence_ids);
  }
}

TEST(Dataset, bulk_numbers_lie_in_one_block_from_the_allocator) {
  const TemporaryDirectory dir;
  write_dataset(make_task("adding", {{"sequences", {"20"}}}), dir.file("a.h5"), IfExists::refuse);
  int calls = 0;
  std::size_t num_bytes = 0;
  const auto count = [&](std::size_t size, const FillBytes& fill) {
    ++calls;
    num_bytes = size;
    return allocate_private(size, fill);
  };
  const auto dataset = Dataset::load(dir.file("a.h5"), count);
  EXPECT_EQ(calls, 1);
  EXPECT_GE(num_bytes, 20U * 100U * 2U * sizeof(float));
}

TEST(Dataset, header_survives_the_round_trip) {
  const TemporaryDirectory dir;
  auto table = small_table();
  table.header.provenance = "made by a test";
  table.header.target_unit = "°C";
  set_floors(table);
  const auto fingerprint = write_dataset(table, dir.file("a.h5"), IfExists::refuse);
  const auto header = read_header(dir.file("a.h5"));
  EXPECT_EQ(header.name, "small");
  EXPECT_EQ(header.provenance, "made by a test");
  EXPECT_EQ(header.target_unit, "°C");
  EXPECT_EQ(header.fingerprint, fingerprint);
  EXPECT_THAT(header.feature_names, ElementsAre("a", "b"));
  EXPECT_THAT(header.feature_mean, ElementsAre(10, 0));
  EXPECT_THAT(header.target_sd, ElementsAre(4));
  EXPECT_EQ(header.floor_rule, "mean of the training part");
  EXPECT_DOUBLE_EQ(header.floors[1].mae, 8);  // 13 against (1 + 5 + 9) / 3
  EXPECT_TRUE(std::isnan(header.floors[2].loss));
}

TEST(Dataset, fingerprint_is_of_the_content_and_not_of_name_or_source) {
  const TemporaryDirectory dir;
  auto table = small_table();
  const auto fingerprint = write_dataset(table, dir.file("a.h5"), IfExists::refuse);
  table.header.name = "other";
  table.header.provenance = "elsewhere";
  EXPECT_EQ(write_dataset(table, dir.file("b.h5"), IfExists::refuse), fingerprint);
  auto changed = table;
  changed.features[3] += 1;
  EXPECT_NE(write_dataset(changed, dir.file("c.h5"), IfExists::refuse), fingerprint);
  changed = table;
  changed.header.target_sd[0] += 1;
  EXPECT_NE(write_dataset(changed, dir.file("d.h5"), IfExists::refuse), fingerprint);
}

TEST(DatasetWriter, refuses_to_overwrite_unless_told) {
  const TemporaryDirectory dir;
  write_dataset(small_table(), dir.file("a.h5"), IfExists::refuse);
  EXPECT_THAT(error_of<DataError>([&] { write_dataset(small_table(), dir.file("a.h5"), IfExists::refuse); }),
              HasSubstr("--force"));
  write_dataset(small_table(), dir.file("a.h5"), IfExists::overwrite);
}

TEST(DatasetWriter, leaves_a_file_alone_that_appeared_while_it_wrote) {
  const TemporaryDirectory dir;
  const auto table = small_table();
  DatasetWriter writer(dir.file("a.h5"), table.header, IfExists::refuse);
  writer.append_features(table.features);
  writer.append_targets(table.targets);
  writer.append_sequences(table.sequences);
  dir.write("a.h5", "of another import");
  EXPECT_THAT(error_of<DataError>([&] { writer.finish(table.header); }), HasSubstr("--force"));
  EXPECT_EQ(std::filesystem::file_size(dir.file("a.h5")), std::string("of another import").size());
}

TEST(DatasetWriter, that_goes_unfinished_leaves_no_file) {
  const TemporaryDirectory dir;
  { DatasetWriter writer(dir.file("a.h5"), small_table().header, IfExists::refuse); }
  EXPECT_TRUE(std::filesystem::is_empty(dir.file("")));
}

}  // namespace
}  // namespace seqsweep::data
