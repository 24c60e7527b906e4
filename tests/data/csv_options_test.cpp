// SPDX-License-Identifier: Apache-2.0
// Every option of `import csv` is used or refused; conditions that match nothing say what there is.
#include <fmt/format.h>

#include "data/csv_support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;

class CsvOptions : public CsvText {
 protected:
  static std::string rows() {
    std::string text = "id,part,t,v,w,c\n";
    for (int i = 0; i < 12; ++i)
      text += fmt::format("{},{},{},{},{},{}\n", i / 2, i / 2 % 3 == 0 ? "test" : "train", i, i * i, i % 5,
                          i / 2 % 2 == 0 ? "up" : "down");
    return text;
  }
  std::string error(const Given& given) { return config_error(rows(), given); }
};

const Given windows = {{"target", {"v"}}, {"window", {"2"}}};
const Given classes = {{"sequence-column", {"id"}}, {"class-column", {"c"}}, {"features", {"v"}}};
const Given numbers = {{"sequence-column", {"id"}}, {"target", {"w"}}, {"features", {"v"}}};

TEST_F(CsvOptions, that_do_not_apply_to_windows_are_refused) {
  const auto base = with(windows, {{"features", {"v"}}});
  EXPECT_EQ(error(base), "");
  const Given inapplicable = {{"class-column", {"c"}}, {"test-every", {"3"}}, {"test-where", {"part=test"}},
                              {"validation", {"0.2"}}, {"seed", {"7"}},       {"skip-columns", {"w"}},
                              {"season", {"2"}}};
  for (const auto& option : inapplicable)
    EXPECT_THAT(error(with(base, {option})), HasSubstr("--" + option.first + ":")) << option.first;
  EXPECT_THAT(error(with(base, {{"split", {"1,0"}}, {"split-rows", {"6,8"}}})), HasSubstr("give one of --split"));
}

TEST_F(CsvOptions, that_do_not_apply_to_stacked_targets_are_refused) {
  const auto base = with(windows, {{"stack-targets", {}}, {"target", {"v,w"}}});
  EXPECT_EQ(error(base), "");
  EXPECT_THAT(error(with(base, {{"skip-columns", {"t"}}})), HasSubstr("--skip-columns:"));
  EXPECT_THAT(error(with(base, {{"unit", {"m"}}})), HasSubstr("--unit:"));
  EXPECT_THAT(error(with(base, {{"features", {"v"}}})), HasSubstr("--features:"));
  EXPECT_THAT(error(with(base, {{"features", {"v,t"}}})), HasSubstr("--stack-targets:"));
}

TEST_F(CsvOptions, that_do_not_apply_to_whole_sequences_are_refused) {
  EXPECT_EQ(error(classes), "");
  EXPECT_EQ(error(numbers), "");
  for (const auto* option : {"window", "horizon", "stride", "season", "split-rows", "split-dates", "group"})
    EXPECT_THAT(error(with(classes, {{option, {"2"}}})), HasSubstr(fmt::format("--{}:", option)));
  EXPECT_THAT(error(with(classes, {{"gaps", {"break"}}})), HasSubstr("--gaps:"));
  EXPECT_THAT(error(with(classes, {{"difference", {}}})), HasSubstr("--difference:"));
  EXPECT_THAT(error(with(classes, {{"stack-targets", {}}})), HasSubstr("--stack-targets:"));
  EXPECT_THAT(error(with(classes, {{"target", {"w"}}})), HasSubstr("--class-column:"));
  EXPECT_THAT(error(with(classes, {{"unit", {"m"}}})), HasSubstr("--unit:"));
}

TEST_F(CsvOptions, of_the_split_are_used_or_refused) {
  EXPECT_THAT(error(with(classes, {{"validation", {"0.2"}}})), HasSubstr("--validation: has no effect"));
  for (const auto* base : {&classes, &numbers}) {
    EXPECT_THAT(error(with(*base, {{"split", {"1,0"}}, {"test-every", {"3"}}})), HasSubstr("--split:"));
    EXPECT_THAT(error(with(*base, {{"split", {"1,0"}}, {"test-where", {"part=test"}}})), HasSubstr("--split:"));
    EXPECT_THAT(error(with(*base, {{"test-every", {"3"}}, {"test-where", {"part=test"}}})), HasSubstr("--test-where:"));
  }
}

TEST_F(CsvOptions, conditions_that_match_nothing_list_what_occurs) {
  EXPECT_THAT(error(with(classes, {{"test-where", {"part=TEST"}}})),
              HasSubstr("--test-where: no sequence has 'TEST' in column 'part'; there are 'test', 'train'"));
  EXPECT_THAT(error(with(classes, {{"test-where", {"part"}}})), HasSubstr("takes COLUMN=VALUE"));
  EXPECT_THAT(config_error(
                  "id,p,v,c\n1,a,1,x\n2,a,2,y\n",
                  {{"sequence-column", {"id"}}, {"class-column", {"c"}}, {"features", {"v"}}, {"test-where", {"p=a"}}}),
              HasSubstr("all sequences have 'a'"));
  EXPECT_THAT(error(with(classes, {{"test-every", {"7"}}})), HasSubstr("--test-every: there are only 6 sequences"));
  std::string many = "id,p,v,c\n";
  for (int i = 0; i < 30; ++i) many += fmt::format("{0},p{0},1,{1}\n", i, i % 2);
  EXPECT_THAT(
      config_error(
          many, {{"sequence-column", {"id"}}, {"class-column", {"c"}}, {"features", {"v"}}, {"test-where", {"p=q"}}}),
      HasSubstr("… (20 more)"));
}

TEST_F(CsvOptions, a_group_with_too_few_rows_for_the_cuts_is_named) {
  EXPECT_THAT(
      data_error(
          "g,v\na,1\na,2\na,3\na,4\nb,1\nb,2\n",
          {{"group", {"g"}}, {"target", {"v"}}, {"features", {"v"}}, {"window", {"1"}}, {"split-rows", {"2,3"}}}),
      HasSubstr("group 'b' has 2 rows, fewer than --split-rows 2,3"));
}

TEST_F(CsvOptions, periods_that_the_dates_have_no_place_in_are_refused) {
  EXPECT_THAT(config_error("m,v\n2016-01,1\n2016-02,2\n2016-03,3\n",
                           {{"target", {"v"}}, {"window", {"1"}}, {"time-features", {"weekday"}}}),
              HasSubstr("'2016-01' has no place in its weekday"));
}

// Where a part begins and ends, to the row: 20 rows, window 1, so that row r is the target of the window from r - 1.
TEST_F(CsvOptions, cuts_lie_exactly_where_they_are_told) {
  std::string text = "date,v\n";
  for (int t = 0; t < 20; ++t) text += fmt::format("2020-01-{:02},{}\n", t + 1, t);
  const auto parts = [&](const Given& cut) {
    const auto table = import(text, with({{"target", {"v"}}, {"window", {"1"}}}, cut));
    std::vector<std::vector<float>> targets(3);
    for (std::size_t i = 0; i < table.sequences.size(); ++i)
      targets[static_cast<std::size_t>(table.sequences[i].split)].push_back(table.targets[i]);
    std::vector<std::pair<float, float>> ends;
    for (const auto& part : targets)
      ends.emplace_back(part.empty() ? -1 : part.front(), part.empty() ? -1 : part.back());
    return ends;
  };
  using P = std::pair<float, float>;
  EXPECT_THAT(parts({{"split", {"0.7,0.15,0.15"}}}), ElementsAre(P(1, 13), P(14, 16), P(17, 19)));
  EXPECT_THAT(parts({{"split", {"0.55,0.35,0.1"}}}), ElementsAre(P(1, 10), P(11, 17), P(18, 19)));
  EXPECT_THAT(parts({{"split", {"0.5,0.5"}}}), ElementsAre(P(1, 9), P(10, 19), P(-1, -1)));
  EXPECT_THAT(parts({{"split-rows", {"13,17"}}}), ElementsAre(P(1, 12), P(13, 16), P(17, 19)));
  EXPECT_THAT(parts({{"split-rows", {"13,17,19"}}}), ElementsAre(P(1, 12), P(13, 16), P(17, 18)));
  EXPECT_THAT(parts({{"split-rows", {"13,20,20"}}}), ElementsAre(P(1, 12), P(13, 19), P(-1, -1)));
  EXPECT_THAT(parts({{"split-dates", {"2020-01-14,2020-01-18"}}}), ElementsAre(P(1, 12), P(13, 16), P(17, 19)));
  EXPECT_THAT(parts({{"split-dates", {"2020-01-14,2020-01-18,2020-01-20"}}}),
              ElementsAre(P(1, 12), P(13, 16), P(17, 18)));
  EXPECT_THAT(parts({{"split-dates", {"2020-01-13T00:01,2020-01-18"}}}), ElementsAre(P(1, 12), P(13, 16), P(17, 19)));
}

}  // namespace
}  // namespace seqsweep::data
