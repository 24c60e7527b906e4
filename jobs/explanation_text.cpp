// SPDX-License-Identifier: Apache-2.0
// What `seqsweep explain` prints for people.
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

#include "explanation.hpp"
#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

std::string point_text(const Explanation& explanation) {
  std::vector<std::string> values;
  for (std::size_t d = 0; d < explanation.header.dimensions.size(); ++d)
    if (const auto& value = explanation.trial.point.values.at(d))
      values.push_back(fmt::format("{}={}", explanation.header.dimensions[d].name, search::text_of(*value)));
  return values.empty() ? "nothing is searched" : join(values, " ");
}

std::string opening(const Explanation& explanation) {
  const auto& trial = explanation.trial;
  const auto& segments = explanation.segments;
  const auto defined = [&](const std::string& key) {
    const auto found = explanation.header.definition.find(key);
    return found == explanation.header.definition.end() ? std::string("–") : found->second;
  };
  std::string text = fmt::format("Trial {}: {}\n", trial.id.value, search::name_of(trial.state));
  text += wrapped("  because    ", trial.reason);
  text += wrapped("  point      ", point_text(explanation));
  text +=
      wrapped("  sweep      ", fmt::format("{} {}, scheduler {}, {}", search::name_of(explanation.header.goal),
                                           explanation.header.metric, defined("search.scheduler"),
                                           explanation.is_sealed ? "finished" : "not finished (running, or stopped)"));
  if (segments.empty()) text += "  No decision about it is recorded yet.\n";
  return text;
}

// "trial 4 with 0.3120", "trial 4, which diverged or failed".
std::string rival_text(const Rival& rival) {
  return std::isfinite(rival.value) ? fmt::format("trial {} with {}", rival.trial.value, four_digits(rival.value))
                                    : fmt::format("trial {}, which diverged or failed", rival.trial.value);
}

std::string came_to(const ExplainedSegment& segment, const std::string& metric) {
  if (segment.result == nullptr) return "not finished: it runs, or waits for a worker";
  const auto& result = *segment.result;
  std::string text;
  switch (result.ending) {
    case search::Ending::reached:
      text = fmt::format("trained to epoch {}", result.last_epoch);
      break;
    case search::Ending::exhausted:
      text = fmt::format("improved no more, ended at epoch {}", result.last_epoch);
      break;
    case search::Ending::diverged:
    case search::Ending::failed:
      text = fmt::format("{} after epoch {}", search::name_of(result.ending), result.last_epoch);
      break;
  }
  if (result.best_epoch > 0 && std::isfinite(result.value))
    text += fmt::format("; {} {} so far, of epoch {}", metric, four_digits(result.value), result.best_epoch);
  if (!result.message.empty()) text += "; " + result.message;
  if (!segment.counts) text += " (not counted yet: earlier work in virtual time is still awaited)";
  return text;
}

std::string place_text(const PlaceAtRung& place) {
  const auto where = place.group.empty() ? "" : " in " + place.group;
  return fmt::format("{} of {} measured at epoch {}{}", ordinal(place.place), place.num_measured, place.epoch, where);
}

std::string cutoff_text(const PlaceAtRung& place) {
  if (!place.num_going_on) return "";
  if (*place.num_going_on == 0) return "too few for any to go on";
  const auto number = fmt::format("the best {} may go on", *place.num_going_on);
  return place.cutoff ? fmt::format("{}, the last of them {}", number, rival_text(*place.cutoff)) : number;
}

std::string neighbours_text(const PlaceAtRung& place) {
  std::vector<std::string> sides;
  if (place.above) sides.push_back("next better: " + rival_text(*place.above));
  if (place.below) sides.push_back("next worse: " + rival_text(*place.below));
  return sides.empty() ? "no rivals" : join(sides, "; ");
}

std::string segment_text(const ExplainedSegment& segment, const std::string& metric) {
  const auto& decision = segment.decision;
  std::string text = fmt::format("\nEpochs {} → {}, from virtual time {:.6g} to {:.6g}\n", decision.from_epoch,
                                 decision.to_epoch, decision.virtual_start, decision.virtual_finish);
  text += wrapped("  decided    ", decision.reason);
  text += wrapped("  came to    ", came_to(segment, metric));
  if (!segment.place) return text;
  const auto& place = *segment.place;
  text += wrapped("  stood      ", place_text(place) + " by then");
  if (const auto cutoff = cutoff_text(place); !cutoff.empty()) text += wrapped("  cutoff     ", cutoff);
  return text + wrapped("  rivals     ", neighbours_text(place));
}

// "went on at once", "waited, went on at virtual time 310".
std::string then_text(const Explanation& explanation, std::size_t i) {
  const auto& segments = explanation.segments;
  if (!segments[i].counts) return "";
  if (i + 1 == segments.size()) return wrapped("  then       ", std::string(search::name_of(explanation.trial.state)));
  const auto& next = segments[i + 1].decision;
  const bool went_on_at_once = next.virtual_start == segments[i].decision.virtual_finish;
  return wrapped("  then       ", went_on_at_once
                                      ? fmt::format("went on at once, to epoch {}", next.to_epoch)
                                      : fmt::format("waited (paused), went on to epoch {} at virtual time {:.6g}",
                                                    next.to_epoch, next.virtual_start));
}

std::string aftermath_text(const Aftermath& aftermath, bool is_sealed) {
  std::string text = "\nAfterwards\n";
  const auto& end = aftermath.at_end;
  text += wrapped(is_sealed ? "  at the end " : "  by now     ", place_text(end));
  if (const auto cutoff = cutoff_text(end); !cutoff.empty()) text += wrapped("  cutoff     ", cutoff);
  text += wrapped("  rivals     ", neighbours_text(end));
  text += wrapped("  went on    ", aftermath.worst_gone_on
                                       ? fmt::format("{} from this epoch in all, the worst of them {}",
                                                     aftermath.num_went_on, rival_text(*aftermath.worst_gone_on))
                                       : "none from this epoch");
  if (const auto& chance = aftermath.chance)
    text +=
        wrapped("  chance     ",
                fmt::format("at virtual time {:.6g} it was {} of {} and the best {} might go on: it could have gone "
                            "on, but no logical worker took it up before {}",
                            chance->time, ordinal(chance->place), chance->num_measured, chance->num_going_on,
                            is_sealed ? "the sweep ended or better ones came" : "now, or before better ones came"));
  else if (end.num_going_on)
    text += wrapped("  chance     ", "no decision tells of a time when it was among those that might go on");
  return text;
}

}  // namespace

std::string to_text(const Explanation& explanation) {
  const bool is_command = explanation.header.definition.contains("trial.command");
  std::string text = opening(explanation);
  for (std::size_t i = 0; i < explanation.segments.size(); ++i)
    text += segment_text(explanation.segments[i], explanation.header.metric) + then_text(explanation, i);
  if (explanation.aftermath) text += aftermath_text(*explanation.aftermath, explanation.is_sealed);
  return text + "\n" +
         wrapped("",
                 fmt::format("Virtual time counts {}. A decision at some virtual time knows all that had finished "
                             "by then, and nothing else.",
                             is_command ? "epochs, of each logical worker" : "multiply-adds, of each logical worker"));
}

}  // namespace seqsweep::jobs
