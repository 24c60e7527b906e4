// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "seqsweep/core/error.hpp"

#include "command_line.hpp"
#include "report_text.hpp"
#include "status_text.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;

constexpr auto about =
    "Shows where a running, stopped or finished sweep stands: trials by state, the best so far\n"
    "against the floor of the trivial rule, the best trials (with several metrics: those of the\n"
    "Pareto front), the time spent, and how far the\n"
    "gradient of the best trial gets back through time.\n"
    "\n"
    "--json prints one object with the keys\n"
    "  is_sealed, dataset {name, fingerprint}, metric, goal, further_metrics [{name, goal}],\n"
    "  num_trials_planned, num_trials_begun,\n"
    "  trials_by_state {running, paused, completed, stopped, diverged, failed}, num_epochs,\n"
    "  num_segments, floor {rule, validation, test}, best (one of trials, or null),\n"
    "  trials [{trial, state, epochs, best_epoch, value, further_values, validation, test, point {},\n"
    "  message}], front (null with one metric) {trials [the same, of those that no other dominates],\n"
    "  reference (the worst value of each metric), hypervolume (that the front dominates, up to the\n"
    "  reference point), share (of the box between the best and the worst values)},\n"
    "  lineage [{trial, from_epoch, to_epoch, point {}}] of the best (one stage where it goes on\n"
    "  from no other), replicates [{trial, chosen_by, num_replicates, num_lost, value {mean, standard_error},\n"
    "  test {mean, standard_error}}], best mean first,\n"
    "  dimensions [{name, distribution, condition}], definition {},\n"
    "  time {working_s, rank_s, data_share, reduce_share, move_share, first_started_s, last_ended_s},\n"
    "  gradients {trial, epoch, layers [{layer, health, ratio, distance_from, distance_to,\n"
    "  halving_steps, sentence}], clipped_fraction, norm_mean, norm_max} or null,\n"
    "  program_version, git_revision, instruction_set.\n"
    "Scores are {loss, accuracy, mae, rmse, r2}; what does not apply is null. Keys are never renamed.";

}  // namespace

int run_status(Arguments arguments) {
  CommandLineSpec spec{"status", {"RESULTS.h5"}, about, po::options_description("options", terminal_columns)};
  spec.options.add_options()("json", "print JSON instead of text")  //
      ("top", po::value<int>()->default_value(10)->value_name("N"), "show the N best trials");
  const auto line = read_command_line(std::move(spec), arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  const int top = line->options["top"].as<int>();
  if (top < 0) throw ConfigError("--top must be 0 or more", "command line", "top");

  const auto summary = report::summarise(store::read_results(line->positional.at("RESULTS.h5")));
  const auto num_best = static_cast<std::size_t>(top);
  std::cout << (line->options.count("json") > 0 ? to_json(summary, num_best) : to_text(summary, num_best));
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
