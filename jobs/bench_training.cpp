// SPDX-License-Identifier: Apache-2.0
#include "bench_training.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "seqsweep/config/plan.hpp"
#include "seqsweep/core/error.hpp"
#include "seqsweep/data/batches.hpp"
#include "seqsweep/nn/instruction_set.hpp"
#include "seqsweep/trial/training.hpp"

#include "in_world.hpp"
#include "sweep_session.hpp"

namespace seqsweep::jobs {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double round_s = 0.2;  // long against a probe, short against the moods of a shared machine [s]
constexpr double fewest_batches = 4, most_batches = 16, most_token_batches = 256;
constexpr int many_epochs = 1'000'000;

// An epoch is one pass over the batches: short enough for a round, varied enough for caches. Embedding rows that a step
// does not touch are brought up to date later, at the latest between epochs, where it is not timed: an epoch is ten
// times as long as a row waits on average.
int batches_for(const BenchShape& shape) {
  constexpr double likely_flops_per_s = 60e9;
  const auto spec = network_of(shape);
  const double sequences = shape.batch_size;
  const double flops = 6 * nn::forward_multiply_adds(spec, sequences * shape.num_steps, sequences);
  const double waiting_steps = shape.vocabulary / (sequences * shape.num_steps);
  const double batches = std::clamp(round_s * likely_flops_per_s / flops, fewest_batches, most_batches);
  return static_cast<int>(std::max(batches, std::min(10 * waiting_steps, most_token_batches)));
}

// Data sets are files: this one is gone as soon as it is in memory.
data::Dataset random_dataset(const BenchShape& shape) {
  struct TemporaryFile {
    std::filesystem::path path = std::filesystem::temp_directory_path() / fmt::format("seqsweep-bench-{}.h5", getpid());
    ~TemporaryFile() {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
    }
  };
  const TemporaryFile file;
  auto table = random_table(shape, batches_for(shape));
  data::set_floors(table);
  data::write_dataset(table, file.path.string(), data::IfExists::overwrite);
  return data::Dataset::load(file.path.string());
}

trial::TrialSettings settings_of(const BenchShape& shape, const BenchSettings& settings) {
  trial::TrialSettings trial;
  trial.network = network_of(shape);
  trial.optimizer.name = settings.optimizer;
  trial.batch_size = shape.batch_size;
  trial.shards = settings.num_shards > 0 ? settings.num_shards : data::default_shards(shape.batch_size);
  trial.max_epochs = many_epochs;
  return trial;
}

double planned_bytes(const trial::TrialSettings& settings, const data::Dataset& dataset) {
  config::SweepConfig config;
  config.base = settings;
  const auto& spec = settings.network;
  config::DataFacts facts;
  facts.num_features = spec.num_features;
  facts.vocabulary = spec.vocabulary;
  facts.num_outputs = spec.num_outputs;
  facts.head = spec.head;
  facts.loss = spec.loss;
  facts.train_sequences = static_cast<double>(dataset.num_sequences(data::Split::train));
  facts.train_steps = static_cast<double>(dataset.num_steps(data::Split::train));
  facts.max_length = dataset.max_length(data::Split::train);
  return config::make_plan(config, facts).memory_per_rank_bytes;
}

// The best of a few bursts: an interrupt only ever makes one slower.
double probe_peak() {
  double best = 0;
  for (int burst = 0; burst < 3; ++burst) best = std::max(best, nn::probe_peak_gflops());
  return best;
}

// Runs epochs of one training and adds up the time within its optimizer steps; validation between epochs does not
// count.
class TimedTraining {
 public:
  TimedTraining(const trial::TrialSettings& settings, const data::Dataset& dataset)
      : training_(TrialId(0), settings, trial::Objective{}, dataset) {
    hooks_.wants_stop = [this] {
      start_ = Clock::now();
      is_in_step_ = true;
      return false;
    };
    hooks_.between_steps = [this] {  // called between chunks of validation, too
      if (is_in_step_) seconds_ += std::chrono::duration<double>(Clock::now() - start_).count();
      is_in_step_ = false;
    };
  }

  /// Seconds in optimizer steps.
  double run(int num_epochs, trial::Group& group) {
    seconds_ = 0;
    epoch_ += num_epochs;
    if (training_.train(epoch_, group, hooks_) != trial::TrainingEnd::reached)
      throw ConfigError("the benchmark's training ended early: " + training_.divergence() +
                        "; choose another optimizer or shape");
    return seconds_;
  }

  [[nodiscard]] const trial::Training& training() const { return training_; }

 private:
  trial::Training training_;
  trial::TrainingHooks hooks_;
  Clock::time_point start_;
  bool is_in_step_ = false;
  double seconds_ = 0;
  int epoch_ = 0;
};

std::vector<int> all_ranks(const cluster::World& world) {
  std::vector<int> ranks(static_cast<std::size_t>(world.size()));
  std::iota(ranks.begin(), ranks.end(), 0);
  return ranks;
}

void refuse_ranks(const cluster::World& world, const trial::TrialSettings& settings, RankUse rank_use) {
  const auto size = static_cast<unsigned>(world.size());
  if (!std::has_single_bit(size))
    throw ConfigError(fmt::format("{} ranks cannot share a batch; start a power of two", size), "command line");
  if (rank_use == RankUse::together && world.size() > settings.shards)
    throw ConfigError(fmt::format("{} ranks cannot share a batch of {} shards; give more --shards or a larger --batch",
                                  size, settings.shards),
                      "command line", "shards");
}

// One round on all ranks: what each took, and each one's peak.
struct Round {
  std::vector<double> seconds, peaks;  // [ranks]
};

Round run_round(TimedTraining& training, int num_epochs, trial::Group& all, trial::Group& group) {
  const auto share = [&](double mine) {
    std::vector<double> values(static_cast<std::size_t>(all.size()));
    all.gather(std::span(&mine, 1), values);
    return values;
  };
  Round round;
  double peak = probe_peak();
  share(peak);  // nobody starts before everybody has probed
  const double seconds = training.run(num_epochs, group);
  peak = std::max(peak, probe_peak());
  round.seconds = share(seconds);
  round.peaks = share(peak);
  return round;
}

// What an epoch holds.
struct EpochWork {
  double num_sequences = 0, num_steps = 0, flops = 0;
};

EpochWork work_of(const trial::Training& training, const data::Dataset& dataset) {
  EpochWork work;
  work.num_sequences = static_cast<double>(dataset.num_sequences(data::Split::train));
  work.num_steps = static_cast<double>(dataset.num_steps(data::Split::train));
  work.flops = training_flops(training.network_spec(), training.layout(), work.num_steps, work.num_sequences);
  return work;
}

TrainingRates rates_of(const std::vector<Round>& rounds, int num_epochs, const EpochWork& work, RankUse rank_use) {
  std::vector<double> epoch_rates, peaks, shares;  // [rounds]
  for (const auto& round : rounds) {
    double epochs_per_s = num_epochs / *std::max_element(round.seconds.begin(), round.seconds.end());
    if (rank_use == RankUse::alone) {
      epochs_per_s = 0;
      for (const double seconds : round.seconds) epochs_per_s += num_epochs / seconds;
    }
    epoch_rates.push_back(epochs_per_s);
    peaks.push_back(std::accumulate(round.peaks.begin(), round.peaks.end(), 0.0));
    shares.push_back(1e-9 * work.flops * epochs_per_s / peaks.back());
  }
  const auto epochs_per_s = spread_of(epoch_rates);
  const auto scaled = [&](double factor) {
    return Spread{factor * epochs_per_s.median, factor * epochs_per_s.least, factor * epochs_per_s.most};
  };
  TrainingRates rates;
  rates.sequences_per_s = scaled(work.num_sequences);
  rates.gflops = scaled(1e-9 * work.flops);
  rates.peak_gflops = spread_of(peaks);
  rates.share_of_peak = spread_of(shares);
  rates.time_steps_per_s = work.num_steps * epochs_per_s.median;
  return rates;
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

TrainingRates measure_training(const BenchShape& shape, const BenchSettings& settings, const cluster::World& world) {
  const auto trial_settings = settings_of(shape, settings);
  std::optional<data::Dataset> dataset;
  std::optional<TimedTraining> training;
  world.agree(error_of([&] {
    refuse_ranks(world, trial_settings, settings.rank_use);
    dataset = random_dataset(shape);
    training.emplace(trial_settings, *dataset);
  }));
  const auto all = world.make_group(all_ranks(world));
  trial::SoloGroup solo;
  const bool is_alone = settings.rank_use == RankUse::alone;
  trial::Group& group = is_alone ? solo : *all;

  // The first epoch warms up, the second says how many make a round, on every rank the same.
  run_round(*training, 1, *all, group);
  const auto warm = run_round(*training, 1, *all, group);
  const double epoch_s = *std::max_element(warm.seconds.begin(), warm.seconds.end());
  const int num_epochs = std::max(1, static_cast<int>(std::lround(round_s / epoch_s)));

  const auto clock_before = training->training().clock();
  std::vector<Round> rounds;
  double total_s = 0;
  for (int r = 0; r < settings.num_rounds; ++r) {
    rounds.push_back(run_round(*training, num_epochs, *all, group));
    total_s += rounds.back().seconds[static_cast<std::size_t>(all->rank())];
  }
  const auto clock = training->training().clock();
  auto rates = rates_of(rounds, num_epochs, work_of(training->training(), *dataset), settings.rank_use);
  const double networks = is_alone ? world.size() : 1;
  rates.ms_per_step = 1e3 * networks * shape.batch_size / rates.sequences_per_s.median;
  rates.data_share = (clock.data_s - clock_before.data_s) / total_s;
  rates.reduce_share = (clock.reduce_s - clock_before.reduce_s) / total_s;
  rates.bytes_per_rank = planned_bytes(trial_settings, *dataset);
  rates.num_shards = trial_settings.shards;
  return rates;
}

}  // namespace seqsweep::jobs
