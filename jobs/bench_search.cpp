// SPDX-License-Identifier: Apache-2.0
#include "bench_search.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <queue>

#include <fmt/format.h>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "bench.hpp"
#include "command_line.hpp"
#include "report_text.hpp"
#include "test_functions.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;

constexpr auto about =
    "Runs whole searches, the code of a sweep without its training, and says how good they are.\n"
    "\n"
    "On test functions (the default): simple regret, the least value of all points tried, without\n"
    "noise, minus the optimum. Each trial is one epoch and all cost the same, so that with V in flight\n"
    "the sampler knows all results but those of the last V - 1 points. Each budget is a search of its\n"
    "own.\n"
    "\n"
    "With --curves, on the recorded curves of an exhaustive sweep of a small space (sampler = grid,\n"
    "scheduler = none): how many epochs all trials together train until one of them is as good as the\n"
    "best 1 % of all points.\n"
    "\n"
    "With --speed: the mean time of a proposal by the number of trials finished before, and how many\n"
    "trials without work pass in a second.\n"
    "\n"
    "--json prints\n"
    "  {seeds, results [{function, sampler, in_flight, trials, regret {lower_quartile, median,\n"
    "  upper_quartile}, regrets [by seed], ms_per_proposal}], refusals [{function, sampler, reason}]};\n"
    "with --points [{function, optimum, noise_sd, points [{point, value}]}], the value null where\n"
    "training diverges;\n"
    "with --curves {points, max_epochs, target, seeds, results [{sampler, scheduler, in_flight,\n"
    "  epochs {lower_quartile …}}]};\n"
    "with --speed {proposals [{sampler, finished_trials, ms}], trials [{what, trials_per_s}]}.\n"
    "Keys are never renamed.";

std::string function_help() {
  std::string text = "\n\nTest functions:";
  for (const auto& function : test_function_catalogue())
    text += fmt::format("\n  {:<13} {}", function.name, function.summary);
  return text;
}

po::options_description described() {
  const auto list = [](const char* value) { return po::value<std::string>()->default_value(value)->value_name("A,B"); };
  const auto number = [](int value) { return po::value<int>()->default_value(value)->value_name("N"); };
  po::options_description options("options", terminal_columns);
  options.add_options()                                                                         //
      ("functions", list("all"), "test functions, listed above")                                //
      ("samplers", list("all"), "as search.sampler")                                            //
      ("budgets", list("50,100,200"), "[trials]")                                               //
      ("concurrency", list("1,16"), "V, trials in flight")                                      //
      ("seeds", number(50), "searches with seeds 1 … N")                                        //
      ("points", number(0), "instead: N random points of each function with their values")      //
      ("curves", po::value<std::string>()->value_name("RESULTS.h5"), "instead: on its curves")  //
      ("schedulers", list("none,asha"), "as search.scheduler, with --curves")                   //
      ("speed", "instead: how fast")                                                            //
      ("json", "print JSON instead of text");
  return options;
}

// "all", or some of them.
std::vector<std::string> names_in(const po::variables_map& options, const std::string& option,
                                  const std::vector<std::string>& all) {
  const auto& text = options[option].as<std::string>();
  if (text == "all") return all;
  auto names = split(text, ',');
  for (const auto& name : names)
    if (std::find(all.begin(), all.end(), name) == all.end())
      throw ConfigError(fmt::format("--{}: unknown '{}' {}", option, name, known_names(name, all)), "command line",
                        option);
  return names;
}

std::vector<int> numbers_in(const po::variables_map& options, const std::string& option) {
  constexpr int most = 1'000'000;
  std::vector<int> numbers;
  for (const auto& word : split(options[option].as<std::string>(), ',')) {
    const auto number = parse_integer(word);
    if (!number || *number < 1 || *number > most)
      throw ConfigError(fmt::format("--{}: '{}' is no number from 1 to {}", option, word, most), "command line",
                        option);
    numbers.push_back(static_cast<int>(*number));
  }
  return numbers;
}

int number_in(const po::variables_map& options, const std::string& option, int least) {
  const int number = options[option].as<int>();
  if (number < least)
    throw ConfigError(fmt::format("--{} {} must be {} or more", option, number, least), "command line", option);
  return number;
}

SearchBenchOptions read(const po::variables_map& line) {
  std::vector<std::string> functions;
  for (const auto& function : test_function_catalogue()) functions.emplace_back(function.name);
  SearchBenchOptions options;
  options.functions = names_in(line, "functions", functions);
  options.samplers = names_in(line, "samplers", names_of(search::sampler_catalogue()));
  options.schedulers = names_in(line, "schedulers", names_of(search::scheduler_catalogue()));
  options.budgets = numbers_in(line, "budgets");
  options.concurrencies = numbers_in(line, "concurrency");
  options.num_seeds = number_in(line, "seeds", 1);
  return options;
}

SearchFigures measure(const po::variables_map& line) {
  const auto options = read(line);
  const int num_points = number_in(line, "points", 0);
  if (line.count("speed") > 0) {
    refuse_unused(line, {"functions", "budgets", "concurrency", "seeds", "points", "curves", "schedulers"},
                  "with --speed");
    return measure_speed(options);
  }
  if (line.count("curves") > 0) {
    refuse_unused(line, {"functions", "budgets", "points"}, "with --curves");
    return measure_epochs(options, line["curves"].as<std::string>());
  }
  refuse_unused(line, {"schedulers"}, "without --curves");
  if (num_points > 0) {
    refuse_unused(line, {"samplers", "budgets", "concurrency", "seeds"}, "with --points");
    return random_points(options, num_points);
  }
  return measure_regret(options);
}

}  // namespace

void run_study(search::Study& study, const RunSegment& run,
               const std::function<void(const search::SegmentResult&)>& committed) {
  struct Decided {
    search::Segment segment;
    std::size_t order;
    bool operator>(const Decided& other) const {
      return segment.virtual_finish != other.segment.virtual_finish
                 ? segment.virtual_finish > other.segment.virtual_finish
                 : order > other.order;
    }
  };
  std::priority_queue<Decided, std::vector<Decided>, std::greater<>> running;
  std::size_t num_decided = 0;
  const auto enroll = [&](std::vector<search::Segment> segments) {
    for (auto& segment : segments) running.push({std::move(segment), num_decided++});
  };
  enroll(study.begin());
  while (!running.empty()) {
    const auto segment = running.top().segment;
    running.pop();
    const auto result = run(segment, study.trials()[static_cast<std::size_t>(segment.trial.value)].point);
    enroll(study.report(result));
    if (committed) committed(result);
  }
}

Quartiles quartiles_of(std::vector<double> figures) {
  std::sort(figures.begin(), figures.end());
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(figures.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double rest = place - static_cast<double>(below);
    return rest == 0 ? figures[below] : figures[below] * (1 - rest) + figures[below + 1] * rest;
  };
  return {at(0.25), at(0.5), at(0.75)};
}

std::string text_of(const Quartiles& quartiles) {
  return fmt::format("{:.2g} ({:.2g}–{:.2g})", quartiles.median, quartiles.lower, quartiles.upper);
}

nlohmann::ordered_json to_json(const Quartiles& quartiles) {
  return {{"lower_quartile", quartiles.lower}, {"median", quartiles.median}, {"upper_quartile", quartiles.upper}};
}

int run_bench_search(Arguments arguments) {
  const auto line = read_command_line({"bench search", {}, about + function_help(), described()}, arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  const auto figures = measure(line->options);
  std::cout << (line->options.count("json") > 0 ? figures.json.dump(2) + '\n' : figures.text);
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
