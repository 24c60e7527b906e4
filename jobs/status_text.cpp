// SPDX-License-Identifier: Apache-2.0
// What `seqsweep status` prints for people.
#include "status_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"
#include "seqsweep/report/lineage.hpp"
#include "seqsweep/trial/settings.hpp"

#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

using report::SeedSpread;
using report::Spread;
using report::SweepSummary;
using report::TimeSpent;
using report::TrialLine;

std::string counted(std::int64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

// "learning_rate" of "train.learning_rate": sections only help where names repeat.
std::string short_name(const std::string& key) {
  return key.substr(key.rfind('.') + 1);
}

std::string value_text(const std::optional<search::Value>& value) {
  if (!value) return "–";
  if (const auto* real = std::get_if<double>(&*value)) return four_digits(*real);
  return search::text_of(*value);
}

std::string progress_line(const SweepSummary& summary) {
  std::vector<std::string> states;
  for (const auto& [state, number] : summary.trials_by_state)
    states.push_back(fmt::format("{} {}", number, search::name_of(state)));
  std::string others;
  if (summary.num_offspring > 0) others += fmt::format(", {} that went on from others", summary.num_offspring);
  if (summary.num_replicates > 0) others += fmt::format(", {}", counted(summary.num_replicates, "replicate"));
  return fmt::format("{} of {} begun{}{}{}; {} in {}",
                     summary.num_trials - summary.num_offspring - summary.num_replicates,
                     counted(summary.header.trials, "trial"), others, states.empty() ? "" : ": ", join(states, ", "),
                     counted(summary.num_epochs, "epoch"), counted(summary.num_segments, "finished segment"));
}

std::string time_line(const TimeSpent& time) {
  if (time.rank_s <= 0) return "no segment has finished yet";
  return fmt::format("{} of work, {} summed over ranks ({} gathering batches, {} in all-reduces, {} changing teams)",
                     human_seconds(time.working_s), human_seconds(time.rank_s), percent(time.data_share),
                     percent(time.reduce_share), percent(time.move_share));
}

std::string objectives_text(const store::ResultsHeader& header) {
  const auto text_of = [](search::Goal goal, const std::string& metric) {
    return (goal == search::Goal::maximize ? "maximize " : "minimize ") + metric;
  };
  std::vector<std::string> parts = {text_of(header.goal, header.metric)};
  for (const auto& metric : header.further_metrics) parts.push_back(text_of(metric.goal, metric.name));
  return join(parts, ", ");
}

std::string opening(const SweepSummary& summary) {
  const auto& header = summary.header;
  const auto defined = [&](const std::string& key) {
    const auto found = header.definition.find(key);
    return found == header.definition.end() ? std::string("–") : found->second;
  };
  const auto command = summary.command();
  const auto subject =
      command.empty() ? fmt::format("Sweep on data set '{}'", header.dataset_name) : "Sweep of a command";
  std::string text = fmt::format("{}: {}\n", subject,
                                 summary.is_sealed ? "finished and sealed" : "not finished (running, or stopped)");
  if (!command.empty()) text += wrapped("  command  ", command);
  text += wrapped("  trials   ", progress_line(summary));
  text += wrapped("  search   ",
                  fmt::format("{}; sampler {}, scheduler {}, seed {}, concurrency {}", objectives_text(header),
                              defined("search.sampler"), defined("search.scheduler"), defined("sweep.seed"),
                              defined("sweep.concurrency")));
  text += wrapped("  time     ", time_line(summary.time));
  return text;
}

std::string condition_text(const search::Dimension& dimension) {
  if (!dimension.condition) return "";
  const auto& [key, values] = *dimension.condition;
  return values.size() == 1 ? fmt::format(" if {} == {}", key, values[0])
                            : fmt::format(" if {} in ({})", key, join(values, ", "));
}

std::string dimension_lines(const SweepSummary& summary) {
  std::size_t widest = 0;
  for (const auto& dimension : summary.header.dimensions) widest = std::max(widest, dimension.name.size());
  std::string text =
      summary.header.dimensions.empty() ? "\nNothing is searched: every key is a constant.\n" : "\nDimensions\n";
  for (const auto& dimension : summary.header.dimensions) {
    text += wrapped(fmt::format("  {:<{}}  ", dimension.name, widest),
                    search::text_of(dimension.distribution) + condition_text(dimension));
  }
  return text;
}

// The constants that say most about the model and its training.
std::string constant_lines(const SweepSummary& summary) {
  constexpr std::array telling = {"model.cell",      "model.hidden_size", "model.num_layers",    "model.bidirectional",
                                  "model.dropout",   "train.optimizer",   "train.learning_rate", "train.max_epochs",
                                  "data.batch_size", "train.clip_norm"};
  std::vector<std::string> constants;
  for (const std::string key : telling) {
    const auto found = summary.header.definition.find(key);
    const bool is_searched = std::any_of(summary.header.dimensions.begin(), summary.header.dimensions.end(),
                                         [&](const auto& dimension) { return dimension.name == key; });
    if (found != summary.header.definition.end() && !is_searched)
      constants.push_back(fmt::format("{}={}", key, found->second));
  }
  return constants.empty() ? "" : wrapped("  constant: ", join(constants, " "));
}

std::string best_against_floor(const SweepSummary& summary) {
  const auto* best = summary.best();
  if (best == nullptr) return "\nNo trial has a value yet.\n";
  const auto& header = summary.header;
  const auto heading =
      fmt::format("Best{}{}", summary.front ? " " + header.metric : "", summary.is_sealed ? "" : " so far");
  TextTable table;
  if (!summary.command().empty()) {
    for (const auto& [name, value] : best->metrics) table.columns.push_back({name, false});
    table.rows.emplace_back();
    for (const auto& [name, value] : best->metrics) table.rows.back().push_back(four_digits(value));
    return fmt::format("\n{}: trial {}, after its epoch {}\n", heading, best->trial.value, best->best_epoch) +
           table.text();
  }
  table.columns = {{"score", true}, {"validation", false}, {"floor", false}, {"test", false}, {"floor", false}};
  for (const std::string score : {"loss", "accuracy", "mae", "rmse", "r2"}) {
    const std::array values = {best->validation.by_name(score), header.validation_floor.by_name(score),
                               best->test.by_name(score), header.test_floor.by_name(score)};
    if (std::isnan(values[0]) && std::isnan(values[2])) continue;
    table.rows.push_back(
        {score, four_digits(values[0]), four_digits(values[1]), four_digits(values[2]), four_digits(values[3])});
  }
  const auto title =
      fmt::format("trial {}, after its epoch {} (floor: {})", best->trial.value, best->best_epoch, header.floor_rule);
  return "\n" + wrapped(heading + ": ", title) + table.text();
}

// What a network costs is counted.
std::string further_text(const std::string& metric, double value) {
  const auto& counts = trial::cost_metrics;
  const bool is_count = std::find(counts.begin(), counts.end(), metric) != counts.end() && std::isfinite(value);
  return is_count ? fmt::format("{:.0f}", value) : four_digits(value);
}

std::vector<std::string> trial_row(const TrialLine& line, const store::ResultsHeader& header,
                                   const std::string& test_score) {
  std::vector<std::string> row = {
      fmt::format("{}", line.trial.value), std::string(search::name_of(line.state)), fmt::format("{}", line.epochs),
      line.best_epoch > 0 ? fmt::format("{}", line.best_epoch) : "–", four_digits(line.value)};
  for (std::size_t m = 0; m < header.further_metrics.size(); ++m)
    row.push_back(m < line.further.size() ? further_text(header.further_metrics[m].name, line.further[m]) : "–");
  if (!test_score.empty()) row.push_back(four_digits(line.test.by_name(test_score)));
  return row;
}

std::string point_text(const SweepSummary& summary, const TrialLine& line) {
  std::vector<std::string> values;
  for (std::size_t d = 0; d < summary.header.dimensions.size(); ++d)
    if (line.point.at(d))
      values.push_back(fmt::format("{}={}", short_name(summary.header.dimensions[d].name), value_text(line.point[d])));
  return join(values, " ");
}

// The best, or those of the front.
std::vector<const TrialLine*> lines_to_show(const SweepSummary& summary) {
  std::vector<const TrialLine*> lines;
  if (summary.front)
    for (const auto place : summary.front->places) lines.push_back(&summary.ranking[place]);
  else
    for (const auto& line : summary.ranking) lines.push_back(&line);
  return lines;
}

std::string title_of_trials(const SweepSummary& summary) {
  if (!summary.front) return "\nTrials, best first\n";
  const auto& [places, reference, hypervolume, share] = *summary.front;
  std::string text = fmt::format("Pareto front: {} of {}. No other trial is as good in all metrics and better in one.",
                                 places.size(), counted(static_cast<std::int64_t>(summary.ranking.size()), "trial"));
  if (!std::isnan(share))
    text += fmt::format(" They dominate {:.1f} % of the box between the best and the worst values found.", 100 * share);
  return "\n" + wrapped("", text);
}

// The dimensions become columns where they fit the terminal, else a line below each trial.
std::string trial_lines(const SweepSummary& summary, std::size_t num_best) {
  const auto lines_shown = lines_to_show(summary);
  if (lines_shown.empty()) return "";
  const auto& dimensions = summary.header.dimensions;
  const std::string test_score = summary.header.metric == "train_loss" ? "loss" : summary.score_name();
  const std::size_t shown = std::min(num_best, lines_shown.size());
  TextTable narrow;
  narrow.columns = {
      {"trial", false}, {"state", true}, {"epochs", false}, {"best", false}, {summary.header.metric, false}};
  for (const auto& metric : summary.header.further_metrics) narrow.columns.push_back({metric.name, false});
  if (!test_score.empty()) narrow.columns.push_back({"test_" + test_score, false});
  for (std::size_t i = 0; i < shown; ++i) narrow.rows.push_back(trial_row(*lines_shown[i], summary.header, test_score));

  TextTable wide = narrow;
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    wide.columns.push_back({short_name(dimensions[d].name), false});
    for (std::size_t i = 0; i < shown; ++i) wide.rows[i].push_back(value_text(lines_shown[i]->point.at(d)));
  }
  auto text = title_of_trials(summary);
  if (wide.width() <= terminal_columns) {
    text += wide.text();
  } else {
    const auto lines = split(trim(narrow.text()), '\n');
    text += "  " + lines[0] + "\n";
    for (std::size_t i = 0; i < shown; ++i) {
      text += lines[i + 1] + "\n" + wrapped("         ", point_text(summary, *lines_shown[i]));
    }
  }
  if (lines_shown.size() > shown)
    text += fmt::format("  and {} more (--top {} shows all)\n", lines_shown.size() - shown, lines_shown.size());
  return text;
}

std::string spread_text(const Spread& spread) {
  if (std::isnan(spread.standard_error)) return four_digits(spread.mean);
  return fmt::format("{} ± {}", four_digits(spread.mean), two_digits(spread.standard_error));
}

std::string replicates_text(const SeedSpread& spread) {
  if (spread.num_lost == 0) return std::to_string(spread.num_replicates);
  return fmt::format("{} ({} lost)", spread.num_replicates, spread.num_lost);
}

std::string replicate_lines(const SweepSummary& summary) {
  if (summary.seed_spreads.empty()) return "";
  const auto& metric = summary.header.metric;
  const auto score = summary.score_name();
  TextTable table;
  table.columns = {{"trial"}, {"chosen by " + metric}, {"replicates"}, {metric}};
  if (!score.empty()) table.columns.push_back({"test_" + score});
  for (const auto& spread : summary.seed_spreads) {
    table.rows.push_back({std::to_string(spread.trial.value), four_digits(spread.chosen_by), replicates_text(spread),
                          spread_text(spread.value)});
    if (!score.empty()) table.rows.back().push_back(spread_text(spread.test));
  }
  return "\nTrained again from other random numbers (mean ± its standard error, without the value chosen by)\n" +
         table.text();
}

// The best trial's schedule, where it went on from others.
std::string lineage_lines(const SweepSummary& summary) {
  if (summary.best() == nullptr || summary.best()->parent.epoch == 0) return "";
  std::string text = fmt::format("\nHow trial {} came about\n", summary.best()->trial.value);
  for (const auto& stage : lineage(summary.ranking, *summary.best()))
    text += wrapped(fmt::format("  epochs {:>3} to {:>3}, trial {:>3}  ", stage.from_epoch + 1, stage.to_epoch,
                                stage.trial->trial.value),
                    point_text(summary, *stage.trial));
  return text;
}

std::string failure_lines(const SweepSummary& summary) {
  constexpr std::size_t most = 3;
  std::string text;
  std::size_t found = 0;
  for (const auto& line : summary.ranking) {
    if (line.message.empty() || ++found > most) continue;
    text += wrapped(fmt::format("  trial {} {}: ", line.trial.value, search::name_of(line.state)), line.message);
  }
  if (found > most) text += fmt::format("  and {} more, see column message of /segment_results\n", found - most);
  return text.empty() ? "" : "\nTrials that diverged or failed\n" + text;
}

std::string gradient_lines(const SweepSummary& summary) {
  if (!summary.gradients) return "";
  const auto& gradients = *summary.gradients;
  std::string text =
      fmt::format("\nGradient flow of trial {} after epoch {} (norm of ∂loss/∂h by distance from the loss)\n",
                  gradients.trial.value, gradients.epoch);
  for (const auto& layer : gradients.layers) text += wrapped(fmt::format("  layer {}: ", layer.layer), layer.sentence);
  return text +
         wrapped("  ", report::describe_steps(gradients.clipped_fraction, gradients.norm_mean, gradients.norm_max));
}

}  // namespace

std::string to_text(const SweepSummary& summary, std::size_t num_best) {
  return opening(summary) + dimension_lines(summary) + constant_lines(summary) +
         (summary.front ? trial_lines(summary, num_best) + best_against_floor(summary)
                        : best_against_floor(summary) + trial_lines(summary, num_best)) +
         replicate_lines(summary) + lineage_lines(summary) + failure_lines(summary) + gradient_lines(summary);
}

}  // namespace seqsweep::jobs
