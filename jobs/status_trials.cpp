// SPDX-License-Identifier: Apache-2.0
// The trials in what `seqsweep status` prints for people.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"
#include "seqsweep/report/lineage.hpp"
#include "seqsweep/trial/settings.hpp"

#include "report_text.hpp"
#include "sparkline.hpp"
#include "status_text.hpp"

namespace seqsweep::jobs {
namespace {

using report::SeedSpread;
using report::Spread;
using report::SweepSummary;
using report::TrialLine;
using Paint = TextStyle::Paint;

std::string value_text(const std::optional<search::Value>& value) {
  if (!value) return "–";
  if (const auto* real = std::get_if<double>(&*value)) return four_digits(*real);
  return search::text_of(*value);
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

std::string title_of_trials(const SweepSummary& summary, const TextStyle& style) {
  if (!summary.front) return style.heading("Trials, best first");
  const auto& [places, reference, hypervolume, share] = *summary.front;
  std::string text = fmt::format("Pareto front: {} of {}. No other trial is as good in all metrics and better in one.",
                                 places.size(), counted(static_cast<std::int64_t>(summary.ranking.size()), "trial"));
  if (!std::isnan(share))
    text += fmt::format(" They dominate {:.1f} % of the box between the best and the worst values found.", 100 * share);
  return style.heading(text);
}

// ---- curves

/// The column of curves: all on one scale, and as wide as the longest is long, so that they can be compared.
class Curves {
 public:
  Curves(const Status& status, const std::vector<const TrialLine*>& lines) : curves_(status.curves) {
    std::vector<double> all;
    for (const auto* line : lines) {
      const auto& curve = curves_.at(line->trial);
      longest_ = std::max(longest_, curve.size());
      all.insert(all.end(), curve.begin(), curve.end());
    }
    scale_ = scale_of(std::move(all));
  }

  // A point is no curve.
  [[nodiscard]] bool are_worth_showing() const { return longest_ > 1 && scale_.high > scale_.low; }

  void add_to(TextTable& table, const std::vector<const TrialLine*>& lines, std::size_t columns) const {
    constexpr std::size_t most = 60;
    const std::size_t width = std::min({columns, longest_, most});
    table.columns.push_back({"curve", true});
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto& curve = curves_.at(lines[i]->trial);
      const std::size_t share = std::max<std::size_t>(1, (curve.size() * width + longest_ - 1) / longest_);
      table.rows[i].push_back(sparkline(at_most(share, curve), scale_));
    }
  }

  [[nodiscard]] std::string legend(const std::string& metric) const {
    return fmt::format("  curve: {} by epoch, up to {}; ▁ {}, █ {}{}\n", metric, longest_, four_digits(scale_.low),
                       four_digits(scale_.high), scale_.is_logarithmic ? ", logarithmic" : "");
  }

 private:
  const std::map<TrialId, std::vector<double>>& curves_;
  std::size_t longest_ = 0;  // [epochs]
  Scale scale_;
};

constexpr std::size_t least_curve = 10;  // [columns] with the two before it

// ---- the table

TextTable narrow_table(const Status& status, const std::vector<const TrialLine*>& lines) {
  const auto& header = status.summary.header;
  const std::string test_score = header.metric == "train_loss" ? "loss" : status.summary.score_name();
  TextTable table;
  table.columns = {{"trial", false}, {"state", true}, {"epochs", false}, {"best", false}, {header.metric, false}};
  for (const auto& metric : header.further_metrics) table.columns.push_back({metric.name, false});
  if (!test_score.empty()) table.columns.push_back({"test_" + test_score, false});
  for (const auto* line : lines) table.rows.push_back(trial_row(*line, header, test_score));
  return table;
}

TextTable with_dimensions(TextTable table, const SweepSummary& summary, const std::vector<const TrialLine*>& lines) {
  for (std::size_t d = 0; d < summary.header.dimensions.size(); ++d) {
    table.columns.push_back({short_name(summary.header.dimensions[d].name), false});
    for (std::size_t i = 0; i < lines.size(); ++i) table.rows[i].push_back(value_text(lines[i]->point.at(d)));
  }
  return table;
}

// Lines of a table, each followed by the point of its trial.
std::string with_points(const TextTable& table, const SweepSummary& summary, const std::vector<const TrialLine*>& lines,
                        const TextStyle& style) {
  const auto rows = split(trim(table.text()), '\n');
  std::string text = "  " + rows[0] + "\n";
  for (std::size_t i = 0; i < lines.size(); ++i)
    text += rows[i + 1] + "\n" + wrapped("         ", point_text(summary, *lines[i]), style.columns);
  return text;
}

// The dimensions become columns where they fit, their titles cut if need be; else a line below each trial. The curves
// take what is left; where somebody looks, some of the titles, too.
std::string table_text(const Status& status, const std::vector<const TrialLine*>& lines, const TextStyle& style) {
  constexpr std::size_t least_title = 6;
  const Curves curves(status, lines);
  const std::size_t for_curve = curves.are_worth_showing() ? least_curve : 0;
  auto table = with_dimensions(narrow_table(status, lines), status.summary, lines);
  auto cut = table;
  cut.cut_titles(style.columns - (style.is_terminal ? for_curve : 0), least_title);
  const bool has_whole_titles = table.width() <= style.columns;
  if (!has_whole_titles || (style.is_terminal && cut.width() + for_curve <= style.columns)) table = cut;
  const bool is_wide = table.width() <= style.columns;
  if (!is_wide) table = narrow_table(status, lines);
  table.cut_titles(style.columns, least_title);
  const bool has_curves = for_curve > 0 && table.width() + for_curve <= style.columns;
  if (has_curves) curves.add_to(table, lines, style.columns - table.width() - 2);
  return (is_wide ? table.text() : with_points(table, status.summary, lines, style)) +
         (has_curves ? curves.legend(status.summary.header.metric) : "");
}

std::string spread_text(const Spread& spread) {
  if (std::isnan(spread.standard_error)) return four_digits(spread.mean);
  return fmt::format("{} ± {}", four_digits(spread.mean), two_digits(spread.standard_error));
}

std::string replicates_text(const SeedSpread& spread) {
  if (spread.num_lost == 0) return std::to_string(spread.num_replicates);
  return fmt::format("{} ({} lost)", spread.num_replicates, spread.num_lost);
}

// Of a command: all that it printed.
TextTable metrics_table(const TrialLine& best) {
  TextTable table;
  table.rows.emplace_back();
  for (const auto& [name, value] : best.metrics) {
    table.columns.push_back({name, false});
    table.rows.back().push_back(four_digits(value));
  }
  return table;
}

TextTable scores_table(const TrialLine& best, const store::ResultsHeader& header) {
  TextTable table;
  table.columns = {{"score", true}, {"validation", false}, {"floor", false}, {"test", false}, {"floor", false}};
  for (const std::string score : {"loss", "accuracy", "mae", "rmse", "r2"}) {
    const std::array values = {best.validation.by_name(score), header.validation_floor.by_name(score),
                               best.test.by_name(score), header.test_floor.by_name(score)};
    if (std::isnan(values[0]) && std::isnan(values[2])) continue;
    table.rows.push_back(
        {score, four_digits(values[0]), four_digits(values[1]), four_digits(values[2]), four_digits(values[3])});
  }
  return table;
}

}  // namespace

std::string best_lines(const Status& status, const TextStyle& style) {
  const auto& summary = status.summary;
  const auto* best = summary.best();
  if (best == nullptr) return style.heading(summary.why_no_best() + ".");
  auto title = fmt::format("Best{}{}: trial {}, after its epoch {}", summary.front ? " " + summary.header.metric : "",
                           summary.is_sealed ? "" : " so far", best->trial.value, best->best_epoch);
  if (!summary.command().empty()) return style.heading(title) + metrics_table(*best).text();
  title += fmt::format(" (floor: {})", summary.header.floor_rule);
  return style.heading(title) + scores_table(*best, summary.header).text();
}

std::string trial_lines(const Status& status, std::size_t num_best, const TextStyle& style) {
  const auto lines = status.trials_to_show(num_best);
  const auto total = status.num_trials_to_show();
  if (total == 0) return "";
  auto text = title_of_trials(status.summary, style) + table_text(status, lines, style);
  if (total > lines.size()) text += fmt::format("  and {} more (--top {} shows all)\n", total - lines.size(), total);
  return text;
}

std::string replicate_lines(const Status& status, const TextStyle& style) {
  const auto& summary = status.summary;
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
  return style.heading(
             "Trained again from other random numbers (mean ± its standard error, without the value chosen by)") +
         table.text();
}

// The best trial's schedule, where it went on from others.
std::string lineage_lines(const Status& status, const TextStyle& style) {
  const auto& summary = status.summary;
  if (summary.best() == nullptr || summary.best()->parent.epoch == 0) return "";
  auto text = style.heading(fmt::format("How trial {} came about", summary.best()->trial.value));
  for (const auto& stage : lineage(summary.ranking, *summary.best()))
    text += wrapped(fmt::format("  epochs {:>3} to {:>3}, trial {:>3}  ", stage.from_epoch + 1, stage.to_epoch,
                                stage.trial->trial.value),
                    point_text(summary, *stage.trial), style.prose_columns());
  return text;
}

}  // namespace seqsweep::jobs
