// SPDX-License-Identifier: Apache-2.0
#include "named_checkpoint.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/h5/file.hpp"
#include "seqsweep/report/sweep_summary.hpp"
#include "seqsweep/store/checkpoint.hpp"
#include "seqsweep/store/schema.hpp"

namespace seqsweep::jobs {
namespace {

bool is_checkpoint(const std::string& path) {
  const auto file = h5::File::open(path, h5::Access::read);
  return file.has_attribute("/", "seqsweep") && file.read_text("/", "seqsweep") == store::checkpoint_kind;
}

TrialId chosen_trial(const report::SweepSummary& summary, const std::string& path, std::optional<std::int64_t> number) {
  if (!summary.command().empty())
    throw StoreError("its trials are commands, whose networks seqsweep does not know; name a sweep that trains", path);
  if (!number) {
    if (const auto* best = summary.best()) return best->trial;
    throw Error(fmt::format("{}: {}, so there is no network; {}", path, summary.why_no_best(),
                            summary.is_sealed ? "seqsweep status says what became of them" : "ask again later"),
                ExitCode::no_usable_trial);
  }
  if (*number >= 0 && *number < summary.num_trials) return TrialId(static_cast<std::int32_t>(*number));
  throw ConfigError(
      fmt::format("--trial {}: {} has no such trial; seqsweep status {} --top 1000 lists them", *number, path, path),
      "command line", "trial");
}

// Why a trial of the sweep has no network to be had.
std::string why_missing(const report::SweepSummary& summary, const std::string& path, TrialId trial) {
  using search::TrialState;
  const auto found = std::find_if(summary.ranking.begin(), summary.ranking.end(),
                                  [&](const report::TrialLine& line) { return line.trial == trial; });
  if (found != summary.ranking.end()) {
    if (found->state == TrialState::diverged || found->state == TrialState::failed)
      return fmt::format("is not there, since trial {} {}; choose another", trial.value, search::name_of(found->state));
    if (!summary.is_sealed && found->best_epoch == 0)
      return fmt::format("is not there yet: trial {} has not finished its first epoch; ask again later", trial.value);
  }
  return fmt::format("is not there; make it again: seqsweep train CONFIG.ini --trial {}:{} -o MODEL.h5", path,
                     trial.value);
}

}  // namespace

std::string named_checkpoint(const std::string& path, std::optional<std::int64_t> trial) {
  if (is_checkpoint(path)) {
    if (!trial) return path;
    throw ConfigError(fmt::format("--trial chooses from a results file, and {} is one network; leave it out", path),
                      "command line", "trial");
  }
  const auto summary = report::summarise(store::read_results(path));
  const auto chosen = chosen_trial(summary, path, trial);
  const auto checkpoint = store::checkpoint_path(path, chosen);
  if (!std::filesystem::exists(checkpoint)) throw StoreError(why_missing(summary, path, chosen), checkpoint);
  return checkpoint;
}

}  // namespace seqsweep::jobs
