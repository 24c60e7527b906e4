// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seqsweep/core/error.hpp"

#include "command_line.hpp"
#include "comparison.hpp"
#include "report_text.hpp"
#include "sparkline.hpp"
#include "terminal.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr auto about =
    "Several sweeps of the same metric on the same data side by side: the best value of each against the\n"
    "floor, what it cost, how it came down (on one axis of epochs), what differs in their definitions, and\n"
    "whether the best configurations differ by more than seeds do. For the last each needs replicates of\n"
    "its best trial (--sweep.replicate_best=1): their means are compared by Welch's t, with a 95 % interval.\n"
    "The sweeps may still be running. Whether two files agree bit for bit is what `seqsweep diff` tells.\n"
    "\n"
    "--json prints one object with the keys\n"
    "  metric, goal,\n"
    "  sweeps [{file, is_sealed, best {trial, value, test} or null, floor, num_trials, num_epochs,\n"
    "  node_hours, replicates {trial, count, mean, standard_error} or null,\n"
    "  best_so_far {epochs [], values []}}],\n"
    "  differing {key: [value by sweep, null where it has none]},\n"
    "  tests [{better, worse (files), difference, low, high, exceeds_spread (null: not known), sentence}].\n"
    "Keys are never renamed.";

// ---- for people

std::string spread_text(const ComparedSweep& sweep) {
  if (!sweep.spread) return "–";
  const auto& value = sweep.spread->value;
  if (std::isnan(value.standard_error)) return four_digits(value.mean);
  return fmt::format("{} ± {}", four_digits(value.mean), two_digits(value.standard_error));
}

// All on one axis and one scale.
std::string curve_lines(const std::vector<ComparedSweep>& sweeps, const TextStyle& style) {
  TextTable table;
  table.columns = {{"sweep", true}, {"curve", true}};
  std::int64_t longest = 1;  // [epochs]
  for (const auto& sweep : sweeps) {
    table.rows.push_back({first_columns(sweep.path, style.columns / 4), ""});
    longest = std::max(longest, sweep.best_so_far.num_epochs);
  }
  constexpr std::size_t most = 100;
  const std::size_t width = std::min(style.columns - table.width() + std::string("curve").size(), most);
  std::vector<std::vector<double>> curves;
  std::vector<double> all;
  for (const auto& sweep : sweeps) {
    const auto share = static_cast<double>(sweep.best_so_far.num_epochs) / static_cast<double>(longest);
    const auto count = std::max(1.0, std::round(share * static_cast<double>(width)));
    curves.push_back(sweep.best_so_far.sampled(static_cast<std::size_t>(count)));
    all.insert(all.end(), curves.back().begin(), curves.back().end());
  }
  const auto scale = scale_of(std::move(all));
  for (std::size_t i = 0; i < sweeps.size(); ++i) table.rows[i][1] = sparkline(curves[i], scale);
  const auto title = fmt::format("Best so far by epochs, up to {}; ▁ {}, █ {}{}", longest, four_digits(scale.low),
                                 four_digits(scale.high), scale.is_logarithmic ? ", logarithmic" : "");
  const auto text = table.text();
  return style.heading(title) + text.substr(text.find('\n') + 1);
}

TextTable sweep_table(const std::vector<ComparedSweep>& sweeps, const TextStyle& style) {
  TextTable table;
  const auto& metric = sweeps.front().header.metric;
  table.columns = {{"sweep", true}, {metric},   {"test"},   {"over seeds"},
                   {"trial"},       {"trials"}, {"epochs"}, {"node-hours"}};
  for (const auto& sweep : sweeps)
    table.rows.push_back({first_columns(sweep.path, style.columns / 4), four_digits(sweep.value),
                          four_digits(sweep.test), spread_text(sweep),
                          sweep.trial ? std::to_string(sweep.trial->value) : "–", std::to_string(sweep.num_trials),
                          std::to_string(sweep.best_so_far.num_epochs), four_digits(sweep.node_hours)});
  for (const auto* least_telling : {"trial", "node-hours", "test"})
    if (table.width() > style.columns) table.drop(least_telling);
  return table;
}

// As wide as the terminal, shared equally by the sweeps.
std::string differing_lines(const Comparison& comparison, const TextStyle& style) {
  if (comparison.differing.empty()) return style.heading("Their definitions are the same");
  TextTable table;
  table.columns = {{"key", true}};
  std::size_t longest_key = 0;
  for (const auto& [key, values] : comparison.differing) longest_key = std::max(longest_key, key.size());
  const std::size_t least = 12, used = longest_key + 2;
  const std::size_t share =
      std::max(least, (style.columns - std::min(style.columns, used)) / comparison.sweeps.size() - 2);
  for (const auto& sweep : comparison.sweeps) table.columns.push_back({first_columns(sweep.path, share), true});
  for (const auto& [key, values] : comparison.differing) {
    table.rows.push_back({key});
    for (const auto& value : values) table.rows.back().push_back(value.empty() ? "–" : first_columns(value, share));
  }
  return style.heading("What differs in their definitions") + table.text();
}

std::string to_text(const Comparison& comparison, const TextStyle& style) {
  const auto& first = comparison.sweeps.front();
  auto title = fmt::format("{} sweeps of {}", comparison.sweeps.size(), first.header.metric);
  if (!first.header.dataset_name.empty()) title += fmt::format(" on data set '{}'", first.header.dataset_name);
  if (!std::isnan(first.floor)) title += fmt::format(" (floor {})", four_digits(first.floor));
  auto text = style.painted(title, TextStyle::Paint::strong) + "\n" + sweep_table(comparison.sweeps, style).text() +
              curve_lines(comparison.sweeps, style) + style.heading("Do the best configurations differ?");
  for (const auto& test : comparison.tests) text += wrapped("  ", test.sentence, style.prose_columns());
  return text + differing_lines(comparison, style);
}

// ---- for programs

Json to_json(const ComparedSweep& sweep) {
  Json best = nullptr, replicates = nullptr, epochs = Json::array(), values = Json::array();
  if (sweep.trial) best = {{"trial", sweep.trial->value}, {"value", sweep.value}, {"test", sweep.test}};
  if (sweep.spread)
    replicates = {{"trial", sweep.spread->trial.value},
                  {"count", sweep.spread->num_replicates - sweep.spread->num_lost},
                  {"mean", sweep.spread->value.mean},
                  {"standard_error", sweep.spread->value.standard_error}};
  for (const auto& one : sweep.best_so_far.improvements) {
    epochs.push_back(one.num_epochs);
    values.push_back(one.value);
  }
  return {{"file", sweep.path},
          {"is_sealed", sweep.is_sealed},
          {"best", std::move(best)},
          {"floor", sweep.floor},
          {"num_trials", sweep.num_trials},
          {"num_epochs", sweep.best_so_far.num_epochs},
          {"node_hours", sweep.node_hours},
          {"replicates", std::move(replicates)},
          {"best_so_far", {{"epochs", std::move(epochs)}, {"values", std::move(values)}}}};
}

std::string to_json(const Comparison& comparison) {
  const auto& header = comparison.sweeps.front().header;
  Json sweeps = Json::array(), differing = Json::object(), tests = Json::array();
  for (const auto& sweep : comparison.sweeps) sweeps.push_back(to_json(sweep));
  for (const auto& [key, values] : comparison.differing)
    for (const auto& value : values) differing[key].push_back(value.empty() ? Json(nullptr) : Json(value));
  for (const auto& test : comparison.tests)
    tests.push_back({{"better", comparison.sweeps[test.better].path},
                     {"worse", comparison.sweeps[test.worse].path},
                     {"difference", test.difference},
                     {"low", test.low},
                     {"high", test.high},
                     {"exceeds_spread", test.exceeds_spread ? Json(*test.exceeds_spread) : Json(nullptr)},
                     {"sentence", test.sentence}});
  const Json json = {{"metric", header.metric},
                     {"goal", search::name_of(header.goal)},
                     {"sweeps", std::move(sweeps)},
                     {"differing", std::move(differing)},
                     {"tests", std::move(tests)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int run_compare(Arguments arguments) {
  CommandLineSpec spec{"compare", {"A.h5", "B.h5"}, about, po::options_description("options", terminal_columns)};
  spec.takes_more = true;
  spec.options.add_options()("json", "print JSON instead of text");
  const auto line = read_command_line(std::move(spec), arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  std::vector<ComparedSweep> sweeps = {read_compared(line->positional.at("A.h5")),
                                       read_compared(line->positional.at("B.h5"))};
  for (const auto& path : line->more) sweeps.push_back(read_compared(path));
  const auto comparison = compare(std::move(sweeps));
  std::cout << (line->options.count("json") > 0 ? to_json(comparison) : to_text(comparison, style_of_output()));
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
