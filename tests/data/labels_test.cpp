// SPDX-License-Identifier: Apache-2.0
// Classes come from labels: what is one class, what is none, and what a .ts file says of itself.
#include <fmt/format.h>

#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;

class LabelsOfText : public testing::Test {
 protected:
  SequenceTable read(const std::string& text, const Given& given = {{"split", {"1,0"}}}) {
    return import_files("text", {dir_.write("a.tsv", text)}, given);
  }
  std::string error(const std::string& text, const Given& given = {{"split", {"1,0"}}}) {
    return error_of<DataError>([&] { read(text, given); });
  }
  TemporaryDirectory dir_;
};

constexpr auto sentences = "good\tpos\nbad\tneg\nfine\tpos\nawful\tneg\n";

TEST_F(LabelsOfText, a_header_line_becomes_no_class) {
  for (const std::string header : {"sentence\tlabel\n", "Text\tSentiment\n", "review\tx\n", "z\tClass\n"})
    EXPECT_THAT(error(header + sentences), HasSubstr("a.tsv:1: looks like a header")) << header;
  EXPECT_THAT(error("Satz\tKlasse\na\t1\nb\t0\n"), HasSubstr("its label 'Klasse' occurs nowhere else; say --header"));
  std::string many = "Satz\tKlasse\n";
  for (int i = 0; i < 3; ++i) many += sentences;
  EXPECT_THAT(error(many), HasSubstr("looks like a header"));
}

TEST_F(LabelsOfText, a_header_is_left_out_or_kept_on_request) {
  const Given yes = {{"split", {"1,0"}}, {"header", {"yes"}}}, no = {{"split", {"1,0"}}, {"header", {"no"}}};
  const auto text = std::string("sentence\tlabel\n") + sentences;
  EXPECT_EQ(read(text, yes).tokens, read(sentences).tokens);
  EXPECT_THAT(read(text, yes).header.output_names, ElementsAre("neg", "pos"));
  EXPECT_THAT(read(text, no).header.output_names, ElementsAre("label", "neg", "pos"));
  EXPECT_THAT(error(sentences, yes), HasSubstr("a.tsv:1: is no header: its label 'pos' occurs again"));
}

TEST_F(LabelsOfText, every_file_may_have_a_header) {
  const auto a = dir_.write("a.tsv", std::string("text\tlabel\n") + sentences),
             b = dir_.write("b.tsv", std::string("text\tlabel\n") + sentences);
  EXPECT_THAT(error_of<DataError>([&] { import_files("text", {a, b}); }), HasSubstr("a.tsv:1: looks like a header"));
  EXPECT_EQ(import_files("text", {a, b}, {{"header", {"yes"}}}).sequences.size(), 8U);
}

TEST_F(LabelsOfText, a_class_of_one_sentence_is_no_header) {
  EXPECT_EQ(read(std::string("so so\tneutral\n") + sentences).header.num_outputs, 3);
  EXPECT_EQ(read("a\t5\nb\t1\nc\t1\n").header.num_outputs, 2);
}

TEST_F(LabelsOfText, equal_numbers_in_two_spellings_are_not_two_classes) {
  EXPECT_THAT(error("a\t1\nb\t0\nc\t1.0\n"), HasSubstr("a.tsv:3: the labels '1' and '1.0' are one number"));
  EXPECT_THAT(error("a\t07\nb\tx\nc\t7\n"), HasSubstr("the labels '07' and '7' are one number"));
  EXPECT_EQ(read("a\tv1\nb\tv1.0\n").header.num_outputs, 2);
}

TEST_F(LabelsOfText, a_missing_number_is_no_class_among_numbers) {
  EXPECT_THAT(error("a\t1\nb\t2\nc\tnan\n"), HasSubstr("a.tsv:3: the label 'nan' is no number"));
  EXPECT_THAT(read("a\tinf\nb\tfin\n").header.output_names, ElementsAre("fin", "inf"));
}

TEST_F(LabelsOfText, spellings_that_look_the_same_are_one_class) {
  const auto table = read("a\tcafe\u0301\nb\tcaf\u00E9\nc\tcaf\u00E9\u00A0\n");
  EXPECT_THAT(table.header.output_names, ElementsAre("caf\u00E9"));
}

TEST_F(LabelsOfText, labels_that_differ_beyond_what_a_name_holds_stay_apart) {
  const std::string start(96, 'x');
  const auto names = read("a\t" + start + "1\nb\t" + start + "2\n").header.output_names;
  ASSERT_EQ(names.size(), 2U);
  EXPECT_NE(names[0], names[1]);
}

TEST_F(LabelsOfText, measurements_are_no_classes) {
  EXPECT_THAT(error("a\t0.5\nb\t1.5\nc\t2.5\n"), HasSubstr("3 different numbers in 3 sequences, such as '0.5'"));
  EXPECT_EQ(read("a\t0.5\nb\t1.5\nc\t0.5\nd\t1.5\n").header.num_outputs, 2);  // half stars
}

TEST_F(LabelsOfText, a_test_part_that_no_file_is_long_enough_for_is_refused) {
  EXPECT_THAT(error_of<ConfigError>([&] {
                read(sentences, {{"test-every", {"5"}}});
              }),
              HasSubstr("--test-every: no file has 5 sentences"));
}

class LabelsOfTs : public testing::Test {
 protected:
  std::string error(const std::string& text, const Given& given = {}) {
    return error_of<DataError>([&] { import_files("ts", {dir_.write("a.ts", text)}, given); });
  }
  TemporaryDirectory dir_;
};

TEST_F(LabelsOfTs, undeclared_labels_are_no_classes) {
  EXPECT_THAT(error("@classLabel true Walk run\n@data\n1:Walk\n2:Run\n"),
              HasSubstr("a.ts:4: the label 'Run' is none that @classLabel declares (known: Walk, run); did you mean"));
  EXPECT_EQ(error("@classLabel true Walk run\n@data\n1:Walk\n2:run\n"), "");
  EXPECT_EQ(error("@classLabel true\n@data\n1:Walk\n2:Run\n"), "");
}

TEST_F(LabelsOfTs, a_declared_class_may_be_in_the_test_part_alone_and_is_named) {
  const auto train = dir_.write("a.ts", "@classLabel true a b\n@data\n1:a\n2:a\n"),
             test = dir_.write("t.ts", "@classLabel true a b\n@data\n1:b\n"),
             wrong = dir_.write("w.ts", "@classLabel true\n@data\n1:a\n1:c\n");
  const auto table = import_files("ts", {train}, {{"test", {test}}, {"validation", {"0"}}});
  EXPECT_THAT(table.header.output_names, ElementsAre("a", "b"));
  EXPECT_THAT(table.remarks, ElementsAre(HasSubstr("1 of 2 classes have no training sequence")));
  EXPECT_THAT(error_of<DataError>([&] {
                import_files("ts", {train}, {{"test", {wrong}}});
              }),
              HasSubstr("w.ts:4: label 'c' never occurs in"));
}

TEST_F(LabelsOfTs, what_a_file_says_of_itself_is_checked) {
  const auto with = [&](const std::string& keys, const std::string& cases) {
    return error(keys + "@classLabel true\n@data\n" + cases);
  };
  EXPECT_THAT(with("@dimensions 2\n", "1:2:a\n1:2:3:a\n"),
              HasSubstr("a.ts:5: has 3 dimensions, but the first case has 2"));
  EXPECT_THAT(with("@dimensions 2\n", "1:2:3:a\n"),
              HasSubstr("a.ts:4: has 3 dimensions, but the file says @dimensions 2"));
  EXPECT_THAT(with("@univariate true\n", "1:2:a\n"),
              HasSubstr("a.ts:4: has 2 dimension(s), but the file says @univariate true"));
  EXPECT_THAT(with("@univariate false\n", "1:a\n"), HasSubstr("@univariate false"));
  EXPECT_THAT(with("@seriesLength 3\n", "1,2,3:a\n1,2:a\n"),
              HasSubstr("a.ts:5: has 2 steps, but the file says @seriesLength 3"));
  EXPECT_THAT(with("@equalLength true\n", "1,2,3:a\n1,2:a\n"), HasSubstr("a.ts:5: has 2 steps and the first case 3"));
  EXPECT_THAT(with("@equalLength false\n@seriesLength 2\n", "1:a\n1,2,3:a\n"), HasSubstr("a.ts:6: has 3 steps"));
  EXPECT_EQ(with("@equalLength false\n@seriesLength 3\n", "1:a\n1,2,3:a\n"), "");
  EXPECT_EQ(
      with("@problemName x\n@timeStamps FALSE\n@missing false\n@univariate true\n@dimension 1\n@equalLength true\n"
           "@seriesLength 2\n",
           "1,2:a\n3,4:b\n"),
      "");
}

TEST_F(LabelsOfTs, keys_that_say_nothing_clear_are_refused) {
  EXPECT_THAT(error("@clasLabel true\n@data\n1:a\n"), HasSubstr("a.ts:1: unknown key '@clasLabel'"));
  EXPECT_THAT(error("@univariate yes\n@data\n1:a\n"), HasSubstr("@univariate is true or false, not 'yes'"));
  EXPECT_THAT(error("@dimensions many\n@data\n1:a\n"), HasSubstr("@dimensions is a whole number above 0"));
  EXPECT_THAT(error("@classLabel true\n@classLabel true a\n@data\n1:a\n"),
              HasSubstr("a.ts:2: @classLabel is given twice"));
  EXPECT_THAT(error("@classLabel true a\n@targetLabel true\n@data\n1:a\n"), HasSubstr("which is it?"));
}

TEST_F(LabelsOfTs, numbers_to_predict_that_are_declared_as_classes_are_named) {
  std::string cases = "@classLabel true\n@data\n";
  for (int i = 0; i < 12; ++i) cases += fmt::format("{}:{}\n", i, 0.37 * i);
  EXPECT_THAT(error(cases),
              HasSubstr("its class labels are 12 different numbers in 12 sequences, such as '0.37'; if they "
                        "are numbers to predict, write '@targetLabel true'"));
}

TEST_F(LabelsOfTs, values_beyond_32_bits_are_refused_with_their_line) {
  EXPECT_THAT(error("@classLabel true\n@data\n1,2:a\n1,-1e39:a\n"),
              HasSubstr("a.ts:4: '-1e39' (dimension 1, step 2) is too large for a 32-bit number"));
  EXPECT_THAT(error("@targetLabel true\n@data\n1,2:1e39\n"),
              HasSubstr("a.ts:3: '1e39' (the number to predict) is too large"));
  EXPECT_THAT(error("@targetLabel true\n@data\n1,2:wide\n"),
              HasSubstr("a.ts:3: 'wide' (the number to predict) is no number"));
  EXPECT_THAT(error("@classLabel true\n@data\n1,nan:a\n"),
              HasSubstr("a.ts:3: 'nan' (dimension 1, step 2) is no number"));
}

TEST_F(LabelsOfTs, a_test_file_of_another_problem_is_remarked) {
  const auto train = dir_.write("a.ts", "@problemName Gestures_TRAIN\n@classLabel true\n@data\n1:a\n2:b\n");
  const auto remarks = [&](const std::string& name) {
    const auto test = dir_.write("t.ts", "@problemName " + name + "\n@classLabel true\n@data\n1:a\n2:b\n");
    return import_files("ts", {train}, {{"test", {test}}, {"validation", {"0"}}}).remarks;
  };
  EXPECT_THAT(remarks("gestures_test"), testing::IsEmpty());
  EXPECT_THAT(remarks("Vowels"), ElementsAre(HasSubstr("says it is of 'Vowels', but")));
}

}  // namespace
}  // namespace seqsweep::data
