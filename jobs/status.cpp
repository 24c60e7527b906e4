// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "command_line.hpp"
#include "report_text.hpp"
#include "status_text.hpp"
#include "status_watch.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;

constexpr auto about =
    "Shows where a running, stopped or finished sweep stands: who trains what now, and why ranks are idle;\n"
    "trials by state, the best so far against the floor of the trivial rule, the best trials with their\n"
    "curves (with several metrics: those of the Pareto front), the time spent, and how far the gradient of\n"
    "the best trial gets back through time. Lines fit the terminal (or COLUMNS; 100 where there is none);\n"
    "NO_COLOR switches colours off.\n"
    "\n"
    "--json prints one object with the keys\n"
    "  is_sealed,\n"
    "  activity {kind (finished, running, stopping, silent, stopped, unknown), sentence, reasons [text],\n"
    "  utilisation (of the ranks since this run began), now (null when sealed, or not known) {written_s,\n"
    "  started_s, num_ranks, num_idle, num_lost, num_waiting (segments), stop_reason, teams [{trial,\n"
    "  from_epoch, to_epoch, epochs, num_ranks, seconds}]}},\n"
    "  dataset {name, fingerprint}, metric, goal, further_metrics [{name, goal}],\n"
    "  num_trials_planned, num_trials_begun,\n"
    "  trials_by_state {running, paused, completed, stopped, diverged, failed}, num_epochs,\n"
    "  num_segments, budget {rungs [{epoch, num_trials, most_trials}] (how many trials get to which epoch,\n"
    "  and in the luckiest order), is_enough (for one to be trained for all its epochs), sentence},\n"
    "  floor {rule, validation, test}, best (one of trials, or null),\n"
    "  trials [{trial, state, epochs, best_epoch, value, further_values, validation, test, point {},\n"
    "  message}], front (null with one metric) {trials [the same, of those that no other dominates],\n"
    "  reference (the worst value of each metric), hypervolume (that the front dominates, up to the\n"
    "  reference point), share (of the box between the best and the worst values)},\n"
    "  lineage [{trial, from_epoch, to_epoch, point {}}] of the best (one stage where it goes on\n"
    "  from no other), replicates [{trial, chosen_by, num_replicates, num_lost, value {mean, standard_error},\n"
    "  test {mean, standard_error}}], best mean first,\n"
    "  dimensions [{name, distribution, condition}], definition {},\n"
    "  time {working_s, rank_s, data_share, reduce_share, move_share, first_started_s, last_ended_s},\n"
    "  node_hours {total, completed, in_progress, stopped, lost, replicates (by what became of the trial),\n"
    "  moving, idle}, best_so_far {epochs [trained by then], trials [], values []} at each improvement,\n"
    "  gradients {trial, epoch, layers [{layer, health, ratio, distance_from, distance_to,\n"
    "  halving_steps, sentence}], clipped_fraction, norm_mean, norm_max} or null,\n"
    "  program_version, git_revision, instruction_set.\n"
    "Scores are {loss, accuracy, mae, rmse, r2}; what does not apply is null. Keys are never renamed.";

// "--watch 5" means "--watch=5": Boost takes what follows an option whose value may be left out for something else.
std::vector<std::string> with_joined_period(Arguments arguments) {
  std::vector<std::string> joined;
  for (const auto& word : arguments)
    if (!joined.empty() && joined.back() == "--watch" && parse_real(word))
      joined.back() += "=" + word;
    else
      joined.push_back(word);
  return joined;
}

}  // namespace

int run_status(Arguments arguments) {
  CommandLineSpec spec{"status", {"RESULTS.h5"}, about, po::options_description("options", terminal_columns)};
  spec.options.add_options()("json", "print JSON instead of text")                             //
      ("top", po::value<int>()->default_value(10)->value_name("N"), "show the N best trials")  //
      ("watch", po::value<double>()->implicit_value(2)->value_name("SECONDS"),
       "show it again every so many seconds (2) until the sweep is finished; q leaves");
  const auto line = read_command_line(std::move(spec), with_joined_period(arguments));
  if (!line) return static_cast<int>(ExitCode::done);
  const int top = line->options["top"].as<int>();
  if (top < 0) throw ConfigError("--top must be 0 or more", "command line", "top");

  const auto num_best = static_cast<std::size_t>(top);
  const bool wants_json = line->options.count("json") > 0;
  if (line->options.count("watch") > 0) {
    const double period_s = line->options["watch"].as<double>();
    if (!(period_s >= 0.1) || wants_json)
      throw ConfigError("--watch takes 0.1 seconds or more, and no --json", "command line", "watch");
    watch_status(line->positional.at("RESULTS.h5"), num_best, period_s);
    return static_cast<int>(ExitCode::done);
  }
  const auto status = read_status(line->positional.at("RESULTS.h5"), num_best);
  std::cout << (wants_json ? to_json(status, num_best) : to_text(status, num_best, style_of_output()));
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
