// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <string>

#include "seqsweep/cluster/coordinator.hpp"
#include "seqsweep/cluster/world.hpp"
#include "seqsweep/store/results_file.hpp"

#include "file_recorder.hpp"
#include "progress_line.hpp"
#include "stop_time.hpp"
#include "sweep_session.hpp"

namespace seqsweep::jobs {

/// Rank 0 of a sweep: the Study, the results file, the coordinator, and in a small world a worker too.
class CoordinatorRank {
 public:
  /// `so_far`: what the results file holds already.
  CoordinatorRank(const SweepSession& session, const cluster::World& world, store::ResultsWriter& writer,
                  const store::Results& so_far);
  ~CoordinatorRank();

  /// Runs the sweep to its end, or until a signal, the time limit or the end of the Slurm allocation stops it. Returns
  /// whether it is finished (and its file sealed). Whatever happens, the workers are sent home.
  bool run();
  /// "SIGTERM within 0.3 s": what stopped it, and how long that took.
  [[nodiscard]] std::string stop_text() const;

 private:
  void run_to_end();
  void dismiss_workers();
  bool take_turn();
  void take_turn_within_segment();
  void show_what_runs();
  void stop_if_asked();

  const SweepSession& session_;
  const cluster::World& world_;
  store::ResultsWriter& writer_;
  FileRecorder recorder_;
  search::Study study_;
  ProgressLine progress_;
  cluster::InMemoryWires wires_;
  std::unique_ptr<cluster::CoordinatorChannel> mpi_channel_, joined_channel_;
  std::unique_ptr<cluster::Coordinator> coordinator_;
  StopTime stop_time_;
  std::string stop_reason_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), drain_start_, next_view_;
  std::exception_ptr error_;
};

/// How a worker of this session on this rank is set up.
[[nodiscard]] cluster::WorkerOptions worker_options(const SweepSession& session, const cluster::World& world,
                                                    cluster::PeerChannel* peers);

}  // namespace seqsweep::jobs
