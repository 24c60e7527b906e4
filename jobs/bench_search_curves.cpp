// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/store/results_file.hpp"

#include "bench_search.hpp"
#include "recorded_curves.hpp"
#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

using Json = nlohmann::ordered_json;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Every point of a search space with its curve.
class CurveTable {
 public:
  explicit CurveTable(const std::string& path);

  [[nodiscard]] const search::SearchSpace& space() const { return space_; }
  [[nodiscard]] search::Goal goal() const { return goal_; }
  [[nodiscard]] int max_epochs() const { return max_epochs_; }
  [[nodiscard]] int size() const { return static_cast<int>(curves_.size()); }
  [[nodiscard]] const RecordedCurve& at(const search::Point& point) const { return curves_.at(key_of(point)); }
  /// The worst final value among the best hundredth of all points, in the metric's own sense.
  [[nodiscard]] double target() const;

 private:
  search::SearchSpace space_;
  search::Goal goal_;
  int max_epochs_ = 0;
  std::map<std::string, RecordedCurve> curves_;
};

CurveTable::CurveTable(const std::string& path) {
  const auto results = store::read_results(path);
  space_ = search::SearchSpace(results.header.dimensions);
  goal_ = results.header.goal;
  const auto num_points = space_.grid_size();
  if (!num_points || *num_points != static_cast<std::int64_t>(results.trials.size()))
    throw StoreError("is no table of curves: it must hold every point of its space; sweep with search.sampler = grid",
                     path);
  for (const auto& segment : results.decisions) max_epochs_ = std::max(max_epochs_, segment.to_epoch);
  auto by_trial = recorded_curves(results);
  for (const auto& trial : results.trials) {
    auto& curve = by_trial[trial.id];
    if (curve.ending == search::Ending::reached && curve.num_epochs() != max_epochs_)
      throw StoreError(fmt::format("is no table of curves: trial {} was not trained to epoch {}; sweep with "
                                   "search.scheduler = none",
                                   trial.id.value, max_epochs_),
                       path);
    curves_.emplace(key_of(trial.point), std::move(curve));
  }
}

double CurveTable::target() const {
  std::vector<double> finals;
  for (const auto& [key, curve] : curves_) {
    const bool has_value = curve.ending == search::Ending::reached || curve.ending == search::Ending::exhausted;
    finals.push_back(has_value ? turned(goal_, curve.best.back()) : infinity);
  }
  std::sort(finals.begin(), finals.end());
  return turned(goal_, finals[(finals.size() + 99) / 100 - 1]);
}

// Searches that differ in their seed alone.
struct Setting {
  std::string sampler, scheduler;
  int concurrency;
};

// The epochs that all trials together were trained, as committed, when the first of them was as good as `target`.
double epochs_to_target(const CurveTable& table, const Setting& setting, int seed, double target) {
  search::StudyOptions options;
  options.seed = static_cast<std::uint64_t>(seed);
  options.ends.trials = table.size();
  options.ends.target = target;
  options.concurrency = setting.concurrency;
  options.goal = table.goal();
  options.sampler = setting.sampler;
  options.scheduler.name = setting.scheduler;
  options.scheduler.max_epochs = table.max_epochs();
  search::Study study(options, table.space(), [&](const auto& point, int from_epoch, int to_epoch) {
    return table.at(point).cost(from_epoch, to_epoch);
  });
  double epochs = 0, epochs_at_target = infinity;
  run_study(
      study, [&](const auto& segment, const auto& point) { return replayed(table.at(point), segment); },
      [&](const search::SegmentResult& result) {
        epochs += result.last_epoch - result.from_epoch;
        const auto* best = study.best();
        if (best != nullptr && best->value() <= turned(table.goal(), target))
          epochs_at_target = std::min(epochs_at_target, epochs);
      });
  return epochs_at_target;
}

}  // namespace

SearchFigures measure_epochs(const SearchBenchOptions& options, const std::string& path) {
  const CurveTable curves(path);
  const double target = curves.target();
  SearchFigures figures;
  TextTable table{{{"sampler", true}, {"scheduler", true}, {"in flight"}, {"epochs"}, {"of the table"}}, {}};
  Json results = Json::array();
  for (const int concurrency : options.concurrencies)
    for (const auto& scheduler : options.schedulers)
      for (const auto& sampler : options.samplers) {
        std::vector<double> epochs;
        for (int seed = 1; seed <= options.num_seeds; ++seed)
          epochs.push_back(epochs_to_target(curves, {sampler, scheduler, concurrency}, seed, target));
        const auto quartiles = quartiles_of(std::move(epochs));
        table.rows.push_back({sampler, scheduler, std::to_string(concurrency),
                              fmt::format("{:.0f} ({:.0f}–{:.0f})", quartiles.median, quartiles.lower, quartiles.upper),
                              percent(quartiles.median / (curves.size() * curves.max_epochs()))});
        results.push_back({{"sampler", sampler},
                           {"scheduler", scheduler},
                           {"in_flight", concurrency},
                           {"epochs", to_json(quartiles)}});
      }
  figures.text = fmt::format(
      "Epochs until a trial is as good as the best 1 % of {} points, {}, median (quartiles) of {} "
      "seeds\n{}",
      curves.size(), four_digits(target), options.num_seeds, table.text());
  figures.json = {{"points", curves.size()},
                  {"max_epochs", curves.max_epochs()},
                  {"target", target},
                  {"seeds", options.num_seeds},
                  {"results", std::move(results)}};
  return figures;
}

}  // namespace seqsweep::jobs
