// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

/// What a rank's time was for, by what became of the trial.
enum class Use {
  completed,    ///< trained to the end
  in_progress,  ///< runs or waits at a rung of a sweep that is not finished
  stopped,      ///< stopped early, or left behind at a rung
  lost,         ///< diverged or failed
  replicate,    ///< trained again for the seed spread
};
constexpr std::array uses = {Use::completed, Use::in_progress, Use::stopped, Use::lost, Use::replicate};
[[nodiscard]] std::string_view name_of(Use use);

/// One rank on one host: a line of the timeline.
struct Lane {
  std::string host;
  int rank = 0;
  auto operator<=>(const Lane&) const = default;
};

/// A time in which a lane worked.
struct Busy {
  std::size_t lane = 0;
  double from_s = 0, to_s = 0;  ///< [s] since the sweep's first leg began; hours when nothing ran at all are cut out
  Use use = Use::completed;
  TrialId trial;  ///< the first of several, where they were joined
};

/// A time without interruption in which the sweep ran: from one start (or resume) to its stop.
struct Session {
  double from_s = 0, to_s = 0;               ///< as in Busy
  double started_s = 0;                      ///< [s] since the epoch of Unix
  std::size_t num_hosts = 0, num_ranks = 0;  ///< that worked at some time of it
};

/// Where the time went. A node is a host; its time is shared equally by the ranks that worked on it in the session.
struct Ledger {
  std::vector<Session> sessions;
  std::vector<Lane> lanes;
  std::vector<Busy> busy;                           ///< by lane and time
  std::array<double, uses.size()> node_hours = {};  ///< by Use
  double moving_node_hours = 0;                     ///< until a leg's ranks were ready to train
  double idle_node_hours = 0;                       ///< of ranks that worked at another time of the same session
  [[nodiscard]] double total_node_hours() const;
  /// [h] spent by all nodes up to a time of Unix, idle or not. [s] in.
  [[nodiscard]] double node_hours_at(double unix_s) const;
  /// The share of ranks at work in each of `num_bins` equal stretches of the time.
  [[nodiscard]] std::vector<double> utilisation(std::size_t num_bins) const;
};

/// Of all legs, and of those that run now as far as they have come.
[[nodiscard]] Ledger ledger_of(const store::Results& results);

/// The legs that ran when the file was last written to, up to then. `/timing` has them when they end.
[[nodiscard]] std::vector<store::TimingRecord> running_legs(const store::Results& results);

/// For drawing: on each lane joins times of one use that are less than `resolution_s` apart.
[[nodiscard]] std::vector<Busy> joined(const std::vector<Busy>& busy, double resolution_s);

}  // namespace seqsweep::report
