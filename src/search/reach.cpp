// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/reach.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::search {
namespace {

std::string counted(std::int64_t number) {
  return fmt::format("{} trial{}", number, number == 1 ? "" : "s");
}

// "epoch 4", "epochs 16 and 64", "epochs 4, 16 and 64"
std::string epochs_text(const std::vector<int>& epochs) {
  if (epochs.size() == 1) return fmt::format("epoch {}", epochs[0]);
  const std::vector<int> first(epochs.begin(), epochs.end() - 1);
  return fmt::format("epochs {} and {}", fmt::join(first, ", "), epochs.back());
}

// "12 trials to epoch 1, about 3 to epoch 4, none to epochs 16 and 64 (at most 6 and 3, if each trial betters the
// last)"
std::string rungs_text(const std::vector<RungReach>& rungs) {
  std::vector<std::string> parts;
  std::vector<int> unreached;
  std::vector<std::int64_t> most;
  for (const auto& rung : rungs) {
    if (rung.trials == 0) {
      unreached.push_back(rung.epoch);
      most.push_back(rung.most);
    } else {
      const auto number = parts.empty() ? counted(rung.trials) : std::to_string(rung.trials);
      parts.push_back(fmt::format("{}{} to epoch {}", rung.most > rung.trials ? "about " : "", number, rung.epoch));
    }
  }
  if (unreached.empty()) return join(parts, ", ");
  auto none = "none to " + epochs_text(unreached);
  if (most.front() > 0)
    none += fmt::format(" (unless each trial is better than those before it: then {})", fmt::join(most, ", "));
  parts.push_back(std::move(none));
  return join(parts, ", ");
}

// The fewest trials of which one gets to the last rung; nothing where no number of them does.
std::optional<std::int64_t> trials_needed(const Scheduler& scheduler) {
  const auto is_enough = [&](std::int64_t trials) { return scheduler.reach(trials).back().trials > 0; };
  constexpr std::int64_t most = 10'000'000;
  std::int64_t high = 1;
  while (!is_enough(high)) {
    if (high > most) return std::nullopt;
    high *= 2;
  }
  std::int64_t low = high / 2;  // too few
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    (is_enough(middle) ? high : low) = middle;
  }
  return high;
}

std::string remedy(const StudyOptions& options, const Scheduler& scheduler, std::optional<std::int64_t> num_points) {
  const int last = options.scheduler.max_epochs;
  if (options.ends.epochs > 0 && options.ends.epochs < last)
    return fmt::format("raise sweep.max_total_epochs to {} at least, or lower train.max_epochs", last);
  const auto needed = trials_needed(scheduler);
  const bool are_to_be_had = needed && *needed <= num_points.value_or(*needed);
  return fmt::format("{}lower train.max_epochs, or raise search.grace_period",
                     are_to_be_had ? fmt::format("raise sweep.trials to {}, ", *needed) : "");
}

}  // namespace

Reach reach_of(const StudyOptions& options, std::optional<std::int64_t> num_points) {
  const auto scheduler = make_scheduler(options.scheduler);
  const int last = options.scheduler.max_epochs;
  const auto trials = std::min<std::int64_t>(options.ends.trials, num_points.value_or(options.ends.trials));
  if (const auto why = scheduler->why_idle(trials); !why.empty() && options.ends.epochs == 0)
    return {{},
            true,
            fmt::format("every trial is trained for {}: {} decides nothing, since {}",
                        last == 1 ? "its one epoch" : fmt::format("all {} epochs", last), options.scheduler.name, why)};
  Reach reach;
  reach.rungs = scheduler->reach(trials);
  if (reach.rungs.empty() && options.ends.epochs == 0) return reach;
  if (reach.rungs.empty()) reach.rungs.push_back({.epoch = last, .trials = trials, .most = trials});
  if (options.ends.epochs > 0)
    for (auto& rung : reach.rungs) {  // whatever else is trained
      rung.trials = std::min(rung.trials, options.ends.epochs / rung.epoch);
      rung.most = std::min(rung.most, options.ends.epochs / rung.epoch);
    }
  reach.is_enough = reach.rungs.back().trials > 0;
  reach.sentence = rungs_text(reach.rungs);
  if (options.ends.epochs > 0) reach.sentence += fmt::format(" (sweep.max_total_epochs = {})", options.ends.epochs);
  if (!reach.is_enough)
    reach.sentence +=
        fmt::format("; for one to be trained for all {} epochs, {}", last, remedy(options, *scheduler, num_points));
  return reach;
}

}  // namespace seqsweep::search
