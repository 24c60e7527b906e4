// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/core/text.hpp"

#include "bench.hpp"
#include "bench_throughput.hpp"
#include "command_line.hpp"
#include "report_text.hpp"
#include "virtual_cluster.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr auto about =
    "Whole sweeps by the real coordinator on virtual workers, which only say what time it would be:\n"
    "promotion ASHA (rungs at 1, 4 and 16 epochs) over trials whose costs are lognormal, in virtual\n"
    "time with twice as many logical workers as workers. Prints their wall time relative to deciding\n"
    "at arrival, as tuners do that cannot give the same results twice: as many slots as workers, one\n"
    "rank a trial.\n"
    "\n"
    "--json prints {efficiency, seeds, results [{workers, trials, error, fixed, elastic, at_arrival_s,\n"
    "useful, shared, moving, idle, changes}]}: the first two relative to at_arrival_s, the next four\n"
    "shares of the elastic sweeps' node-hours. Keys are never renamed.\n"
    "\n"
    "--throughput: what coordinating costs by itself, with segments that take no time. --json prints\n"
    "{results [{workers, trials, segments, segments_per_s, bytes_per_trial, resume_s}]} (resume_s: until\n"
    "a coordinator that finds all of it recorded is where it was).";

po::options_description described() {
  po::options_description options("options", terminal_columns);
  options.add_options()                                                                                          //
      ("elastic", "the comparison (the default)")                                                                //
      ("throughput", "how many segments a second the coordinator has handed out and taken back")                 //
      ("workers", po::value<std::string>()->default_value("", "4,16,64; 10000")->value_name("A,B"), "how many")  //
      ("trials", po::value<int>()->default_value(100'000)->value_name("N"), "of --throughput")                   //
      ("efficiency", po::value<double>()->default_value(0.93, "0.93")->value_name("E"),
       "of twice as many ranks a trial; bench engine --ranks together measures it")              //
      ("seeds", po::value<int>()->default_value(20)->value_name("N"), "means over seeds 1 … N")  //
      ("json", "print JSON instead of text");
  return options;
}

constexpr double second_multiply_adds = 1e9;  // that a rank does in a second
constexpr double epoch_s = 60;                // of a trial of median cost

struct Setting {
  int num_workers;
  double error;  // of the cost model, standard deviation of its logarithm
  std::uint64_t seed;
  double efficiency;
  [[nodiscard]] int num_trials() const {
    return num_workers <= 4 ? 200 : num_workers <= 16 ? 600 : 2000 * num_workers / 64;
  }
};

double cost_of(const search::Point& point) {
  return std::get<double>(*point.values[0]);
}

RandomStream stream_of(const search::Point& point, int to_epoch, Purpose purpose) {
  return RandomKey(std::bit_cast<std::uint64_t>(cost_of(point)))
      .fold(purpose)
      .fold(static_cast<std::uint64_t>(to_epoch))
      .stream();
}

// How far off the cost model is for a segment.
double factor(const Setting& setting, const search::Point& point, int to_epoch) {
  return std::exp(setting.error * stream_of(point, to_epoch, Purpose::shuffle).normal());
}

search::Study study_of(const Setting& setting, int concurrency, search::SegmentCost cost) {
  search::StudyOptions options;
  options.seed = setting.seed;
  options.ends.trials = setting.num_trials();
  options.concurrency = concurrency;
  options.sampler = "random";
  options.scheduler.name = "asha";
  options.scheduler.max_epochs = 16;
  options.scheduler.reduction_factor = 4;
  const search::SearchSpace space({{"cost", search::LogNormal{0, 0.8}, std::nullopt}});
  return search::Study(options, space, std::move(cost));
}

double model_cost(const search::Point& point, int from_epoch, int to_epoch) {
  return second_multiply_adds * epoch_s * cost_of(point) * (to_epoch - from_epoch);
}

VirtualCluster cluster_of(const Setting& setting, int ranks_per_trial) {
  VirtualCluster cluster;
  cluster.num_workers = setting.num_workers;
  cluster.ranks_per_trial = ranks_per_trial;
  cluster.efficiency = setting.efficiency;
  cluster.seconds_of = [setting](const search::Point& point, int to_epoch, double multiply_adds) {
    return multiply_adds / second_multiply_adds * factor(setting, point, to_epoch);
  };
  cluster.value_of = [](const search::Point& point, int to_epoch) {
    return stream_of(point, to_epoch, Purpose::test).uniform();
  };
  return cluster;
}

// A study whose virtual clock is right to the second decides when results arrive.
NodeSeconds at_arrival(const Setting& setting) {
  auto study = study_of(setting, setting.num_workers, [&](const search::Point& point, int from_epoch, int to_epoch) {
    return model_cost(point, from_epoch, to_epoch) * factor(setting, point, to_epoch);
  });
  auto cluster = cluster_of(setting, 1);
  cluster.seconds_of = [](const search::Point&, int, double multiply_adds) {
    return multiply_adds / second_multiply_adds;
  };
  return run_on(cluster, study);
}

NodeSeconds in_virtual_time(const Setting& setting, int ranks_per_trial) {
  auto study = study_of(setting, 2 * setting.num_workers, model_cost);
  return run_on(cluster_of(setting, ranks_per_trial), study);
}

Json measure(Setting setting, int num_seeds) {
  double fixed = 0, elastic = 0, arrival_s = 0, changes = 0;
  NodeSeconds all;
  for (int seed = 1; seed <= num_seeds; ++seed) {
    setting.seed = static_cast<std::uint64_t>(seed);
    const double reference_s = at_arrival(setting).wall;
    const auto spent = in_virtual_time(setting, 0);
    fixed += in_virtual_time(setting, 1).wall / reference_s / num_seeds;
    elastic += spent.wall / reference_s / num_seeds;
    arrival_s += reference_s / num_seeds;
    changes += static_cast<double>(spent.changes) / num_seeds;
    all.useful += spent.useful;
    all.shared += spent.shared;
    all.moving += spent.moving;
    all.idle += spent.idle;
  }
  const double total = all.useful + all.shared + all.moving + all.idle;
  return {{"workers", setting.num_workers},
          {"trials", setting.num_trials()},
          {"error", setting.error},
          {"fixed", fixed},
          {"elastic", elastic},
          {"at_arrival_s", arrival_s},
          {"useful", all.useful / total},
          {"shared", all.shared / total},
          {"moving", all.moving / total},
          {"idle", all.idle / total},
          {"changes", changes}};
}

std::vector<int> workers_in(const std::string& text) {
  std::vector<int> workers;
  for (const auto& word : split(text, ',')) {
    const auto number = parse_integer(word);
    if (!number || *number < 1 || *number > 10'000)
      throw ConfigError(fmt::format("--workers: '{}' is no number from 1 to 10000", word), "command line");
    workers.push_back(static_cast<int>(*number));
  }
  return workers;
}

std::string text_of(const Json& results) {
  TextTable table{{{"workers"},
                   {"trials"},
                   {"cost off by"},
                   {"1 rank a trial"},
                   {"elastic"},
                   {"useful"},
                   {"shared"},
                   {"moving"},
                   {"idle"}},
                  {}};
  for (const auto& row : results)
    table.rows.push_back({row["workers"].dump(), row["trials"].dump(), percent(row["error"]),
                          fmt::format("{:.2f}", row["fixed"].get<double>()),
                          fmt::format("{:.2f}", row["elastic"].get<double>()), percent(row["useful"]),
                          percent(row["shared"]), percent(row["moving"]), percent(row["idle"])});
  return "Wall time relative to deciding at arrival, and where the elastic sweeps' node-hours went\n" + table.text();
}

Json json_of(const Throughput& throughput) {
  return {{"workers", throughput.num_workers},
          {"trials", throughput.num_trials},
          {"segments", throughput.num_segments},
          {"segments_per_s", throughput.segments_per_s},
          {"bytes_per_trial", throughput.bytes_per_trial ? Json(*throughput.bytes_per_trial) : Json()},
          {"resume_s", throughput.resume_s}};
}

int run_throughput(const po::variables_map& options, const std::string& workers) {
  const int num_trials = options["trials"].as<int>();
  if (num_trials < 1) throw ConfigError("--trials is at least 1", "command line");
  Json results = Json::array();
  for (const int num_workers : workers_in(workers.empty() ? "10000" : workers)) {
    const auto throughput = measure_throughput(num_workers, num_trials);
    results.push_back(json_of(throughput));
    if (options.count("json") == 0)
      fmt::print(
          "{} workers, {} trials: {} segments, {:.0f} a second; {} of memory a trial; resumed in {}\n", num_workers,
          num_trials, throughput.num_segments, throughput.segments_per_s,
          throughput.bytes_per_trial ? fmt::format("{:.0f} bytes", *throughput.bytes_per_trial) : "unknown bytes",
          human_seconds(throughput.resume_s));
  }
  if (options.count("json") > 0) std::cout << Json{{"results", results}}.dump(2) << '\n';
  return static_cast<int>(ExitCode::done);
}

}  // namespace

int run_bench_coordinator(Arguments arguments) {
  const auto line = read_command_line({"bench coordinator", {}, about, described()}, arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  const auto& workers = line->options["workers"].as<std::string>();
  if (line->options.count("throughput") > 0) {
    refuse_unused(line->options, {"elastic", "efficiency", "seeds"}, "with --throughput");
    return run_throughput(line->options, workers);
  }
  refuse_unused(line->options, {"trials"}, "without --throughput");
  const double efficiency = line->options["efficiency"].as<double>();
  const int num_seeds = line->options["seeds"].as<int>();
  if (!(efficiency > 0.5 && efficiency <= 1) || num_seeds < 1)
    throw ConfigError("--efficiency is more than 0.5 and at most 1, --seeds at least 1", "command line");
  Json results = Json::array();
  for (const int num_workers : workers_in(workers.empty() ? "4,16,64" : workers))
    for (const double error : {0.1, 0.3}) results.push_back(measure({num_workers, error, 1, efficiency}, num_seeds));
  if (line->options.count("json") > 0)
    std::cout << Json{{"efficiency", efficiency}, {"seeds", num_seeds}, {"results", results}}.dump(2) << '\n';
  else
    std::cout << text_of(results);
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
