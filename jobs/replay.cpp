// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <set>

#include <fmt/format.h>

#include "seqsweep/config/recorded_study.hpp"
#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/report/recorded_sweep.hpp"

#include "bench_search.hpp"
#include "command_line.hpp"
#include "config_command.hpp"
#include "recorded_curves.hpp"
#include "replay_figures.hpp"
#include "report_text.hpp"
#include "session_file.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr auto about =
    "What other settings of the search would have made of the same trials, without training: runs the\n"
    "search once more with values from the curves that the sweep recorded. Keys of [search], most of\n"
    "[sweep] and train.max_epochs may be given as --section.key=value.\n"
    "\n"
    "The trials come in their recorded order; with --sweep.seed in an order drawn from the seed. Another\n"
    "--search.sampler chooses among them, which needs a sweep that has every point of its space\n"
    "(search.sampler = grid). A trial that is asked for more epochs than were recorded ends there with\n"
    "its value so far; how often is said. A sweep with search.scheduler = none has every curve whole.\n"
    "\n"
    "--json prints {metric, goal, is_sealed, changed [section.key=value], seeds, recorded {trials, epochs,\n"
    "multiply_adds, best, best_trial, epochs_to_best, rungs [{epoch, trials}], trials_cut_short,\n"
    "epochs_missing}, replays [the same, one for each seed]}; trials are numbered as recorded, and\n"
    "multiply_adds of commands are epochs. Keys are never renamed.";

// What stands in a results file, as a world to search in.
struct Record {
  store::ResultsHeader header;
  search::SearchSpace space;
  std::vector<search::Point> points;  // by trial
  std::vector<RecordedCurve> curves;  // by trial
  std::map<std::string, std::size_t> trial_at;
  SweepFigures figures;
  bool is_sealed = false;

  [[nodiscard]] std::size_t trial_of(const search::Point& point) const { return trial_at.at(key_of(point)); }
  [[nodiscard]] bool is_exhaustive() const { return space.grid_size() == static_cast<std::int64_t>(points.size()); }
};

Record read_record(const std::string& path) {
  auto results = store::read_results(path);
  drop_replicates(results);
  if (!results.header.further_metrics.empty())
    throw ConfigError(
        fmt::format("{} is of a sweep with {} metrics, and schedulers compare trials by one; only such "
                    "sweeps can be replayed",
                    path, results.header.further_metrics.size() + 1));
  if (std::any_of(results.trials.begin(), results.trials.end(), [](const auto& t) { return t.is_offspring(); }))
    throw ConfigError(
        fmt::format("{} is of population-based training, whose trials are no points that could be tried "
                    "otherwise; it cannot be replayed",
                    path));
  Record record{.header = results.header,
                .space = search::SearchSpace(results.header.dimensions),
                .points = {},
                .curves = {},
                .trial_at = {},
                .figures = figures_of(report::recorded_sweep(results), results.header.goal),
                .is_sealed = results.is_sealed};
  auto curves = recorded_curves(results);
  for (const auto& trial : results.trials) {
    if (!curves.contains(trial.id)) break;  // of a file that is being written
    record.trial_at.emplace(key_of(trial.point), record.points.size());
    record.points.push_back(trial.point);
    record.curves.push_back(std::move(curves.at(trial.id)));
  }
  if (record.points.empty()) throw StoreError("has no trial yet; replay it when it has some", path);
  return record;
}

bool is_changed(const std::vector<std::string>& overrides, const std::string& key) {
  return std::any_of(overrides.begin(), overrides.end(), [&](const auto& o) { return o.starts_with(key + "="); });
}

// Where no other sampler chooses, the recorded points are first points, and there are no others.
search::StudyOptions options_of(const Record& record, const std::vector<std::string>& overrides) {
  auto options = config::recorded_study(record.header.definition, overrides);
  if (options.scheduler.name == "pbt")
    throw ConfigError(
        "search.scheduler = pbt changes points while they train, and no such curve is recorded; take another one",
        "command line", "search.scheduler");
  const auto num_recorded = static_cast<int>(record.points.size());
  if (is_changed(overrides, "sweep.trials") && options.ends.trials > num_recorded)
    throw ConfigError(fmt::format("sweep.trials = {} is more than the {} trials that are recorded; write at most {}",
                                  options.ends.trials, num_recorded, num_recorded),
                      "command line", "sweep.trials");
  options.ends.trials = std::min(options.ends.trials, num_recorded);
  if (!is_changed(overrides, "search.sampler")) {
    options.sampler = "random";  // never asked
    options.first_points = record.points;
  } else if (!record.is_exhaustive()) {
    throw ConfigError(
        "search.sampler can be replayed where every point of the space is recorded (sweep with search.sampler = grid); "
        "leave it out to replay the points in their order",
        "command line", "search.sampler");
  }
  return options;
}

SweepFigures replay(const Record& record, const search::StudyOptions& options) {
  const auto curve_of = [&](const search::Point& point) -> const RecordedCurve& {
    return record.curves[record.trial_of(point)];
  };
  search::Study study(options, record.space, [&](const auto& point, int from_epoch, int to_epoch) {
    return curve_of(point).cost(from_epoch, to_epoch);
  });
  std::vector<search::SegmentResult> results;
  std::set<TrialId> cut_short;
  std::int64_t num_epochs_missing = 0;
  run_study(study, [&](const auto& segment, const auto& point) {
    const auto& curve = curve_of(point);
    if (curve.ending == search::Ending::reached && curve.num_epochs() < segment.to_epoch) {
      cut_short.insert(segment.trial);
      num_epochs_missing += segment.to_epoch - curve.num_epochs();
    }
    return results.emplace_back(replayed(curve, segment));
  });
  auto figures = figures_of({options.goal, study.decisions(), results, study.trials()}, options.goal);
  if (figures.best_trial.value >= 0) {
    const auto& best = study.trials()[static_cast<std::size_t>(figures.best_trial.value)];
    figures.best_trial = TrialId(static_cast<std::int32_t>(record.trial_of(best.point)));
  }
  figures.num_cut_short = static_cast<int>(cut_short.size());
  figures.num_epochs_missing = num_epochs_missing;
  return figures;
}

SweepFigures replay_with_seed(const Record& record, search::StudyOptions options, std::uint64_t seed) {
  options.seed = seed;
  shuffle(std::span(options.first_points), RandomKey(seed).fold(Purpose::shuffle).stream());
  return replay(record, options);
}

std::string opening(const Record& record, const std::string& path, const std::vector<std::string>& overrides,
                    int num_seeds) {
  std::string text = fmt::format("replay of {} trials of {}{}", record.points.size(), path,
                                 record.is_sealed ? "" : ", which is not finished");
  text += overrides.empty() ? ", nothing changed" : " with " + join(overrides, ", ");
  if (num_seeds > 0)
    text += fmt::format("; seeds 1 to {}{}", num_seeds,
                        is_changed(overrides, "search.sampler") ? "" : ", each with the trials in another order");
  return wrapped("", text);
}

// Says what the figures cannot know.
std::string caution(std::span<const SweepFigures> replays) {
  const auto worst = std::max_element(replays.begin(), replays.end(), [](const auto& a, const auto& b) {
    return a.num_epochs_missing < b.num_epochs_missing;
  });
  if (worst->num_cut_short == 0) return "";
  return wrapped("Caution: ", fmt::format("{}{} of {} trials were asked for {} epochs more than were recorded; each "
                                          "ends there with its value so far, so that the replay takes too few epochs "
                                          "and may miss a better value.",
                                          replays.size() > 1 ? "in the worst replay " : "", worst->num_cut_short,
                                          worst->num_trials, worst->num_epochs_missing));
}

std::vector<SweepFigures> replays_of(const Record& record, const search::StudyOptions& options, int num_seeds,
                                     bool has_seed) {
  if (has_seed) return {replay_with_seed(record, options, options.seed)};
  if (num_seeds == 0) return {replay(record, options)};
  std::vector<SweepFigures> replays;
  for (int seed = 1; seed <= num_seeds; ++seed)
    replays.push_back(replay_with_seed(record, options, static_cast<std::uint64_t>(seed)));
  return replays;
}

Json to_json(const Record& record, const std::vector<std::string>& overrides, int num_seeds,
             std::span<const SweepFigures> replays) {
  Json json = {{"metric", record.header.metric},
               {"goal", search::name_of(record.header.goal)},
               {"is_sealed", record.is_sealed},
               {"changed", overrides},
               {"seeds", num_seeds},
               {"recorded", to_json(record.figures)},
               {"replays", Json::array()}};
  for (const auto& figures : replays) json["replays"].push_back(to_json(figures));
  return json;
}

}  // namespace

int run_replay(Arguments arguments) {
  std::vector<std::string> own(arguments.begin(), arguments.end());
  const auto overrides = take_overrides(own);
  CommandLineSpec spec{"replay", {"RESULTS.h5"}, about, po::options_description("options", terminal_columns)};
  spec.options.add_options()  //
      ("seeds", po::value<int>()->default_value(0)->value_name("N"),
       "replay with seeds 1 … N and print medians and quartiles")  //
      ("json", "print JSON instead of text");
  const auto line = read_command_line(std::move(spec), own);
  if (!line) return static_cast<int>(ExitCode::done);
  const int num_seeds = line->options["seeds"].as<int>();
  const bool has_seed = is_changed(overrides, "sweep.seed");
  if (num_seeds < 0) throw ConfigError("--seeds must be 0 or more", "command line", "seeds");
  if (num_seeds > 0 && has_seed)
    throw ConfigError("--seeds and --sweep.seed exclude each other; keep one", "command line", "seeds");

  const auto& path = line->positional.at("RESULTS.h5");
  const auto record = read_record(path);
  const auto replays = replays_of(record, options_of(record, overrides), num_seeds, has_seed);
  if (line->options.count("json") > 0)
    std::cout << to_json(record, overrides, num_seeds, replays).dump(2) << '\n';
  else
    std::cout << opening(record, path, overrides, num_seeds) << to_text(record.figures, replays, record.header)
              << caution(replays);
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
