// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "seqsweep/cluster/worker.hpp"
#include "seqsweep/cluster/world.hpp"
#include "seqsweep/config/config.hpp"
#include "seqsweep/config/plan.hpp"
#include "seqsweep/data/dataset.hpp"
#include "seqsweep/store/results_file.hpp"
#include "seqsweep/trial/segment_runner.hpp"

#include "config_command.hpp"

namespace seqsweep::jobs {

/// A sweep on one rank, from a checked config and its data set to a sealed results file.
struct SweepSession {
  config::SweepConfig config;
  std::shared_ptr<const data::Dataset> dataset;  ///< null where trials are commands
  bool has_private_data = false;                 ///< the ranks of this node do not share the data set
  std::string results_path;
  std::string warm_start_fingerprint;  ///< of the trials of search.warm_start
  bool is_quiet = false;
};

/// Reads and checks the config and its data set: all that can go wrong before the first step. Collective.
[[nodiscard]] SweepSession prepare_session(const ConfigCommand& command, const cluster::World& world);

/// "runs/weather.results.h5" for "runs/weather.ini" and ".results.h5".
[[nodiscard]] std::string default_output(const std::string& config_path, const std::string& ending);

/// The files that the session reads, for refuse_own_input().
[[nodiscard]] std::vector<std::string> inputs_of(const SweepSession& session);

/// What runs the sweep's segments on this rank. The session must outlive it.
[[nodiscard]] std::unique_ptr<trial::SegmentRunner> make_runner(const SweepSession& session);

/// The most ranks that can share the trial at a point.
[[nodiscard]] int most_ranks(const SweepSession& session, const search::Point& point);

/// What [limits] has against points; empty without limits. The session must outlive it.
[[nodiscard]] search::Objection objection_of(const SweepSession& session);

/// What a plan needs to know of the data set; of none where trials are commands.
[[nodiscard]] config::DataFacts facts_of(const SweepSession& session);

/// The definition of the sweep: that of the config, and the data set's fingerprint.
[[nodiscard]] std::map<std::string, std::string> definition_of(const SweepSession& session);

/// A trial as its worker gets it: the settings at the point, as option structs and as text.
[[nodiscard]] trial::SegmentTask task_of(const SweepSession& session, const cluster::RunSegment& order);

/// What training costs on the virtual clock; refers to the session.
[[nodiscard]] search::SegmentCost segment_cost_of(const SweepSession& session);

/// The header of a new results file.
[[nodiscard]] store::ResultsHeader header_of(const SweepSession& session);

}  // namespace seqsweep::jobs
