// SPDX-License-Identifier: Apache-2.0
#include "retraining.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

#include "session_file.hpp"

namespace seqsweep::jobs {
namespace {

constexpr auto option = "--trial";

const search::TrialRecord& trial_of(const store::Results& results, const std::string& path, std::int64_t number) {
  for (const auto& trial : results.trials)
    if (trial.id.value == number) return trial;
  throw ConfigError(fmt::format("{} {}:{}: the file has no such trial; seqsweep status {} --top 1000 lists them",
                                option, path, number, path),
                    "command line");
}

}  // namespace

std::vector<cluster::RunSegment> recorded_stages(SweepSession& session, const std::string& name) {
  const auto colon = name.rfind(':');
  const auto number = colon == std::string::npos ? std::nullopt : parse_integer(name.substr(colon + 1));
  if (!number)
    throw ConfigError(fmt::format("{} {} names no trial; write RESULTS.h5:NUMBER", option, name), "command line");
  const auto path = name.substr(0, colon);
  session.results_path = path;  // for the messages
  const auto results = store::read_results(path, store::Parts::without_epochs);
  (void)adopt_concurrency(session, results);
  refuse_another_sweep(session, results);

  std::vector<cluster::RunSegment> stages;
  const auto* trial = &trial_of(results, path, *number);
  if (trial->epochs() == trial->parent.epoch)
    throw ConfigError(fmt::format("{} {}: it has no finished epoch yet", option, name), "command line");
  for (int to_epoch = trial->epochs(); to_epoch > 0; to_epoch = stages.back().from_epoch) {
    if (!stages.empty()) trial = &trial_of(results, path, trial->parent.trial.value);
    cluster::RunSegment stage;
    stage.trial = trial->id;
    stage.point = trial->point;
    stage.parent = trial->parent;
    stage.from_epoch = trial->parent.epoch;
    stage.to_epoch = to_epoch;
    stages.push_back(stage);
  }
  std::reverse(stages.begin(), stages.end());
  return stages;
}

}  // namespace seqsweep::jobs
