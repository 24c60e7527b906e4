// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/trial/command_runner.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/core/text.hpp"

#include "command_folder.hpp"
#include "command_line.hpp"
#include "command_segment.hpp"
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

// Numbers as numbers: a program should not have to convert them. But for those that would not be what was written.
std::string json_of(const Substitutions& values, const std::set<std::string>& texts) {
  nlohmann::json json;
  for (const auto& [name, text] : values) {
    const auto whole = parse_integer(text);
    const auto number = parse_real(text);
    if (texts.contains(name) || !number)
      json[name] = text;
    else if (whole)
      json[name] = *whole;
    else
      json[name] = *number;
  }
  return json.dump(2) + "\n";
}

/// Runs the program to its end; ends it where it has to.
class Supervision {
 public:
  enum class End { by_itself, settled, timeout, stopped };

  Supervision(Process& process, CommandSegment& segment, const CommandSpec& command, const SegmentHooks& hooks)
      : process_(process), segment_(segment), command_(command), hooks_(hooks) {}

  /// The program has ended when this returns.
  End run() {
    for (;;) {
      const bool has_ended = process_.has_ended();
      const auto lines = process_.read_lines(has_ended ? 0 : wait_ms);
      for (const auto& line : lines.out) segment_.take(line);
      for (const auto& line : lines.err) segment_.take_error(line);
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
    if (segment_.is_settled())
      terminate(End::settled);
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
  CommandSegment& segment_;
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
  CommandSegment segment(task, objective_, hooks);
  segment.recall(folder.begin());
  const auto values = values_for(task, objective_, folder);
  folder.write("settings.json", json_of(values, command.texts));

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
  const bool is_before_its_time = !segment.is_settled() && (status != 0 || !segment.is_reached());
  if (end == Supervision::End::by_itself && is_before_its_time && is_stopped_within_moments(hooks))
    end = Supervision::End::stopped;
  if (end == Supervision::End::stopped && !segment.is_reached()) {
    if (status == 0) folder.suspend(segment.lines());
    outcome.is_interrupted = true;
    return outcome;
  }
  const auto last_words = process.last_words().empty() ? "" : ": " + process.last_words();
  if (segment.is_settled())
    outcome.record = segment.record();
  else if (end == Supervision::End::by_itself && status != 0)
    outcome.record = failed_record(task, status_text(status) + last_words);
  else if (end == Supervision::End::timeout)
    outcome.record = failed_record(
        task, fmt::format("it ran longer than trial.timeout = {}{}", human_seconds(command.timeout_s), last_words));
  else
    outcome.record = segment.record();
  if (hooks.between_steps)
    hooks.between_steps();  // news that another rank has this segment come before its folder moves
  if (outcome.record.ending == search::Ending::reached || outcome.record.ending == search::Ending::exhausted)
    folder.finish();
  return outcome;
}

const std::vector<std::string>& names_given_to_commands() {
  return own_names;
}

std::vector<std::string> placeholders_of(const CommandSpec& command) {
  return placeholders_in(command);
}

void check_command(const CommandSpec& command, const std::vector<std::string>& names) {
  auto known = own_names;
  known.insert(known.end(), names.begin(), names.end());
  constexpr std::size_t most_listed = 100;
  for (const auto& name : placeholders_in(command)) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto nearest = nearest_name(name, known);
    const auto hint = known.size() <= most_listed ? " " + known_names(name, known)
                      : nearest.empty()           ? "; name a parameter, or another key that is written"
                                                  : fmt::format("; did you mean '{}'?", nearest);
    throw ConfigError(fmt::format("trial.command names {{{}}}, which is no key of the config{}", name, hint), {},
                      "trial.command");
  }
  if (arguments_of(command, {}).empty() && placeholders_in(command).empty())
    throw ConfigError("trial.command is empty; write the program to run", {}, "trial.command");
}

}  // namespace seqsweep::trial
