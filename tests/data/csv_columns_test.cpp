// SPDX-License-Identifier: Apache-2.0
// Which columns the network sees: never what it is to predict of a whole sequence, never an index of the rows.
#include "data/csv_support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;

class CsvColumns : public CsvText {};

constexpr auto scores = "id,v,score,kind,place\n1,5,0.5,a,x\n1,6,0.5,a,x\n2,7,0.7,b,y\n3,8,0.9,a,x\n";
const Given whole = {{"sequence-column", {"id"}}, {"split", {"1,0"}}};

TEST_F(CsvColumns, the_target_of_a_whole_sequence_is_no_feature) {
  const auto table = import(scores, with(whole, {{"target", {"score"}}, {"skip-columns", {"kind,place"}}}));
  EXPECT_THAT(table.header.feature_names, ElementsAre("v"));
  EXPECT_THAT(table.features, ElementsAre(5, 6, 7, 8));
  const auto both = import("id,v,a,b\n1,5,1,2\n2,6,3,4\n", with(whole, {{"target", {"b,a"}}}));
  EXPECT_THAT(both.header.feature_names, ElementsAre("v"));
}

TEST_F(CsvColumns, naming_the_answer_among_the_inputs_is_refused) {
  const auto error = [&](const Given& more) { return config_error(scores, with(whole, more)); };
  EXPECT_THAT(error({{"target", {"score"}}, {"features", {"v,score"}}}),
              HasSubstr("--features: 'score' is what is to be predicted"));
  EXPECT_THAT(error({{"target", {"score"}}, {"features", {"v"}}, {"categorical", {"score"}}}),
              HasSubstr("--categorical: 'score' is what is to be predicted"));
  EXPECT_THAT(error({{"class-column", {"kind"}}, {"features", {"v"}}, {"categorical", {"kind"}}}),
              HasSubstr("--categorical: 'kind' is what is to be predicted"));
  EXPECT_THAT(
      config_error("id,v,kind\n1,5,0\n2,6,1\n", with(whole, {{"class-column", {"kind"}}, {"features", {"v,kind"}}})),
      HasSubstr("--features: 'kind' is what is to be predicted"));
  EXPECT_THAT(error({{"target", {"all-features"}}, {"features", {"v"}}}), HasSubstr("--target: all-features"));
}

TEST_F(CsvColumns, the_past_of_a_windows_target_stays_a_feature) {
  const auto table = import("v,score\n1,2\n3,4\n5,6\n", {{"target", {"score"}}, {"window", {"1"}}, {"split", {"1,0"}}});
  EXPECT_THAT(table.header.feature_names, ElementsAre("v", "score"));
}

TEST_F(CsvColumns, columns_with_another_role_are_no_features) {
  const auto table = import(scores, {{"sequence-column", {"id"}},
                                     {"class-column", {"kind"}},
                                     {"test-where", {"place=y"}},
                                     {"skip-columns", {"score"}},
                                     {"validation", {"0"}}});
  EXPECT_THAT(table.header.feature_names, ElementsAre("v"));
  const auto grouped = import("g,t,v\n1,2020-01-01,1\n1,2020-01-02,2\n2,2020-01-01,3\n2,2020-01-02,4\n",
                              {{"group", {"g"}}, {"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}});
  EXPECT_THAT(grouped.header.feature_names, ElementsAre("v"));
}

// pandas' to_csv() writes the index as a column without a name, and read_csv() then calls it "Unnamed: 0".
TEST_F(CsvColumns, an_index_without_a_name_is_left_out_and_that_is_said) {
  const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  for (const std::string name : {"", "Unnamed: 0"}) {
    const auto text = name + ",v\n0,5\n1,6\n2,7\n";
    EXPECT_THAT(import(text, given).header.feature_names, ElementsAre("v")) << name;
    EXPECT_THAT(said(text, given), HasSubstr("is taken for an index of the rows and is no feature")) << name;
  }
  EXPECT_THAT(import("Unnamed: 0,v\n0,5\n1,6\n", with(given, {{"features", {"Unnamed: 0"}}})).header.feature_names,
              ElementsAre("Unnamed: 0"));
}

TEST_F(CsvColumns, an_index_of_dates_without_a_name_is_the_time) {
  const auto table = import(",v\n2020-01-03,7\n2020-01-02,6\n2020-01-01,5\n",
                            {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}});
  EXPECT_THAT(table.header.feature_names, ElementsAre("v"));
  EXPECT_THAT(table.features, ElementsAre(5, 6, 7));
}

TEST_F(CsvColumns, any_other_column_without_a_name_is_refused_where_it_would_be_a_feature) {
  const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  const auto text = "v,\n1,2\n3,4\n";
  EXPECT_THAT(data_error(text, given), HasSubstr("data.csv:1: column 2 has no name"));
  EXPECT_THAT(import(text, with(given, {{"features", {"v"}}})).features, ElementsAre(1, 3));
  EXPECT_THAT(data_error("v,\n1,\n3,4\n", given), HasSubstr("data.csv:1: column 2 has no name"));
}

TEST_F(CsvColumns, one_without_a_name_and_without_a_value_is_left_out_and_that_is_said) {
  const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  EXPECT_THAT(import("v,\n1,\n3,\n", given).features, ElementsAre(1, 3));
  EXPECT_THAT(said("v,\n1,\n3,\n", given), HasSubstr("column 2 has neither a name nor a value"));
}

TEST_F(CsvColumns, a_column_named_twice_is_refused) {
  EXPECT_THAT(config_error("v,w\n1,2\n3,4\n", {{"target", {"v"}}, {"features", {"w,w"}}, {"window", {"1"}}}),
              HasSubstr("--features: names column 'w' twice"));
}

}  // namespace
}  // namespace seqsweep::data
