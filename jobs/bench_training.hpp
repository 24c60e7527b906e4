// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "seqsweep/cluster/world.hpp"

#include "bench_shape.hpp"

namespace seqsweep::jobs {

/// How ranks that mpirun started share the work.
enum class RankUse {
  together,  ///< all train one network, each a part of every batch
  alone,     ///< each trains a network of its own, at the same time
};

struct BenchSettings {
  int num_shards = 0;  ///< of a batch, as train.shards; 0: its default
  std::string optimizer = "adam";
  int num_rounds = 5;
  RankUse rank_use = RankUse::together;
};

/// A median over rounds, and how far the rounds lay apart.
struct Spread {
  double median = 0, least = 0, most = 0;
};
[[nodiscard]] Spread spread_of(std::vector<double> values);

/// What all ranks together reached.
struct TrainingRates {
  Spread sequences_per_s;
  Spread gflops;
  Spread peak_gflops;           ///< the ranks' peaks added, each the larger of two probes, before and after its round
  Spread share_of_peak;         ///< of each round
  double time_steps_per_s = 0;  ///< steps of sequences, as many as they really have
  double ms_per_step = 0;       ///< optimizer step
  double data_share = 0, reduce_share = 0;  ///< of the time: gathering batches, adding the ranks' gradients
  double bytes_per_rank = 0;                ///< what `sweep --dry-run` says, without the data
  int num_shards = 0;
};

/// Trains on random sequences in memory, by the code that trains the trials of a sweep, and takes the time of its
/// optimizer steps alone: gathering the batch, forward, loss, back-propagation, adding shards and ranks, clipping,
/// optimizer. Collective over the world. Throws ConfigError where the ranks cannot share the batch.
[[nodiscard]] TrainingRates measure_training(const BenchShape& shape, const BenchSettings& settings,
                                             const cluster::World& world);

}  // namespace seqsweep::jobs
