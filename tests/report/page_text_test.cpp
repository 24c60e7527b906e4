// SPDX-License-Identifier: Apache-2.0
// What a page holds as text; page_test.py opens it in a browser.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "seqsweep/report/page.hpp"

#include "report/sweeps.hpp"

namespace seqsweep::report {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view opening = R"(<script type="application/json" id="data">)";

// What a browser takes for the element: all up to the first closing tag.
std::string data_of(const std::string& page) {
  const auto begin = page.find(opening) + opening.size();
  return page.substr(begin, page.find("</script", begin) - begin);
}

PageContext named(const std::string& path) {
  PageContext context;
  context.results_path = path;
  return context;
}

TEST(Escaping, leaves_no_character_that_could_open_or_close_a_tag_or_an_attribute) {
  EXPECT_EQ(html_escaped("<a b=\"c\" d='e'> & å"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt; &amp; å");
}

TEST(Escaping, of_json_in_a_script_means_the_same) {
  const std::string json = Json("</script><!-- å").dump();
  EXPECT_THAT(script_escaped(json), Not(HasSubstr("<")));
  EXPECT_EQ(Json::parse(script_escaped(json)), Json::parse(json));
}

TEST(Page, holds_hostile_texts_as_data_alone) {
  const auto html = page(test::hostile_sweep(), named(test::hostile_text));
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
  const auto data = Json::parse(data_of(html));
  EXPECT_THAT(data["sweep"]["dataset"].get<std::string>(), HasSubstr("<script>alert('out')</script><!--{data}-->"));
}

TEST(Page, has_one_row_of_the_heat_map_for_the_farthest_steps_however_long_the_sequences_of_an_epoch_were) {
  auto results = test::large_sweep(30);
  for (auto& epoch : results.epochs)
    epoch.gradient_flow = {{0, 0, 0, 1.0}, {0, 1, 1 + epoch.epoch, 0.5}};  // layer, from, to, norm
  const auto data = Json::parse(data_of(page(results, named("results.h5"))));
  const auto& layer = data["gradients"]["trials"][0]["layers"][0];
  ASSERT_GT(layer["epochs"].size(), 1U);
  const auto last = layer["epochs"].back().get<int>();
  EXPECT_EQ(layer["distances"], (Json{{0, 0}, {1, 1 + last}}));
  EXPECT_EQ(layer["cells"].size(), 2 * layer["epochs"].size());
  EXPECT_EQ(layer["cells"].back(), (Json{layer["epochs"].size() - 1, 1, 0.5}));
}

TEST(Page, says_what_the_results_say) {
  const auto results = test::large_sweep(30);
  const auto data = Json::parse(data_of(page(results, named("results.h5"))));
  double best = 1e9;
  for (const auto& segment : results.segments) best = std::min(best, segment.value);
  EXPECT_EQ(data["sweep"]["best"]["value"], best);
  EXPECT_EQ(data["trials"]["value"][0], best);
  EXPECT_EQ(data["trials"]["number"].size(), 30U);
  EXPECT_EQ(data["progress"]["best"].back()[4], best);
  EXPECT_THAT(data["sweep"]["best"]["command"].get<std::string>(), HasSubstr("--trial results.h5:"));
}

TEST(Page, holds_the_recorded_config_with_its_dimensions_in_their_order) {
  store::Results results;
  results.header.dimensions = {{"model.cell", search::Choice{{"rnn", "gru"}}, {}},
                               {"data.batch_size", search::Choice{{"8", "16"}}, {}},
                               {"model.activation", search::Choice{{"tanh", "relu"}}, {}}};
  results.header.definition = {{"data.batch_size", "choice(8, 16)"},
                               {"data.fingerprint", "0123"},
                               {"model.activation", "choice(tanh, relu) if model.cell == rnn"},
                               {"model.cell", "choice(rnn, gru)"},
                               {"model.hidden_size", "64"},
                               {"sweep.seed", "1"}};
  EXPECT_EQ(
      Json::parse(data_of(page(results, named("results.h5"))))["record"]["config"],
      "[model]\ncell = choice(rnn, gru)\nactivation = choice(tanh, relu) if model.cell == rnn\nhidden_size = 64\n\n"
      "[data]\nbatch_size = choice(8, 16)\n\n[sweep]\nseed = 1\n");
}

TEST(Page, quotes_paths_in_the_command_for_the_shell) {
  const auto data = Json::parse(data_of(page(test::large_sweep(8), named("my 'own' results.h5"))));
  EXPECT_THAT(data["sweep"]["best"]["command"].get<std::string>(), HasSubstr(R"(--trial 'my '\''own'\'' results.h5:)"));
}

TEST(Page, of_ten_thousand_trials_is_smaller_than_ten_megabytes) {
  EXPECT_LT(page(test::large_sweep(10000), named("results.h5")).size(), 10'000'000U);
}

TEST(Page, of_nothing_or_of_failures_alone_has_no_best) {
  EXPECT_TRUE(Json::parse(data_of(page(test::empty_sweep(), named("results.h5"))))["sweep"]["best"].is_null());
  const auto failed = Json::parse(data_of(page(test::failed_sweep(), named("results.h5"))));
  EXPECT_TRUE(failed["sweep"]["best"].is_null());
  ASSERT_EQ(failed["failures"].size(), 1U);
  EXPECT_EQ(failed["failures"][0]["trials"].size(), 8U);
}

TEST(Page, asks_the_browser_to_load_nothing) {
  EXPECT_THAT(page(test::empty_sweep(), named("results.h5")), HasSubstr("default-src 'none'"));
}

}  // namespace
}  // namespace seqsweep::report
