// SPDX-License-Identifier: Apache-2.0
#include "session_file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/core/version.hpp"
#include "seqsweep/store/checkpoint.hpp"

namespace seqsweep::jobs {
namespace {

constexpr std::string_view trials_key = "sweep.trials";
constexpr std::string_view concurrency_key = "sweep.concurrency";
// What a resume may change: the decisions before the end stay the same.
constexpr std::array<const char*, 7> end_keys = {"sweep.trials",    "sweep.max_total_epochs", "sweep.max_multiply_adds",
                                                 "sweep.target",    "sweep.patience",         "sweep.replicate_best",
                                                 "sweep.replicates"};

// Lines "train.l2: 0.001 there, 0.01 here" for every key that differs.
std::vector<std::string> differing_keys(const std::map<std::string, std::string>& there,
                                        const std::map<std::string, std::string>& here) {
  std::vector<std::string> lines;
  for (const auto& [key, value] : there) {
    const auto found = here.find(key);
    if (found == here.end() || found->second != value)
      lines.push_back(
          fmt::format("{}: {} there, {} here", key, value, found == here.end() ? "nothing" : found->second));
  }
  for (const auto& [key, value] : here)
    if (!there.contains(key)) lines.push_back(fmt::format("{}: nothing there, {} here", key, value));
  return lines;
}

// Whether the sweep would end before it did: where a number is less, or there was none.
bool ends_earlier(const std::map<std::string, std::string>& there, const std::map<std::string, std::string>& here) {
  constexpr auto none = std::numeric_limits<double>::infinity();
  const auto limit = [&](const std::map<std::string, std::string>& definition, const char* key) {
    const auto found = definition.find(key);
    return found == definition.end() ? none : parse_real(found->second).value_or(none);
  };
  const auto is_less = [&](const char* key) { return limit(here, key) < limit(there, key); };
  const bool has_new_target = here.at("sweep.target") != "none" && here.at("sweep.target") != there.at("sweep.target");
  return has_new_target || is_less("sweep.max_total_epochs") || is_less("sweep.max_multiply_adds") ||
         is_less("sweep.patience");
}

bool have_same_ends(const std::map<std::string, std::string>& there, const std::map<std::string, std::string>& here) {
  return std::all_of(end_keys.begin(), end_keys.end(),
                     [&](const char* key) { return there.contains(key) && there.at(key) == here.at(key); });
}

// Ends of a sweep can be raised.
void refuse_earlier_ends(const SweepSession& session, const store::Results& found) {
  const int trials_there = found.header.trials;
  const auto& study = session.config.study;
  const auto refuse = [&](const std::string& problem, const std::string& key = {}) {
    throw ConfigError(problem + "; choose another results file with -o", session.config.path, key);
  };
  if (study.ends.trials < trials_there)
    refuse(fmt::format("sweep.trials = {} is less than the {} that {} has; raise it", study.ends.trials, trials_there,
                       session.results_path),
           std::string(trials_key));
  if (study.scheduler.name == "pbt" && study.ends.trials != trials_there)
    refuse(fmt::format("sweep.trials = {} would be another population than the {} that {} has", study.ends.trials,
                       trials_there, session.results_path),
           std::string(trials_key));
  // Numbers of trials that come from others would stand for other ones.
  const bool has_children = study.scheduler.name == "pbt" || study.replication.best > 0;
  if (has_children && ends_earlier(found.header.definition, session.config.definition()))
    refuse(
        fmt::format("{} has gone on beyond where this sweep would end; with replicates or pbt the ends of a sweep can "
                    "only be raised",
                    session.results_path));
}

void adopt_or_refuse(SweepSession& session, const store::Results& found) {
  const auto own_concurrency = adopt_concurrency(session, found);
  refuse_earlier_ends(session, found);
  refuse_another_sweep(session, found);
  const auto& study = session.config.study;
  if (own_concurrency)
    log::warning(fmt::format(
        "sweep.concurrency stays {0}, as {1} began with; a new sweep of {2} trials would take {3} (auto) and come to "
        "other results, unless it is started with --{4}={0}",
        study.concurrency, session.results_path, study.ends.trials, *own_concurrency, concurrency_key));
}

// What killed writers left: checkpoints that never got their final name. The results file's lock is ours by now.
void remove_half_checkpoints(const std::string& results_path) {
  const auto folder = std::filesystem::path(store::checkpoint_path(results_path, TrialId(0))).parent_path();
  std::error_code ignored;  // they only take up space
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".tmp") std::filesystem::remove(entry.path(), ignored);
}

}  // namespace

void drop_replicates(store::Results& results) {
  std::set<TrialId> replicates;
  for (const auto& trial : results.trials)
    if (trial.is_replicate()) replicates.insert(trial.id);
  const auto is_of_one = [&](const auto& record) { return replicates.contains(record.trial); };
  std::erase_if(results.trials, [](const search::TrialRecord& trial) { return trial.is_replicate(); });
  std::erase_if(results.decisions, is_of_one);
  std::erase_if(results.epochs, is_of_one);
  std::erase_if(results.segments, is_of_one);
}

void refuse_another_sweep(const SweepSession& session, const store::Results& found) {
  const auto& there = found.header.definition;
  if (found.header.instruction_set != instruction_set)
    throw ConfigError(fmt::format("{} was made with instruction set {}, this build has {}, which gives other bits; use "
                                  "the same build, or another results file with -o",
                                  session.results_path, found.header.instruction_set, instruction_set),
                      session.config.path);
  auto here = definition_of(session);
  for (const auto* key : end_keys)
    if (there.contains(key)) here[key] = there.at(key);
  const auto lines = differing_keys(there, here);
  if (lines.empty()) return;
  throw ConfigError(
      fmt::format("{} belongs to another sweep ({}); choose another results file with -o, or the config that made it",
                  session.results_path, join(lines, "; ")),
      session.config.path);
}

std::optional<int> adopt_concurrency(SweepSession& session, const store::Results& found) {
  const auto there = found.header.definition.find(std::string(concurrency_key));
  if (session.config.is_concurrency_given || there == found.header.definition.end()) return std::nullopt;
  auto& concurrency = session.config.study.concurrency;
  const auto kept = parse_integer(there->second);
  if (!kept || *kept == concurrency) return std::nullopt;
  return std::exchange(concurrency, static_cast<int>(*kept));
}

void take_up(SweepSession& session) {
  if (!std::filesystem::exists(session.results_path)) return;
  adopt_or_refuse(session, store::read_results(session.results_path, store::Parts::header));
}

bool is_finished_already(const SweepSession& session) {
  if (!std::filesystem::exists(session.results_path)) return false;
  const auto found = store::read_results(session.results_path, store::Parts::header);
  if (!found.is_sealed || !have_same_ends(found.header.definition, session.config.definition())) return false;
  (void)store::read_results(session.results_path);  // a damaged file is not finished
  SweepSession copy = session;
  adopt_or_refuse(copy, found);
  return true;
}

store::ResultsWriter open_results(SweepSession& session, store::Results& so_far) {
  const auto& path = session.results_path;
  if (!std::filesystem::exists(path)) return store::ResultsWriter::create(path, header_of(session));
  adopt_or_refuse(session, store::read_results(path, store::Parts::header));
  auto writer = store::ResultsWriter::resume(path, so_far, [&](store::Results& found) {
    auto header = header_of(session);
    if (!have_same_ends(found.header.definition, header.definition))
      drop_replicates(found);  // other trials may be the best now, and their replicates have other numbers
    found.header = std::move(header);
  });
  remove_half_checkpoints(path);
  return writer;
}

}  // namespace seqsweep::jobs
