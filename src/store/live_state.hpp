// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "seqsweep/h5/file.hpp"
#include "seqsweep/store/records.hpp"

#include "row_format.hpp"

namespace seqsweep::store {

/// A row of /now_teams. The time of its writing says which row of /now it belongs to.
struct LiveTeamRow {
  double written_s = 0;
  LiveTeam team;
};

/// The one row of /now. The teams that belong to it are the first of /now_teams.
struct LiveStateRow {
  LiveState state;  ///< without its teams
  std::int64_t num_teams = 0;
};

/// Makes /now and /now_teams in a new live file. Nothing is shown yet.
void create_live_state(h5::File& file);

/// The two tables of a live file that is appended to. Rows are overwritten; /now_teams grows to the most teams that
/// there were at once.
class LiveStateTables {
 public:
  explicit LiveStateTables(const h5::File& file);
  void put(const LiveState& state);

 private:
  RowFormat<LiveTeamRow> team_format_;
  RowFormat<LiveStateRow> state_format_;
  h5::Table teams_, state_;
};

/// What is shown. Nothing where nothing was shown yet, or what is there makes no sense: this is only a view.
[[nodiscard]] std::optional<LiveState> read_live_state(const h5::File& file);

}  // namespace seqsweep::store
