// SPDX-License-Identifier: Apache-2.0
#include "named_checkpoint.hpp"

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
    throw StoreError("no trial has a result yet; wait for the first epoch", path);
  }
  if (*number >= 0 && *number < summary.num_trials) return TrialId(static_cast<std::int32_t>(*number));
  throw ConfigError(
      fmt::format("--trial {}: {} has no such trial; seqsweep status {} --top 1000 lists them", *number, path, path),
      "command line", "trial");
}

}  // namespace

std::string named_checkpoint(const std::string& path, std::optional<std::int64_t> trial) {
  if (is_checkpoint(path)) {
    if (!trial) return path;
    throw ConfigError(fmt::format("--trial chooses from a results file, and {} is one network; leave it out", path),
                      "command line", "trial");
  }
  const auto chosen = chosen_trial(report::summarise(store::read_results(path)), path, trial);
  const auto checkpoint = store::checkpoint_path(path, chosen);
  if (!std::filesystem::exists(checkpoint))
    throw StoreError(fmt::format("is not there; make it again: seqsweep train CONFIG.ini --trial {}:{} -o MODEL.h5",
                                 path, chosen.value),
                     checkpoint);
  return checkpoint;
}

}  // namespace seqsweep::jobs
