// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/report/importance_report.hpp"

#include "command_line.hpp"
#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;
using report::BestRegion;
using report::ImportanceReport;
using search::Value;

constexpr auto about =
    "Which dimensions of a sweep matter: the share of the variance of what was measured that is due to\n"
    "each dimension alone and to each pair beyond that (functional ANOVA by a random forest; Hutter,\n"
    "Hoos, Leyton-Brown 2014), over the whole space that was searched, and where the best tenth of the\n"
    "trials lie. Trials that diverged or failed count as the worst. Live files may be read, too.\n"
    "\n"
    "--json prints one object with the keys\n"
    "  metric, goal, num_trials, epoch (trials are compared after so many epochs), is_enough (trials),\n"
    "  predicted_share (of the variance of trials that the forest has not seen), num_best,\n"
    "  dimensions [{name, share, spread, best {num_trials, low, high, choice, num_choice}}],\n"
    "  pairs [{first, second, share, spread}], rest (three or more dimensions together).\n"
    "Shares are of 1, spreads their standard deviations over the trees of the forest; best holds the\n"
    "range of numbers or the most frequent choice; what does not apply is null. Keys are never renamed.";

std::string text_of(const Value& value) {
  const auto* real = std::get_if<double>(&value);
  return real != nullptr ? four_digits(*real) : search::text_of(value);
}

std::string text_of(const BestRegion& region) {
  if (region.num_trials == 0) return "–";
  if (region.choice) return fmt::format("{} ({} of {})", *region.choice, region.num_choice, region.num_trials);
  if (*region.low == *region.high) return text_of(*region.low);
  return fmt::format("{} to {}", text_of(*region.low), text_of(*region.high));
}

constexpr std::string_view bar_title = "of the variance";
constexpr int bar_width = 20;

std::string bar(double share) {
  const int full = static_cast<int>(std::lround(bar_width * share));
  std::string text;
  for (int i = 0; i < bar_width; ++i) text += i < full ? "█" : "·";
  return text;
}

std::string dimension_lines(const ImportanceReport& report) {
  std::vector<std::size_t> order(report.best.size());
  for (std::size_t d = 0; d < order.size(); ++d) order[d] = d;
  const auto& shares = report.importance.dimensions;
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return shares[a].mean > shares[b].mean; });
  TextTable table{{{"dimension", true}, {"share", false}, {"±", false}, {std::string(bar_title), true}}, {}};
  for (const auto d : order)
    table.rows.push_back({report.name(d), percent(shares[d].mean), percent(shares[d].sd), bar(shares[d].mean)});
  // Regions may be long: they are wrapped beside the table.
  const auto lines = split(trim(table.text()), '\n');
  const auto gap = bar_width - bar_title.size() + 2;
  std::string text = fmt::format("\n  {}{:{}}the best {}\n", lines[0], "", gap, report.num_best);
  for (std::size_t i = 0; i < order.size(); ++i) text += wrapped(lines[i + 1] + "  ", text_of(report.best[order[i]]));
  return text;
}

std::string pair_lines(const ImportanceReport& report, std::size_t num_pairs) {
  const auto& pairs = report.importance.pairs;
  TextTable table{{{"pair, beyond what each does alone", true}, {"share", false}, {"±", false}}, {}};
  for (std::size_t i = 0; i < std::min(num_pairs, pairs.size()); ++i) {
    const auto& [first, second, share] = pairs[i];
    table.rows.push_back(
        {fmt::format("{} × {}", report.name(first), report.name(second)), percent(share.mean), percent(share.sd)});
  }
  return table.rows.empty() ? "" : "\n" + table.text();
}

std::string verdict(const ImportanceReport& report) {
  const double share = report.importance.predicted_share;
  const auto rest = fmt::format("Three or more dimensions together: {}. ", percent(report.rest()));
  std::string text = report.best.size() > 2 ? rest : "";
  if (share > 0)
    text += fmt::format("The forest behind this predicts {} of the variance of trials that it has not seen.",
                        percent(share));
  else
    text += "The forest behind this predicts unseen trials no better than their mean does: shares are chance.";
  if (report.importance.num_trials < search::enough_for_importance)
    text += fmt::format(" From {} trials shares are mostly chance; {} or more tell.", report.importance.num_trials,
                        search::enough_for_importance);
  return text;
}

std::string to_text(const ImportanceReport& report, std::size_t num_pairs) {
  const auto& [epoch, num_trials, predicted_share, dimensions, pairs] = report.importance;
  if (dimensions.empty()) return "Nothing is searched: every key is a constant.\n";
  if (num_trials == 0)
    return report.is_sealed ? "No trial has a usable value: all diverged or failed.\n" : "No trial has a value yet.\n";
  auto text = wrapped("", fmt::format("What matters for {}, from {} trial{} after {} epoch{}", report.header.metric,
                                      num_trials, num_trials == 1 ? "" : "s", epoch, epoch == 1 ? "" : "s"));
  if (!report.has_values) return text + wrapped("", "None of them has a usable value: all diverged or failed.");
  if (!report.has_shares())
    return text + wrapped("", num_trials == 1 ? "One trial tells nothing." : "All of them came to the same value.");
  return text + dimension_lines(report) + pair_lines(report, num_pairs) + "\n" + wrapped("", verdict(report));
}

Json to_json(const std::optional<Value>& value) {
  if (!value) return nullptr;
  return std::visit([](const auto& held) { return Json(held); }, *value);
}

Json to_json(const BestRegion& region) {
  return {{"num_trials", region.num_trials},
          {"low", to_json(region.low)},
          {"high", to_json(region.high)},
          {"choice", region.choice ? Json(*region.choice) : Json(nullptr)},
          {"num_choice", region.choice ? Json(region.num_choice) : Json(nullptr)}};
}

std::string to_json(const ImportanceReport& report, std::size_t num_pairs) {
  const auto& importance = report.importance;
  Json dimensions = Json::array();
  for (std::size_t d = 0; d < report.best.size(); ++d) {
    const auto& [mean, sd] = importance.dimensions[d];
    dimensions.push_back(
        {{"name", report.name(d)}, {"share", mean}, {"spread", sd}, {"best", to_json(report.best[d])}});
  }
  Json pairs = Json::array();
  for (std::size_t i = 0; i < std::min(num_pairs, importance.pairs.size()); ++i) {
    const auto& [first, second, share] = importance.pairs[i];
    pairs.push_back(
        {{"first", report.name(first)}, {"second", report.name(second)}, {"share", share.mean}, {"spread", share.sd}});
  }
  Json json;
  json["metric"] = report.header.metric;
  json["goal"] = search::name_of(report.header.goal);
  json["num_trials"] = importance.num_trials;
  json["epoch"] = importance.epoch;
  json["is_enough"] = importance.num_trials >= search::enough_for_importance;
  json["predicted_share"] = importance.predicted_share;
  json["num_best"] = report.num_best;
  json["dimensions"] = std::move(dimensions);
  json["pairs"] = std::move(pairs);
  json["rest"] = report.has_shares() ? Json(report.rest()) : Json(nullptr);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int run_importance(Arguments arguments) {
  CommandLineSpec spec{"importance", {"RESULTS.h5"}, about, po::options_description("options", terminal_columns)};
  spec.options.add_options()("json", "print JSON instead of text")  //
      ("pairs", po::value<int>()->default_value(5)->value_name("N"), "show the N strongest pairs");
  const auto line = read_command_line(std::move(spec), arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  const int pairs = line->options["pairs"].as<int>();
  if (pairs < 0) throw ConfigError("--pairs must be 0 or more", "command line", "pairs");

  const auto results = store::read_results(line->positional.at("RESULTS.h5"), store::Parts::without_epochs);
  const auto report = report::importance_of(results);
  const auto num_pairs = static_cast<std::size_t>(pairs);
  std::cout << (line->options.count("json") > 0 ? to_json(report, num_pairs) : to_text(report, num_pairs));
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
