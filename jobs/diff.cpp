// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/store/results_file.hpp"

#include "command_line.hpp"
#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;

constexpr auto about =
    "Whether two results files agree bit for bit in all that makes the results; /timing and the\n"
    "program's version are left out. Live files may be compared too.\n"
    "Exit code: 0 equal, 1 different, 3 a file cannot be read.";
constexpr int different = 1;

}  // namespace

int run_diff(Arguments arguments) {
  CommandLineSpec spec{"diff", {"A.h5", "B.h5"}, about, po::options_description("options", terminal_columns)};
  spec.options.add_options()("limit", po::value<int>()->default_value(20)->value_name("N"),
                             "print at most N differences");
  const auto line = read_command_line(std::move(spec), arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  const int limit = line->options["limit"].as<int>();
  if (limit < 1) throw ConfigError("--limit must be 1 or more", "command line", "limit");

  const auto a = store::read_results(line->positional.at("A.h5"));
  const auto b = store::read_results(line->positional.at("B.h5"));
  const auto found = store::differences(a, b, static_cast<std::size_t>(limit));
  for (const auto& difference : found) std::cout << difference << '\n';
  if (!found.empty()) return different;
  std::cout << fmt::format("equal: {} trials, {} epochs, /timing apart\n", a.trials.size(), a.epochs.size());
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
