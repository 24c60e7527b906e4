// SPDX-License-Identifier: Apache-2.0
#include "live_state.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>
#include <thread>

namespace seqsweep::store {
namespace {

constexpr std::size_t ranks_bytes = 96, reason_bytes = 160;
constexpr std::int64_t most_ranks = 1'000'000;  // as the largest clusters have cores

RowFormat<LiveTeamRow> team_rows() {
  RowFormat<LiveTeamRow> f("/now_teams",
                           "ranks that train a segment together now; the first rows, as many as /now says");
  f.real(
      "written", "s", "as in /now, or the row is an old one", [](auto& r) -> auto& { return r.written_s; });
  f.integer(
      "trial", "", "number of the trial, from 0", [](auto& r) -> auto& { return r.team.trial.value; });
  f.integer(
      "from_epoch", "epochs", "finished before", [](auto& r) -> auto& { return r.team.from_epoch; });
  f.integer(
      "to_epoch", "epochs", "to be finished, as decided", [](auto& r) -> auto& { return r.team.to_epoch; });
  f.real(
      "epochs", "epochs", "trained, with the part of the current one", [](auto& r) -> auto& { return r.team.epochs; });
  f.integer(
      "num_ranks", "ranks", "that train together", [](auto& r) -> auto& { return r.team.num_ranks; });
  f.text(
      "ranks", "all of them, in the order of the team", ranks_bytes, [](auto& r) -> auto& { return r.team.ranks; });
  f.real(
      "seconds", "s", "since these ranks began", [](auto& r) -> auto& { return r.team.seconds; });
  f.checksum();
  return f;
}

RowFormat<LiveStateRow> state_rows() {
  RowFormat<LiveStateRow> f("/now", "who works at the moment, and how the run goes; nothing of it is a result");
  f.real(
      "written", "s", "since 1970-01-01 UTC", [](auto& r) -> auto& { return r.state.written_s; });
  f.real(
      "started", "s", "since 1970-01-01 UTC: this run", [](auto& r) -> auto& { return r.state.started_s; });
  f.integer(
      "num_ranks", "ranks", "that train, or could", [](auto& r) -> auto& { return r.state.num_ranks; });
  f.integer(
      "num_idle", "ranks", "without work", [](auto& r) -> auto& { return r.state.num_idle; });
  f.integer(
      "num_lost", "ranks", "not heard of for cluster.lost_after", [](auto& r) -> auto& { return r.state.num_lost; });
  f.integer(
      "num_waiting", "segments", "decided, and waiting for ranks",
      [](auto& r) -> auto& { return r.state.num_waiting; });
  f.integer(
      "silent_rank", "", "not heard of for long, but not lost yet; -1: none",
      [](auto& r) -> auto& { return r.state.silent_rank; });
  f.real(
      "silent_seconds", "s", "how long", [](auto& r) -> auto& { return r.state.silent_s; });
  f.text(
      "stop_reason", "why the run stops, or stopped; empty: it goes on", reason_bytes,
      [](auto& r) -> auto& { return r.state.stop_reason; });
  f.integer(
      "num_teams", "rows", "of /now_teams", [](auto& r) -> auto& { return r.num_teams; });
  f.checksum();
  return f;
}

bool is_time(double seconds) {
  return std::isfinite(seconds) && seconds >= 0;
}

bool is_count(std::int64_t count) {
  return count >= 0 && count <= most_ranks;
}

bool makes_sense(const LiveState& s) {
  return is_time(s.written_s) && is_time(s.started_s) && is_time(s.silent_s) && is_count(s.num_ranks) &&
         is_count(s.num_idle) && is_count(s.num_lost) && s.num_waiting >= 0 && s.silent_rank >= -1;
}

bool makes_sense(const LiveTeam& t) {
  return t.trial.value >= 0 && t.trial.value < most_trials && t.from_epoch >= 0 && t.to_epoch > t.from_epoch &&
         t.to_epoch <= most_epochs && t.epochs >= 0 && t.epochs <= t.to_epoch && t.num_ranks >= 1 &&
         is_count(t.num_ranks) && is_time(t.seconds);
}

// Throws StoreError where a row is torn: its writer may be in the middle of it.
std::optional<LiveState> look(const h5::File& file) {
  const auto states = read_records(file, state_rows());
  if (states.empty()) return std::nullopt;
  auto state = states[0].state;
  if (!makes_sense(state) || !is_count(states[0].num_teams)) return std::nullopt;
  for (auto& row : read_records(file, team_rows(), states[0].num_teams)) {
    if (row.written_s != state.written_s) throw StoreError("table '/now_teams' is being written", file.path());
    if (!makes_sense(row.team)) return std::nullopt;
    state.teams.push_back(std::move(row.team));
  }
  return state;
}

// Row 0 on; there may be fewer rows than that so far.
template <class Row>
void put_rows(h5::Table& table, const RowFormat<Row>& format, std::span<const Row> rows) {
  const auto bytes = format.encode(rows);
  const std::size_t known = std::min(table.num_rows() * format.type.row_bytes, bytes.size());
  if (known > 0) table.overwrite(0, std::span(bytes).first(known));
  if (known < bytes.size()) table.append(std::span(bytes).subspan(known));
  table.flush();
}

}  // namespace

void create_live_state(h5::File& file) {
  (void)create_table(file, team_rows(), TableUse::live);
  (void)create_table(file, state_rows(), TableUse::live);
}

LiveStateTables::LiveStateTables(const h5::File& file)
    : team_format_(team_rows()),
      state_format_(state_rows()),
      teams_(file.open_table(team_format_.path, team_format_.type)),
      state_(file.open_table(state_format_.path, state_format_.type)) {}

void LiveStateTables::put(const LiveState& state) {
  std::vector<LiveTeamRow> rows;
  for (const auto& team : state.teams) rows.push_back({state.written_s, team});
  put_rows(teams_, team_format_, std::span<const LiveTeamRow>(rows));
  const LiveStateRow row{state, static_cast<std::int64_t>(rows.size())};
  put_rows(state_, state_format_, std::span(&row, 1));
}

std::optional<LiveState> read_live_state(const h5::File& file) {
  if (!file.exists(state_rows().path) || !file.exists(team_rows().path)) return std::nullopt;  // of an older program
  constexpr int most_looks = 10;
  for (int n = 0; n < most_looks; ++n) try {
      return look(file);
    } catch (const StoreError&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  return std::nullopt;
}

}  // namespace seqsweep::store
