// SPDX-License-Identifier: Apache-2.0
// What runs at the moment, in what `seqsweep status` prints for people.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

#include "report_text.hpp"
#include "sparkline.hpp"
#include "status_text.hpp"

namespace seqsweep::jobs {
namespace {

using report::Activity;
using store::LiveState;
using store::LiveTeam;

std::string title_of(const LiveState& live, const Activity& activity) {
  auto text = fmt::format("Now: {} on {}", counted(live.num_ranks - live.num_idle - live.num_lost, "rank"),
                          counted(static_cast<std::int64_t>(live.teams.size()), "trial"));
  if (live.num_idle > 0) text += fmt::format(", {} idle", live.num_idle);
  if (live.num_lost > 0) text += fmt::format(", {} lost", live.num_lost);
  if (live.num_waiting > 0) text += fmt::format("; {} waiting", counted(live.num_waiting, "segment"));
  if (!std::isnan(activity.utilisation))
    text += fmt::format("; at work {} of the time so far", percent(activity.utilisation));
  return text;
}

// How far the segment has come: between where it began and where it ends.
std::string bar_of(const LiveTeam& team) {
  constexpr std::size_t columns = 12;
  return progress_bar((team.epochs - team.from_epoch) / (team.to_epoch - team.from_epoch), columns);
}

TextTable team_table(const std::vector<LiveTeam>& teams, std::size_t count) {
  TextTable table;
  table.columns = {{"trial"}, {"ranks"}, {"epoch"}, {"segment", true}, {"these ranks for"}};
  for (std::size_t i = 0; i < count; ++i)
    table.rows.push_back({std::to_string(teams[i].trial.value), std::to_string(teams[i].num_ranks),
                          fmt::format("{:.1f}", teams[i].epochs),
                          fmt::format("{} to {}", bar_of(teams[i]), teams[i].to_epoch),
                          human_seconds(teams[i].seconds)});
  return table;
}

}  // namespace

std::string now_lines(const Status& status, std::size_t most_teams, const TextStyle& style) {
  const auto kind = status.activity.kind;
  if (!status.live || (kind != Activity::Kind::running && kind != Activity::Kind::stopping)) return "";
  auto teams = status.live->teams;
  std::sort(teams.begin(), teams.end(), [](const LiveTeam& a, const LiveTeam& b) { return a.trial < b.trial; });
  auto text = style.heading(title_of(*status.live, status.activity));
  const auto count = std::min(most_teams, teams.size());
  if (count > 0) text += team_table(teams, count).text();
  if (teams.size() > count) text += fmt::format("  and {} more\n", teams.size() - count);
  for (const auto& reason : status.activity.reasons)
    text += style.painted(wrapped("  ", reason, style.prose_columns()), TextStyle::Paint::warning);
  return text;
}

}  // namespace seqsweep::jobs
