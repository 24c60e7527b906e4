// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <chrono>
#include <functional>
#include <iostream>
#include <numeric>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seqsweep/cluster/library_allreduce.hpp"
#include "seqsweep/cluster/world.hpp"
#include "seqsweep/core/error.hpp"

#include "bench.hpp"
#include "command_line.hpp"
#include "in_world.hpp"
#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;

using Json = nlohmann::ordered_json;

constexpr auto about =
    "Adds blocks of floats over all ranks, as a training adds its gradients at every optimizer step,\n"
    "and takes the time of one addition, the slowest rank's:\n"
    "  in one     the whole block, and nothing else meanwhile\n"
    "  in parts   in four parts, as while layers below are still computing, but without computing\n"
    "  MPI        MPI_Allreduce of the MPI library, whose order of adding, and so whose last bits,\n"
    "             depend on the number of ranks: what ours is measured against\n"
    "GB/s is the size of the block by the time in one. Figures are medians over rounds that take the\n"
    "three by turns. Without --floats: a table of sizes, among them the gradients of LSTM layers\n"
    "(I=8, one output).\n"
    "\n"
    "  mpirun -n 2 seqsweep bench allreduce\n"
    "\n"
    "--json prints an object with the keys ranks, ranks_per_node, rounds and sizes\n"
    "  [{floats, what, in_one_us, in_parts_us, mpi_us, gb_per_s}]. Keys are never renamed.";

constexpr int most_floats = 1 << 28;  // 1 GiB

struct Size {
  std::size_t floats;
  std::string what;
};

// LSTM: four gates of H × (I + H) weights and two biases each, and the head.
Size lstm_gradient(std::size_t hidden) {
  constexpr std::size_t inputs = 8;
  return {4 * hidden * (inputs + hidden + 2) + hidden + 1, fmt::format("LSTM H={}", hidden)};
}

std::vector<Size> default_sizes() {
  return {{1'000, ""},   lstm_gradient(32),  {10'000, ""},  {30'000, ""},    lstm_gradient(128),
          {100'000, ""}, lstm_gradient(256), {500'000, ""}, {1'000'000, ""}, lstm_gradient(512)};
}

struct Times {
  double in_one_us = 0, in_parts_us = 0, mpi_us = 0;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

class Bench {
 public:
  Bench(trial::Group& group, int num_rounds) : group_(group), num_rounds_(num_rounds) {}

  Times measure(std::size_t num_floats) {
    values_.assign(num_floats, 0.0F);  // sums stay zero, however often they are added
    const std::vector<std::function<void()>> ways = {[this] { group_.add_in_tree(values_); },
                                                     [this] { add_in_parts(); },
                                                     [this] { cluster::add_by_library(values_); }};
    std::vector<int> repeats;
    for (const auto& way : ways) repeats.push_back(repeats_of(way));
    std::vector<std::vector<double>> times(ways.size());  // [us]
    for (int round = 0; round < num_rounds_; ++round)
      for (std::size_t i = 0; i < ways.size(); ++i) times[i].push_back(1e6 * seconds_of(ways[i], repeats[i]));
    return {median(times[0]), median(times[1]), median(times[2])};
  }

 private:
  void add_in_parts() {
    constexpr std::size_t num_parts = 4;
    const std::size_t part = (values_.size() + num_parts - 1) / num_parts;
    for (std::size_t begin = 0; begin < values_.size(); begin += part) {
      group_.start_add_in_tree(std::span(values_).subspan(begin, std::min(part, values_.size() - begin)));
      group_.progress();
    }
    group_.finish_add_in_tree();
  }

  // So many that a round takes 2 ms: the clocks of the ranks, and their starts, are some microseconds apart.
  int repeats_of(const std::function<void()>& way) {
    constexpr double round_s = 2e-3;
    (void)seconds_of(way, 2);  // first use
    return static_cast<int>(std::clamp(round_s / seconds_of(way, 3), 5.0, 2000.0));
  }

  // Of one call; the same on every rank.
  double seconds_of(const std::function<void()>& way, int repeats) {
    (void)slowest(0);  // all start together
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < repeats; ++i) way();
    return slowest(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()) / repeats;
  }

  double slowest(double mine) {
    std::vector<double> all(static_cast<std::size_t>(group_.size()));
    group_.gather({&mine, 1}, all);
    return *std::max_element(all.begin(), all.end());
  }

  trial::Group& group_;
  int num_rounds_;
  std::vector<float> values_;
};

double gb_per_s(const Size& size, const Times& times) {
  return static_cast<double>(size.floats * sizeof(float)) / times.in_one_us * 1e-3;
}

std::vector<Size> sizes_of(const po::variables_map& options) {
  if (options.count("floats") == 0) return default_sizes();
  std::vector<Size> sizes;
  for (const int floats : options["floats"].as<std::vector<int>>()) {
    if (floats < 1 || floats > most_floats)
      throw ConfigError(fmt::format("--floats {} is not in 1 … {}", floats, most_floats), "command line", "floats");
    sizes.push_back({static_cast<std::size_t>(floats), ""});
  }
  return sizes;
}

// What is wrong with so many ranks, if anything.
void refuse_odd_worlds(int num_ranks) {
  if (num_ranks == 1)
    throw ConfigError("one rank has nothing to add to; start two or more: mpirun -n 2 seqsweep bench allreduce",
                      "command line");
  const auto below = std::bit_floor(static_cast<unsigned>(num_ranks));
  if (below != static_cast<unsigned>(num_ranks))
    throw ConfigError(fmt::format("{} ranks cannot share a trial, which takes a power of two; start {}: mpirun -n {} …",
                                  num_ranks, below, below),
                      "command line");
}

std::string to_text(const std::vector<Size>& sizes, const std::vector<Times>& times, const std::string& title) {
  TextTable table;
  table.columns = {{"floats"}, {"gradient of", true}, {"in one us"}, {"in parts us"}, {"MPI us"}, {"GB/s"}};
  for (std::size_t i = 0; i < sizes.size(); ++i)
    table.rows.push_back({std::to_string(sizes[i].floats), sizes[i].what, four_digits(times[i].in_one_us),
                          four_digits(times[i].in_parts_us), four_digits(times[i].mpi_us),
                          four_digits(gb_per_s(sizes[i], times[i]))});
  return title + '\n' + table.text();
}

Json to_json(const Size& size, const Times& times) {
  return {{"floats", size.floats},        {"what", size.what},
          {"in_one_us", times.in_one_us}, {"in_parts_us", times.in_parts_us},
          {"mpi_us", times.mpi_us},       {"gb_per_s", gb_per_s(size, times)}};
}

po::options_description described() {
  po::options_description options("options", terminal_columns);
  options.add_options()                                                                                              //
      ("floats", po::value<std::vector<int>>()->multitoken()->value_name("N …"), "sizes of the block")               //
      ("rounds", po::value<int>()->default_value(7)->value_name("N"), "measurements, of which the median is shown")  //
      ("json", "print JSON instead of text");
  return options;
}

int measure_in(const cluster::World& world, Arguments arguments) {
  std::optional<CommandLine> line;
  std::vector<Size> sizes;
  int num_rounds = 0;
  world.agree(error_of([&] {
    line = read_command_line({"bench allreduce", {}, about, described()}, arguments);
    if (!line) return;
    sizes = sizes_of(line->options);
    num_rounds = line->options["rounds"].as<int>();
    if (num_rounds < 1) throw ConfigError("--rounds must be 1 or more", "command line", "rounds");
    refuse_odd_worlds(world.size());
  }));
  if (!line) return static_cast<int>(ExitCode::done);

  std::vector<int> ranks(static_cast<std::size_t>(world.size()));
  std::iota(ranks.begin(), ranks.end(), 0);
  const auto group = world.make_group(ranks);
  std::vector<Times> times;
  Bench bench(*group, num_rounds);
  for (const auto& size : sizes) times.push_back(bench.measure(size.floats));
  if (line->options.count("json") > 0) {
    Json json = {{"ranks", world.size()}, {"ranks_per_node", world.ranks_on_node()}, {"rounds", num_rounds}};
    for (std::size_t i = 0; i < sizes.size(); ++i) json["sizes"].push_back(to_json(sizes[i], times[i]));
    std::cout << json.dump(2) << '\n';
  } else {
    std::cout << to_text(sizes, times,
                         fmt::format("Adding over {} ranks, {} on a node; medians of {} rounds", world.size(),
                                     world.ranks_on_node(), num_rounds));
  }
  return static_cast<int>(ExitCode::done);
}

}  // namespace

int run_bench_allreduce(Arguments arguments) {
  return run_in_world([&](const cluster::World& world) { return measure_in(world, arguments); });
}

}  // namespace seqsweep::jobs
