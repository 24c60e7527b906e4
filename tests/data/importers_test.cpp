// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <zlib.h>

#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24U), static_cast<char>(value >> 16U), static_cast<char>(value >> 8U),
          static_cast<char>(value)};
}

// Images of 2 x 3 pixels 0, 1, …, 5 plus ten times their number.
std::string images(std::uint32_t count) {
  std::string bytes = std::string("\0\0\x08\x03", 4) + big_endian(count) + big_endian(2) + big_endian(3);
  for (std::uint32_t i = 0; i < count; ++i)
    for (std::uint32_t p = 0; p < 6; ++p) bytes += static_cast<char>(10 * i + p);
  return bytes;
}
std::string labels(const std::vector<int>& values) {
  std::string bytes = std::string("\0\0\x08\x01", 4) + big_endian(static_cast<std::uint32_t>(values.size()));
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

std::string write_gz(const TemporaryDirectory& dir, const std::string& name, const std::string& content) {
  gzFile file = gzopen(dir.file(name).c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  return dir.file(name);
}

std::vector<int> first_image(const SequenceTable& table) {
  std::vector<int> pixels;
  for (std::size_t i = 0; i < 6; ++i) pixels.push_back(static_cast<int>(std::lround(table.features[i] * 255)));
  return pixels;
}

TEST(Idx, images_are_read_by_rows_columns_or_pixels_gzipped_or_not) {
  const TemporaryDirectory dir;
  const auto plain = dir.write("i", images(1)), gz = write_gz(dir, "i.gz", images(1)), l = dir.write("l", labels({3}));
  const auto read = [&](const std::string& path, const std::string& steps) {
    return import_files("idx", {path, l}, {{"steps", {steps}}, {"split", {"1,0"}}});
  };
  EXPECT_THAT(first_image(read(plain, "rows")), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(first_image(read(plain, "columns")), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_EQ(read(plain, "rows").num_steps(), 2U);
  EXPECT_EQ(read(plain, "columns").num_steps(), 3U);
  EXPECT_EQ(read(plain, "pixels").num_steps(), 6U);
  EXPECT_EQ(read(gz, "rows").features, read(plain, "rows").features);
  EXPECT_EQ(read(plain, "rows").header.num_outputs, 4);
}

TEST(Idx, validation_is_drawn_from_training_and_statistics_are_its_own) {
  const TemporaryDirectory dir;
  const std::vector<int> classes = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  const auto i = dir.write("i", images(10)), l = dir.write("l", labels(classes)), ti = dir.write("ti", images(20)),
             tl = dir.write("tl", labels(std::vector<int>(20)));
  const auto table =
      import_files("idx", {i, l}, {{"test", {ti, tl}}, {"validation", {"0.2"}}, {"normalize", {"standard"}}});
  EXPECT_EQ(table.num_sequences(Split::train), 8U);
  EXPECT_EQ(table.num_sequences(Split::validation), 2U);
  EXPECT_EQ(table.num_sequences(Split::test), 20U);
  EXPECT_NE(table.classes[8], table.classes[9]);  // one of each class
  double sum = 0;
  for (std::size_t step = 0; step < 16; ++step) sum += table.features[step * 3];
  EXPECT_FLOAT_EQ(table.header.feature_mean[0], static_cast<float>(sum / 16));
}

TEST(Idx, a_permutation_is_the_same_for_all_images) {
  const TemporaryDirectory dir;
  const auto i = dir.write("i", images(2)), l = dir.write("l", labels({0, 1}));
  const auto table = import_files("idx", {i, l}, {{"steps", {"pixels"}}, {"permute", {"7"}}, {"split", {"1,0"}}});
  EXPECT_THAT(first_image(table), testing::UnorderedElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(first_image(table), testing::Not(ElementsAre(0, 1, 2, 3, 4, 5)));
  for (std::size_t p = 0; p < 6; ++p) EXPECT_FLOAT_EQ(table.features[6 + p], table.features[p] + 10.0F / 255.0F);
}

TEST(Idx, bad_files_give_the_reason) {
  const TemporaryDirectory dir;
  const auto i = dir.write("i", images(2)), l = dir.write("l", labels({0, 1}));
  const auto error = [&](const std::string& a, const std::string& b) {
    return error_of<DataError>([&] { import_files("idx", {a, b}); });
  };
  EXPECT_THAT(error(l, i), HasSubstr("give images first, then labels"));
  EXPECT_THAT(error(dir.write("x", "hello world, this is text"), l), HasSubstr("no IDX file"));
  EXPECT_THAT(error(dir.write("cut", images(2).substr(0, 20)), l),
              HasSubstr("its header claims 12 values, but 4 follow"));
  EXPECT_THAT(error(i, dir.write("three", labels({0, 1, 2}))), HasSubstr("has 3 labels for the 2 images"));
  EXPECT_THAT(error(dir.write("huge", std::string("\0\0\x08\x03", 4) + std::string(12, '\xFF')), l),
              HasSubstr("claims"));
  const auto gz = write_gz(dir, "whole.gz", images(25));
  std::filesystem::resize_file(gz, std::filesystem::file_size(gz) - 12);
  EXPECT_THAT(error(gz, l), HasSubstr("cannot be unpacked"));
  EXPECT_THAT(error_of<ConfigError>([&] { import_files("idx", {i}); }),
              HasSubstr("a file of images and a file of labels"));
}

TEST(Text, the_last_tab_counts_and_lines_end_at_lf_alone) {
  const TemporaryDirectory dir;
  const auto path = dir.write("a.tsv", "Good\tfilm\xC2\x85 it's GOOD!\tpos\r\nbad\tneg\n");
  const auto table = import_files("text", {path}, {{"split", {"1,0"}}});
  EXPECT_THAT(table.header.output_names, ElementsAre("neg", "pos"));
  EXPECT_THAT(table.classes, ElementsAre(1, 0));
  EXPECT_THAT(table.header.token_names, ElementsAre("<padding>", "<unknown>", "good", "!", "bad", "film", "it's"));
  EXPECT_THAT(table.tokens, ElementsAre(2, 5, 6, 2, 3, 4));
}

TEST(Text, the_vocabulary_knows_only_the_training_part) {
  const TemporaryDirectory dir;
  const auto path = dir.write("a.tsv", "a a b\t0\nc d\t1\na secret\t0\n");
  const auto table =
      import_files("text", {path}, {{"test-every", {"3"}}, {"validation", {"0"}}, {"vocabulary", {"3"}}});
  EXPECT_THAT(table.header.token_names, ElementsAre("<padding>", "<unknown>", "a", "b", "c"));
  EXPECT_THAT(table.tokens, ElementsAre(2, 2, 3, 4, 1, 2, 1));
  EXPECT_EQ(table.num_sequences(Split::test), 1U);
}

TEST(Text, labels_may_come_first_and_sentences_may_be_cut) {
  const TemporaryDirectory dir;
  const auto path = dir.write("a.tsv", "2\tx y z\n10\tÄ\n");
  const auto table = import_files(
      "text", {path}, {{"label", {"first"}}, {"tokens", {"characters"}}, {"max-length", {"2"}}, {"split", {"1,0"}}});
  EXPECT_THAT(table.header.output_names, ElementsAre("2", "10"));
  EXPECT_THAT(table.sequences, ElementsAre(schema::SequenceRow{0, 2, 0}, schema::SequenceRow{2, 1, 0}));
  EXPECT_THAT(table.header.token_names, testing::Contains("Ä"));
}

TEST(Text, sentences_that_are_cut_and_words_that_are_unknown_are_counted) {
  const TemporaryDirectory dir;
  const auto path = dir.write("a.tsv", "a b c\t0\na b\t1\na new word here\t0\n");
  const auto said = [&](const Given& given) {
    testing::internal::CaptureStderr();
    import_files("text", {path}, given);
    return testing::internal::GetCapturedStderr();
  };
  const Given given = {{"test-every", {"3"}}, {"validation", {"0"}}};
  EXPECT_THAT(said(given), HasSubstr("all read as <unknown>: 75 % of the test part"));
  EXPECT_THAT(said(given), testing::Not(HasSubstr("cut to")));
  const auto cut = said({{"test-every", {"3"}}, {"validation", {"0"}}, {"max-length", {"2"}}, {"vocabulary", {"1"}}});
  EXPECT_THAT(cut, HasSubstr("2 of 3 sentences are cut to 2 tokens (--max-length)"));
  EXPECT_THAT(cut, HasSubstr("50 % of the train part, 50 % of the test part"));
  testing::internal::CaptureStderr();
  import_files("text", {dir.write("lm.txt", "a a a a a a a b c d")},
               {{"language-model", {}}, {"split", {"0.7,0,0.3"}}});
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("100 % of the test part"));
}

TEST(Text, words_and_labels_that_begin_alike_stay_apart_however_long_they_are) {
  const TemporaryDirectory directory;
  const std::string begin(120, 'a');
  std::string lines;
  for (int i = 0; i < 40; ++i) lines += begin + (i % 2 ? "x" : "y") + "\t" + begin + (i % 2 ? "1" : "2") + "\n";
  const auto table = import_files("text", {directory.write("long.tsv", lines)});
  EXPECT_EQ(table.header.token_names.size(), 4u) << "padding, unknown and the two words";
  EXPECT_EQ(std::set(table.header.output_names.begin(), table.header.output_names.end()).size(), 2u);
  for (std::size_t i = 0; i < table.tokens.size(); ++i)
    EXPECT_EQ(table.tokens[i] == table.tokens[0], table.classes[i] == table.classes[0]);
}

TEST(Text, a_language_model_predicts_the_next_token_within_its_part) {
  const TemporaryDirectory dir;
  const auto path = dir.write("a.txt", "abababbaab");
  const auto table = import_files(
      "text", {path}, {{"language-model", {}}, {"tokens", {"characters"}}, {"window", {"4"}}, {"split", {"0.6,0.4"}}});
  EXPECT_THAT(table.sequences,
              ElementsAre(schema::SequenceRow{0, 4, 0}, schema::SequenceRow{4, 1, 0}, schema::SequenceRow{6, 3, 1}));
  for (std::size_t t = 0; t + 1 < table.tokens.size(); ++t) EXPECT_EQ(table.classes[t], table.tokens[t + 1]);
  EXPECT_EQ(table.classes.back(), -1);
}

TEST(Text, bad_lines_are_named) {
  const TemporaryDirectory dir;
  const auto error = [&](const std::string& text) {
    return error_of<DataError>([&] { import_files("text", {dir.write("a.tsv", text)}); });
  };
  EXPECT_THAT(error("a\t1\nb 1\n"), HasSubstr("a.tsv:2: no tab"));
  EXPECT_THAT(error("a\t1\nb\t \n"), HasSubstr("a.tsv:2: the label is empty"));
  EXPECT_THAT(error("\t1\n"), HasSubstr("a.tsv:1: the sentence is empty"));
  EXPECT_THAT(error("\n\n"), HasSubstr("has no sentences"));
}

constexpr auto ts_header = "#comment\n@problemName p\n@classLabel true a b\n@data\n";

TEST(Ts, unequal_lengths_and_dimensions_are_read) {
  const TemporaryDirectory dir;
  const auto path = dir.write("a.ts", std::string(ts_header) + "1,2,3:4,5,6:b\n7:8:a\n");
  const auto test = dir.write("t.ts", std::string(ts_header) + "100,100:100,100:a\n");
  const auto table = import_files("ts", {path}, {{"test", {test}}, {"validation", {"0"}}});
  EXPECT_EQ(table.header.num_features, 2);
  EXPECT_THAT(table.features, ElementsAre(1, 4, 2, 5, 3, 6, 7, 8, 100, 100, 100, 100));
  EXPECT_THAT(table.sequences,
              ElementsAre(schema::SequenceRow{0, 3, 0}, schema::SequenceRow{3, 1, 0}, schema::SequenceRow{4, 2, 2}));
  EXPECT_THAT(table.classes, ElementsAre(1, 0, 0));
  EXPECT_FLOAT_EQ(table.header.feature_mean[0], 13.0F / 4);  // the test part is not in it
}

TEST(Ts, target_labels_are_numbers_to_predict) {
  const TemporaryDirectory dir;
  const auto path = dir.write("a.ts", "@targetlabel true\n@data\n1,2:0.5\n3,4:1.5\n");
  const auto table = import_files("ts", {path}, {{"split", {"1,0"}}});
  EXPECT_EQ(table.header.target_kind, TargetKind::real);
  EXPECT_THAT(table.targets, ElementsAre(0.5F, 1.5F));
  EXPECT_THAT(table.header.target_mean, ElementsAre(1));
}

TEST(Ts, bad_lines_are_named) {
  const TemporaryDirectory dir;
  const auto error = [&](const std::string& text) {
    return error_of<DataError>([&] { import_files("ts", {dir.write("a.ts", text)}); });
  };
  EXPECT_THAT(error(std::string(ts_header) + "1,?:a\n"), HasSubstr("a.ts:5: '?' (dimension 1, step 2) is no number"));
  EXPECT_THAT(error(std::string(ts_header) + "1,2:3:a\n"),
              HasSubstr("a.ts:5: dimension 2 has 1 steps, but dimension 1 has 2"));
  EXPECT_THAT(error(std::string(ts_header) + "1:2:a\n1:a\n"), HasSubstr("a.ts:6: has 1 dimensions"));
  EXPECT_THAT(error("@data\n1:a\n"), HasSubstr("a.ts:1: no '@classLabel true'"));
  EXPECT_THAT(error("1,2,3\n"), HasSubstr("a.ts:1: neither a comment nor an @key"));
  EXPECT_THAT(error("@timestamps true\n"), HasSubstr("time stamps"));
  EXPECT_THAT(error(ts_header), HasSubstr("has no cases"));
}

TEST(PianoRoll, targets_are_the_keys_of_the_next_step) {
  const TemporaryDirectory dir;
  const auto path = dir.write("a.txt", "0,2 - 1\n");
  const auto table = import_files("piano_roll", {path}, {{"keys", {"3"}}, {"split", {"1,0"}}});
  EXPECT_THAT(table.features, ElementsAre(1, 0, 1, 0, 0, 0));
  EXPECT_THAT(table.targets, ElementsAre(0, 0, 0, 0, 1, 0));
  EXPECT_THAT(error_of<DataError>([&] { import_files("piano_roll", {dir.write("b.txt", "0 1\n0 99\n")}); }),
              HasSubstr("b.txt:2: '99' is no key"));
}

}  // namespace
}  // namespace seqsweep::data
