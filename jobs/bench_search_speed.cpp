// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "seqsweep/cluster/coordinator.hpp"
#include "seqsweep/core/error.hpp"
#include "seqsweep/store/results_file.hpp"

#include "bench_search.hpp"
#include "file_recorder.hpp"
#include "report_text.hpp"
#include "test_functions.hpp"

namespace seqsweep::jobs {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::unique_ptr<search::Sampler> make_sampler(const std::string& name, const search::SearchSpace& space) {
  return find_in(search::sampler_catalogue(), "sampler", name).make(space, search::SamplerOptions{});
}

double value_of(const search::Point& point) {
  return find_test_function("ackley").value(point);
}

// Asks a sampler for points and measures them, as a Study does with one trial in flight.
class Loop {
 public:
  Loop(search::History& history, const std::string& sampler)
      : history_(history), sampler_(make_sampler(sampler, history.cube().space())) {}

  /// Gives what the proposal took. [s]
  double turn() {
    const auto index = static_cast<std::int64_t>(history_.num_rows());
    const RandomKey key = RandomKey(1).fold(Purpose::test).fold(static_cast<std::uint64_t>(index));
    const auto start = Clock::now();
    const auto point = sampler_->propose(history_, {index, key});
    const double seconds = seconds_since(start);
    auto& trial = history_.begin(point);
    trial.state = search::TrialState::completed;
    trial.curve.push_back({1, value_of(point)});
    history_.measured(trial.id, false);
    return seconds;
  }

 private:
  search::History& history_;
  std::unique_ptr<search::Sampler> sampler_;
};

// Mean time of a proposal after so many finished trials. [ms] The first one is not counted: in it a sampler may catch
// up with the trials, which are not its own.
double proposal_ms(const std::string& sampler, int num_trials) {
  constexpr int most_proposals = 50;
  constexpr double most_seconds = 5;
  search::History history(find_test_function("ackley").space());
  Loop fill(history, "random");
  for (int i = 0; i < num_trials; ++i) fill.turn();
  Loop loop(history, sampler);
  loop.turn();
  int num_proposals = 0;
  double seconds = 0;
  for (; num_proposals < most_proposals && seconds < most_seconds; ++num_proposals) seconds += loop.turn();
  return 1e3 * seconds / num_proposals;
}

search::Study idle_study(const std::string& scheduler, int num_trials) {
  search::StudyOptions options;
  options.ends.trials = num_trials;
  options.concurrency = 16;
  options.sampler = "random";  // what is timed is the rest
  options.scheduler.name = scheduler;
  options.scheduler.max_epochs = scheduler == "none" ? 1 : 16;
  return search::Study(options, find_test_function("ackley").space(), [](const auto&) { return 1.0; });
}

double trials_per_s_in_memory(const std::string& scheduler, int num_trials) {
  auto study = idle_study(scheduler, num_trials);
  const auto start = Clock::now();
  run_study(study, [](const search::Segment& segment, const search::Point& point) {
    return search::SegmentResult{.trial = segment.trial,
                                 .from_epoch = segment.from_epoch,
                                 .to_epoch = segment.to_epoch,
                                 .last_epoch = segment.to_epoch,
                                 .value = value_of(point)};
  });
  return num_trials / seconds_since(start);
}

// A worker that trains nothing: every segment is done at once, with a row for each epoch.
void answer(cluster::WorkerChannel& channel) {
  while (const auto message = channel.receive()) {
    const auto* order = std::get_if<cluster::RunSegment>(&*message);
    if (order == nullptr) continue;
    const double value = value_of(order->point);
    for (int epoch = order->from_epoch + 1; epoch <= order->to_epoch; ++epoch) {
      cluster::EpochDone done;
      done.leg = order->leg;
      done.record.trial = order->trial;
      done.record.epoch = epoch;
      done.record.validation.loss = value;
      channel.send(done);
    }
    cluster::SegmentDone done;
    done.leg = order->leg;
    done.record.trial = done.timing.trial = order->trial;
    done.record.from_epoch = done.timing.from_epoch = order->from_epoch;
    done.record.to_epoch = done.record.last_epoch = done.timing.to_epoch = order->to_epoch;
    done.record.value = value;
    channel.send(done);
  }
}

/// A folder of its own for as long as it lives.
class ScratchFolder {
 public:
  ScratchFolder() : path_(std::filesystem::temp_directory_path() / fmt::format("seqsweep-bench-{}", getpid())) {
    std::filesystem::create_directory(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

double durable_trials_per_s(int num_workers, int num_trials) {
  const ScratchFolder folder;
  auto study = idle_study("none", num_trials);
  store::ResultsHeader header;
  header.dimensions = study.space().dimensions();
  header.trials = num_trials;
  auto writer = store::ResultsWriter::create(folder.file("idle.h5"), header);
  FileRecorder recorder(writer);
  cluster::InMemoryWires wires;
  cluster::CoordinatorOptions options;
  for (int rank = 1; rank <= num_workers; ++rank) options.ranks.worker_ranks.push_back(rank);
  options.most_ranks = [](const auto&) { return 1; };

  const auto start = Clock::now();
  cluster::Coordinator coordinator(study, recorder, wires.coordinator_end(), options, {});
  while (!coordinator.is_done()) {
    coordinator.turn();
    for (int rank = 1; rank <= num_workers; ++rank) answer(wires.worker_end(rank));
  }
  writer.commit();
  return num_trials / seconds_since(start);
}

}  // namespace

SearchFigures measure_speed(const SearchBenchOptions& options) {
  constexpr std::array finished_trials = {100, 1000, 5000, 10'000};
  SearchFigures figures;
  TextTable proposals;
  proposals.columns = {{"sampler", true}};
  for (const int n : finished_trials) proposals.columns.push_back({std::to_string(n)});
  Json proposal_json = Json::array();
  for (const auto& sampler : options.samplers) try {
      std::vector<std::string> row{sampler};
      for (const int n : finished_trials) {
        const double ms = proposal_ms(sampler, n);
        row.push_back(fmt::format("{:.2g}", ms));
        proposal_json.push_back({{"sampler", sampler}, {"finished_trials", n}, {"ms", ms}});
      }
      proposals.rows.push_back(std::move(row));
    } catch (const ConfigError&) {  // it cannot search this space
    }

  const std::vector<std::pair<std::string, double>> rates = {
      {"in memory, none", trials_per_s_in_memory("none", 50'000)},
      {"in memory, asha", trials_per_s_in_memory("asha", 50'000)},
      {"every row durable, 1 worker", durable_trials_per_s(1, 2000)},
      {"every row durable, 16 workers", durable_trials_per_s(16, 2000)}};
  TextTable trials{{{"random points", true}, {"trials/s"}}, {}};
  Json trial_json = Json::array();
  for (const auto& [name, rate] : rates) {
    trials.rows.push_back({name, fmt::format("{:.0f}", rate)});
    trial_json.push_back({{"what", name}, {"trials_per_s", rate}});
  }
  figures.text = fmt::format(
      "Milliseconds to propose a point in 5 dimensions, by trials finished before\n{}\nTrials without work\n{}",
      proposals.text(), trials.text());
  figures.json = {{"proposals", std::move(proposal_json)}, {"trials", std::move(trial_json)}};
  return figures;
}

}  // namespace seqsweep::jobs
