// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <csignal>
#include <cstdio>
#include <vector>

#include <fmt/format.h>

#include "seqsweep/cluster/world.hpp"
#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/core/version.hpp"

#include "in_world.hpp"
#include "jobs.hpp"

namespace seqsweep::jobs {
namespace {

constexpr std::array catalogue = {
    Job{"sweep", "CONFIG.ini [--section.key=value …] [-o RESULTS.h5]", "run or resume a sweep", run_sweep},
    Job{"train", "CONFIG.ini [--section.key=value …] [-o MODEL.h5]", "train one network, all ranks together",
        run_train},
    Job{"dataset", "make TASK | import FORMAT | info FILE", "build and show HDF5 data sets", run_dataset},
    Job{"status", "RESULTS.h5 [--watch [SECONDS]]", "where a running or finished sweep stands, the best trials",
        run_status},
    Job{"report", "RESULTS.h5 [-o PAGE.html] [--watch N]", "one page that shows what a sweep found, for any browser",
        run_report},
    Job{"export", "RESULTS.h5 | MODEL.h5 --to FORMAT [-o FILE]",
        "results or a trained network for other tools: csv, Optuna, ONNX …", run_export},
    Job{"importance", "RESULTS.h5", "which dimensions of a sweep matter", run_importance},
    Job{"explain", "RESULTS.h5 TRIAL", "why a trial was stopped, paused or promoted", run_explain},
    Job{"replay", "RESULTS.h5 [--section.key=value …]", "the same trials under other settings of the search",
        run_replay},
    Job{"predict", "CHECKPOINT.h5 DATASET.h5", "apply a trained network", run_predict},
    Job{"compare", "A.h5 B.h5 …", "several sweeps of one metric side by side", run_compare},
    Job{"diff", "A.h5 B.h5", "do two results files agree, /timing apart", run_diff},
    Job{"bench", "engine | allreduce | search", "measure what this machine gives", run_bench},
    Job{"completion", "bash", "print the shell's completion script", run_completion},
};

std::string usage() {
  std::string text =
      "seqsweep tunes recurrent networks on a cluster: reproducible hyperparameter sweeps over MPI.\n\n"
      "usage: seqsweep JOB [options]\n\n";
  for (const auto& job : catalogue) text += fmt::format("  {:<11} {}\n", job.name, job.summary);
  return text +
         "\nFirst steps:\n"
         "  seqsweep dataset make adding --sequences 4000 --length 50 --seed 1 -o adding.h5\n"
         "  mpirun -n 4 seqsweep sweep configs/quickstart.ini --data.path=adding.h5 -o quickstart.h5\n"
         "  seqsweep status quickstart.h5\n\n"
         "seqsweep JOB --help explains a job. Exit codes: 0 done, 2 bad config or command line, 3 bad data or\n"
         "results file, 4 cluster failure, 5 done, but all trials diverged or failed, 75 stopped early and\n"
         "resumable, 70 internal error.\n";
}

const Job& find_job(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& job : catalogue) {
    if (job.name == name) return job;
    names.emplace_back(job.name);
  }
  throw ConfigError(fmt::format("unknown job '{}' {}", name, known_names(name, names)), "command line");
}

int run(Arguments arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    fmt::print("{}", usage());
    return static_cast<int>(arguments.empty() ? ExitCode::bad_config : ExitCode::done);
  }
  if (arguments[0] == "--version") {
    fmt::print("seqsweep {} ({}, {})\n", program_version, git_revision, instruction_set);
    return 0;
  }
  return find_job(arguments[0]).run(arguments.subspan(1));
}

}  // namespace

std::span<const Job> job_catalogue() {
  return catalogue;
}

}  // namespace seqsweep::jobs

int main(int argc, char** argv) {
  using namespace seqsweep;
  try {
    std::signal(SIGXFSZ, SIG_IGN);  // a limit of file sizes becomes an error that is reported, not a death
    check_processor();
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    return jobs::run(arguments);
  } catch (...) {
    return jobs::report_current_error();
  }
}
