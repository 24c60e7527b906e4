// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

#include <array>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::jobs {
namespace {

struct Benchmark {
  std::string_view name;
  std::string_view summary;
  int (*run)(Arguments);
};

constexpr std::array catalogue = {
    Benchmark{"engine", "training: sequences/s, GFLOP/s, share of the core's peak", run_bench_engine},
    Benchmark{"allreduce", "adding the gradients of ranks: microseconds by size", run_bench_allreduce},
    Benchmark{"search", "samplers and schedulers: how near they come, how fast they decide", run_bench_search},
    Benchmark{"coordinator", "whole sweeps on virtual workers: what elastic ranks gain", run_bench_coordinator},
};

std::string usage() {
  std::string text = "usage: seqsweep bench WHAT [options]\n\nMeasures seqsweep on this machine, now:\n";
  for (const auto& benchmark : catalogue) text += fmt::format("  {:<11} {}\n", benchmark.name, benchmark.summary);
  return text + "\nseqsweep bench WHAT --help explains one.\n";
}

bool is_help(const std::string& word) {
  return word == "--help" || word == "-h" || word == "help";
}

}  // namespace

int run_bench(Arguments arguments) {
  if (arguments.empty())
    throw ConfigError("bench needs to know what to measure; see seqsweep bench --help", "command line");
  const auto& name = arguments[0];
  if (is_help(name)) {
    std::cout << usage();
    return static_cast<int>(ExitCode::done);
  }
  std::vector<std::string> names;
  for (const auto& benchmark : catalogue) {
    if (benchmark.name == name) return benchmark.run(arguments.subspan(1));
    names.emplace_back(benchmark.name);
  }
  throw ConfigError(fmt::format("unknown benchmark '{}' {}", name, known_names(name, names)), "command line");
}

}  // namespace seqsweep::jobs
