// SPDX-License-Identifier: Apache-2.0
// What `seqsweep status` prints for people.
#include "status_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

#include "report_text.hpp"
#include "sparkline.hpp"

namespace seqsweep::jobs {
namespace {

using report::Activity;
using report::Ledger;
using report::SweepSummary;
using report::TimeSpent;
using Paint = TextStyle::Paint;

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

std::string time_line(const TimeSpent& time, bool is_sealed) {
  if (!(time.rank_s > 0)) return is_sealed ? "" : "no segment has finished yet";
  return fmt::format("{} of work, {} summed over ranks ({} gathering batches, {} in all-reduces, {} changing teams)",
                     human_seconds(time.working_s), human_seconds(time.rank_s), percent(time.data_share),
                     percent(time.reduce_share), percent(time.move_share));
}

std::string objectives_text(const store::ResultsHeader& header) {
  const auto text_of = [](search::Goal goal, const std::string& metric) {
    return fmt::format("{} {}", search::name_of(goal), metric);
  };
  std::vector<std::string> parts = {text_of(header.goal, header.metric)};
  for (const auto& metric : header.further_metrics) parts.push_back(text_of(metric.goal, metric.name));
  return join(parts, ", ");
}

std::string node_line(const Ledger& ledger) {
  const double total = ledger.total_node_hours();
  if (!(total > 0)) return "";
  const auto share_of = [&](double node_hours) { return percent(node_hours / total); };
  const double lost = ledger.node_hours[static_cast<std::size_t>(report::Use::lost)];
  const double useful = total - ledger.idle_node_hours - ledger.moving_node_hours - lost;
  std::string text =
      fmt::format("{} node-hours: {} useful, {} changing teams, {} idle", four_digits(total), share_of(useful),
                  share_of(ledger.moving_node_hours), share_of(ledger.idle_node_hours));
  if (lost > 0) text += fmt::format(", {} in trials that diverged or failed", share_of(lost));
  return text;
}

// "0.1629 ▇▅▃▂▁▁ 0.0001061 over 168 epochs trained".
std::string best_so_far_line(const Status& status, std::size_t columns) {
  const auto& best = status.best_so_far;
  if (best.improvements.empty()) return "";
  const auto from = fmt::format("{} {} ", status.summary.header.metric, four_digits(best.improvements.front().value));
  const auto to =
      fmt::format(" {} over {}", four_digits(best.improvements.back().value), counted(best.num_epochs, "epoch"));
  constexpr std::size_t least = 4, most = 60;
  const std::size_t used = from.size() + to.size();
  const std::size_t count = std::clamp(columns > used ? columns - used : 0, least, most);
  const auto values =
      best.sampled(std::min(count, static_cast<std::size_t>(std::max<std::int64_t>(1, best.num_epochs))));
  return from + sparkline(values, scale_of(values)) + to;
}

// A sweep that found nothing has not ended well.
Paint paint_of(const Status& status) {
  const auto kind = status.activity.kind;
  const bool has_found = kind == Activity::Kind::finished && status.summary.best() != nullptr;
  return has_found || kind == Activity::Kind::running ? Paint::good : Paint::warning;
}

std::string opening(const Status& status, const TextStyle& style) {
  const auto& summary = status.summary;
  const auto& header = summary.header;
  const auto defined = [&](const std::string& key) {
    const auto found = header.definition.find(key);
    return found == header.definition.end() ? std::string("–") : found->second;
  };
  const auto command = summary.command();
  const auto subject =
      command.empty() ? fmt::format("Sweep on data set '{}'", header.dataset_name) : "Sweep of a command";
  const std::string first(trim(wrapped("", subject + ": " + status.activity.sentence, style.prose_columns())));
  std::string text = style.painted(first.substr(0, subject.size()), Paint::strong) +
                     style.painted(first.substr(subject.size()), paint_of(status)) + "\n";
  const auto add = [&](const std::string& what, const std::string& sentence) {
    if (!sentence.empty()) text += wrapped(fmt::format("  {:<9}", what), sentence, style.prose_columns());
  };
  add("command", command);
  add("trials", progress_line(summary));
  add("search", fmt::format("{}; sampler {}, scheduler {}, seed {}, concurrency {}", objectives_text(header),
                            defined("search.sampler"), defined("search.scheduler"), defined("sweep.seed"),
                            defined("sweep.concurrency")));
  add("budget", status.reach.sentence);
  add("time", time_line(summary.time, summary.is_sealed));
  add("nodes", node_line(status.ledger));
  constexpr std::size_t indent = 11;
  if (const auto line = best_so_far_line(status, style.columns - indent); !line.empty())
    text += "  best     " + line + "\n";
  return text;
}

std::string condition_text(const search::Dimension& dimension) {
  if (!dimension.condition) return "";
  const auto& [key, values] = *dimension.condition;
  return values.size() == 1 ? fmt::format(" if {} == {}", key, values[0])
                            : fmt::format(" if {} in ({})", key, join(values, ", "));
}

std::string dimension_lines(const SweepSummary& summary, const TextStyle& style) {
  if (summary.header.dimensions.empty()) return "\nNothing is searched: every key is a constant.\n";
  std::size_t widest = 0;
  for (const auto& dimension : summary.header.dimensions) widest = std::max(widest, dimension.name.size());
  std::string text;
  for (const auto& dimension : summary.header.dimensions)
    text += wrapped(fmt::format("  {:<{}}  ", dimension.name, widest),
                    search::text_of(dimension.distribution) + condition_text(dimension), style.prose_columns());
  return style.heading("Dimensions") + text;
}

// The constants that say most about the model and its training.
std::string constant_lines(const SweepSummary& summary, const TextStyle& style) {
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
  return constants.empty() ? "" : wrapped("  constant: ", join(constants, " "), style.prose_columns());
}

enum class Messages { of_failures, of_others };

std::string message_lines(const SweepSummary& summary, const TextStyle& style, Messages messages) {
  constexpr std::size_t most = 3;
  std::string text;
  std::size_t found = 0;
  for (const auto& line : summary.ranking) {
    const bool has_failed = line.state == search::TrialState::diverged || line.state == search::TrialState::failed;
    if (has_failed != (messages == Messages::of_failures)) continue;
    if (line.message.empty() || ++found > most) continue;
    text += wrapped(fmt::format("  trial {} {}: ", line.trial.value, search::name_of(line.state)), line.message,
                    style.prose_columns());
  }
  if (found > most) text += fmt::format("  and {} more, see column message of /segment_results\n", found - most);
  const auto heading = messages == Messages::of_failures ? "Trials that diverged or failed"
                                                         : "What of the programs' output is not counted";
  return text.empty() ? "" : style.heading(heading) + text;
}

std::string gradient_lines(const SweepSummary& summary, const TextStyle& style) {
  if (!summary.gradients) return "";
  const auto& gradients = *summary.gradients;
  const auto heading =
      fmt::format("Gradient flow of trial {} after epoch {} (norm of ∂loss/∂h by distance from the loss)",
                  gradients.trial.value, gradients.epoch);
  std::string text;
  for (const auto& layer : gradients.layers)
    text += wrapped(fmt::format("  layer {}: ", layer.layer), layer.sentence, style.prose_columns());
  text += wrapped("  ", report::describe_steps(gradients.clipped_fraction, gradients.norm_mean, gradients.norm_max),
                  style.prose_columns());
  return style.heading(heading) + text;
}

}  // namespace

std::string to_text(const Status& status, std::size_t num_best, const TextStyle& style) {
  const auto& summary = status.summary;
  const auto best = best_lines(status, style), trials = trial_lines(status, num_best, style);
  return opening(status, style) + now_lines(status, num_best, style) + dimension_lines(summary, style) +
         constant_lines(summary, style) + (summary.front ? trials + best : best + trials) +
         replicate_lines(status, style) + lineage_lines(status, style) +
         message_lines(summary, style, Messages::of_failures) + message_lines(summary, style, Messages::of_others) +
         gradient_lines(summary, style);
}

std::string to_brief_text(const Status& status, std::size_t num_best, const TextStyle& style) {
  return opening(status, style) + now_lines(status, num_best, style) + trial_lines(status, num_best, style) +
         message_lines(status.summary, style, Messages::of_failures);
}

}  // namespace seqsweep::jobs
