// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace seqsweep::jobs {

using Arguments = std::span<const std::string>;

// Each runs one job of the program on this rank and returns its exit code (ExitCode as int); `--help` is one of the
// arguments. Errors are thrown; main() prints them.
int run_sweep(Arguments arguments);
int run_train(Arguments arguments);
int run_dataset(Arguments arguments);
int run_status(Arguments arguments);
int run_report(Arguments arguments);
int run_export(Arguments arguments);
int run_importance(Arguments arguments);
int run_explain(Arguments arguments);
int run_replay(Arguments arguments);
int run_compare(Arguments arguments);
int run_diff(Arguments arguments);
int run_predict(Arguments arguments);
int run_bench(Arguments arguments);
int run_completion(Arguments arguments);

/// One job; the catalogue is the program's table of contents.
struct Job {
  std::string_view name;
  std::string_view synopsis;
  std::string_view summary;
  int (*run)(Arguments);
};
[[nodiscard]] std::span<const Job> job_catalogue();

}  // namespace seqsweep::jobs
