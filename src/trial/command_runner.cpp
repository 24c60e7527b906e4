// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/trial/command_runner.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/core/text.hpp"

#include "command_folder.hpp"
#include "command_line.hpp"
#include "metric_lines.hpp"
#include "process.hpp"

namespace seqsweep::trial {
namespace {

constexpr int wait_ms = 10;  // between looks at messages from the coordinator

// Names that are there for every trial.
const std::vector<std::string> own_names = {"trial",    "seed",           "from_epoch", "to_epoch",
                                            "fidelity", "checkpoint_dir", "settings"};

// 31 bits: every program takes that as a seed.
std::uint32_t seed_of(const Objective& objective, TrialId trial) {
  return RandomKey(objective.seed)
             .fold(Purpose::command)
             .fold(static_cast<std::uint64_t>(trial.value))
             .stream()
             .next_u32() >>
         1;
}

Substitutions values_for(const SegmentTask& task, const Objective& objective, const CommandFolder& folder) {
  Substitutions values;
  for (const auto& [key, value] : task.definition) {
    values[key] = value;
    if (constexpr std::string_view section = "parameters."; key.starts_with(section))
      values[key.substr(section.size())] = value;
  }
  values["trial"] = std::to_string(task.trial.value);
  values["seed"] = std::to_string(seed_of(objective, task.trial));
  values["from_epoch"] = std::to_string(task.from_epoch);
  values["to_epoch"] = std::to_string(task.to_epoch);
  values["fidelity"] = shortest(task.settings.fidelity.share_at(task.to_epoch));
  values["checkpoint_dir"] = folder.attempt_folder().string();
  values["settings"] = std::filesystem::absolute(folder.settings_path()).string();
  return values;
}

std::map<std::string, std::string> environment_for(const Substitutions& values) {
  std::map<std::string, std::string> environment;
  for (const auto& name : own_names) {
    std::string variable = "SEQSWEEP_" + name;
    std::transform(variable.begin(), variable.end(), variable.begin(), [](unsigned char c) { return std::toupper(c); });
    environment[variable] = values.at(name);
  }
  // As many programs as ranks run on a node.
  if (std::getenv("OMP_NUM_THREADS") == nullptr) environment["OMP_NUM_THREADS"] = "1";
  return environment;
}

// Numbers as numbers: a program should not have to convert them.
std::string json_of(const Substitutions& values) {
  nlohmann::json json;
  for (const auto& [name, text] : values) {
    if (const auto whole = parse_integer(text))
      json[name] = *whole;
    else if (const auto number = parse_real(text))
      json[name] = *number;
    else
      json[name] = text;
  }
  return json.dump(2) + "\n";
}

/// One segment: takes the lines of the program, and says what came of it.
class Segment {
 public:
  Segment(const SegmentTask& task, const Objective& objective, const SegmentHooks& hooks)
      : task_(task), objective_(objective), hooks_(hooks), last_epoch_(task.from_epoch) {
    record_.trial = task.trial;
    record_.from_epoch = task.from_epoch;
    record_.to_epoch = task.to_epoch;
    record_.value = task.best_value;
    record_.best_epoch = task.best_epoch;
  }

  void take(const std::string& line) {
    const auto found = read_metric_line(line, objective_.metric, objective_.further_metrics);
    if (!found) return;
    lines_.push_back(line);
    const int epoch = found->epoch.value_or(next_epoch_);
    next_epoch_ = epoch + 1;
    if (epoch <= last_epoch_ || epoch > task_.to_epoch || has_diverged()) return;
    last_epoch_ = epoch;
    store::EpochRecord record;
    record.trial = task_.trial;
    record.epoch = epoch;
    record.value = found->value;
    record.metrics = found->metrics;
    if (hooks_.on_epoch) hooks_.on_epoch(record);
    if (!std::isfinite(found->value)) {
      divergence_ = fmt::format("{} is not a finite number after epoch {}", objective_.metric, epoch);
    } else if (record_.best_epoch == 0 || is_better(found->value)) {
      record_.value = found->value;
      record_.best_epoch = epoch;
      record_.further = found->further;
    }
  }

  [[nodiscard]] bool has_diverged() const { return !divergence_.empty(); }
  [[nodiscard]] bool is_reached() const { return last_epoch_ == task_.to_epoch; }
  /// The program goes on where nobody asked it to.
  [[nodiscard]] bool is_beyond() const { return next_epoch_ > task_.to_epoch + 1; }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

  /// The program ended by itself, with exit code 0 or because it went on too far.
  store::SegmentRecord ended_well() {
    if (has_diverged()) {
      record_.ending = search::Ending::diverged;
      record_.message = divergence_;
    } else if (last_epoch_ == task_.from_epoch) {
      return failed_record(task_,
                           fmt::format("it printed no line such as {{\"epoch\": {}, \"{}\": 0.5}} up to epoch {}",
                                       task_.from_epoch + 1, objective_.metric, task_.to_epoch));
    } else if (const auto* missing = missing_metric()) {
      return failed_record(task_,
                           fmt::format("its line of epoch {} has no finite number \"{}\", which sweep.metric names",
                                       record_.best_epoch, *missing));
    } else {
      record_.ending = is_reached() ? search::Ending::reached : search::Ending::exhausted;
    }
    record_.last_epoch = last_epoch_;
    return record_;
  }

 private:
  [[nodiscard]] bool is_better(double value) const {
    return objective_.is_maximised ? value > record_.value : value < record_.value;
  }

  // The first further metric that the best epoch's line has not.
  [[nodiscard]] const std::string* missing_metric() const {
    for (std::size_t m = 0; m < record_.further.size(); ++m)
      if (!std::isfinite(record_.further[m])) return &objective_.further_metrics[m];
    return nullptr;
  }

  const SegmentTask& task_;
  const Objective& objective_;
  const SegmentHooks& hooks_;
  store::SegmentRecord record_;
  std::string divergence_;
  std::vector<std::string> lines_;  // that said something of an epoch
  int last_epoch_;                  // of those that were taken
  int next_epoch_ = 1;
};

/// Runs the program to its end; ends it where it has to.
class Supervision {
 public:
  enum class End { by_itself, too_far, diverged, timeout, stopped };

  Supervision(Process& process, Segment& segment, const CommandSpec& command, const SegmentHooks& hooks)
      : process_(process), segment_(segment), command_(command), hooks_(hooks) {}

  /// The program has ended when this returns.
  End run() {
    for (;;) {
      const bool has_ended = process_.has_ended();
      for (const auto& line : process_.read_lines(has_ended ? 0 : wait_ms)) segment_.take(line);
      if (has_ended) return end_;
      if (hooks_.between_steps) hooks_.between_steps();
      if (end_ == End::by_itself)
        look_for_an_end();
      else if (seconds_since(terminated_) > command_.grace_s)
        process_.signal(SIGKILL);
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  void look_for_an_end() {
    if (segment_.has_diverged())
      terminate(End::diverged);
    else if (segment_.is_beyond())
      terminate(End::too_far);
    else if (command_.timeout_s > 0 && seconds_since(start_) > command_.timeout_s)
      terminate(End::timeout);
    else if (hooks_.wants_stop && hooks_.wants_stop())
      terminate(End::stopped);
  }
  void terminate(End end) {
    end_ = end;
    terminated_ = Clock::now();
    process_.signal(SIGTERM);
  }

  Process& process_;
  Segment& segment_;
  const CommandSpec& command_;
  const SegmentHooks& hooks_;
  End end_ = End::by_itself;
  Clock::time_point start_ = Clock::now(), terminated_;
};

// When Slurm ends a job it signals all its processes at once. A program that ended before its time may have been ended
// so: no result of the trial, but a stop, which then reaches us, too, within moments.
bool is_stopped_within_moments(const SegmentHooks& hooks) {
  constexpr auto moments = std::chrono::milliseconds(500);
  const auto end = std::chrono::steady_clock::now() + moments;
  while (std::chrono::steady_clock::now() < end) {
    if (hooks.between_steps) hooks.between_steps();
    if (hooks.wants_stop && hooks.wants_stop()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
  }
  return false;
}

}  // namespace

SegmentOutcome CommandRunner::run(const SegmentTask& task, Group& group, const SegmentHooks& hooks) {
  SegmentOutcome outcome;
  if (!group.is_leader()) return outcome;
  const auto& command = task.settings.command;
  CommandFolder folder(task);
  Segment segment(task, objective_, hooks);
  const auto earlier_lines = folder.begin();
  for (const auto& line : earlier_lines) segment.take(line);
  const auto values = values_for(task, objective_, folder);
  folder.write("settings.json", json_of(values));

  const auto arguments = arguments_of(command, values);
  if (arguments.empty()) {
    outcome.record = failed_record(task, "trial.command names no program at this point: all its words are left out");
    return outcome;
  }
  Process process(arguments, environment_for(values));
  auto end = Supervision(process, segment, command, hooks).run();
  folder.write("output.txt", process.tail());
  const int status = process.status();
  // What the lines say holds, whether the program was ended for it or was faster.
  const bool is_settled = segment.has_diverged() || segment.is_beyond();
  const bool is_before_its_time = !is_settled && (status != 0 || !segment.is_reached());
  if (end == Supervision::End::by_itself && is_before_its_time && is_stopped_within_moments(hooks))
    end = Supervision::End::stopped;
  if (end == Supervision::End::stopped && !segment.is_reached()) {
    if (status == 0) folder.suspend(segment.lines());
    outcome.is_interrupted = true;
    return outcome;
  }
  const auto last_words = process.last_words().empty() ? "" : ": " + process.last_words();
  if (is_settled)
    outcome.record = segment.ended_well();
  else if (end == Supervision::End::by_itself && status != 0)
    outcome.record = failed_record(task, status_text(status) + last_words);
  else if (end == Supervision::End::timeout)
    outcome.record = failed_record(
        task, fmt::format("it ran longer than trial.timeout = {}{}", human_seconds(command.timeout_s), last_words));
  else
    outcome.record = segment.ended_well();
  if (hooks.between_steps)
    hooks.between_steps();  // news that another rank has this segment come before its folder moves
  if (outcome.record.ending == search::Ending::reached || outcome.record.ending == search::Ending::exhausted)
    folder.finish();
  return outcome;
}

void check_command(const CommandSpec& command, const std::vector<std::string>& names) {
  auto known = own_names;
  known.insert(known.end(), names.begin(), names.end());
  for (const auto& name : placeholders_in(command))
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw ConfigError(
          fmt::format("trial.command names {{{}}}, which is no key of the config {}", name, known_names(name, known)),
          {}, "trial.command");
  if (arguments_of(command, {}).empty() && placeholders_in(command).empty())
    throw ConfigError("trial.command is empty; write the program to run", {}, "trial.command");
}

}  // namespace seqsweep::trial
