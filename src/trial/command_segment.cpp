// SPDX-License-Identifier: Apache-2.0
#include "command_segment.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::trial {

CommandSegment::CommandSegment(const SegmentTask& task, const Objective& objective, const SegmentHooks& hooks)
    : task_(task), objective_(objective), hooks_(hooks), last_epoch_(task.from_epoch) {
  record_.trial = task.trial;
  record_.from_epoch = task.from_epoch;
  record_.to_epoch = task.to_epoch;
  record_.value = task.best_value;
  record_.best_epoch = task.best_epoch;
}

void CommandSegment::recall(const std::vector<std::string>& lines) {
  for (const auto& line : lines) take(line);
  last_recalled_ = last_epoch_;
}

void CommandSegment::take(const std::string& line) {
  if (is_settled()) return;  // what it says on its way out
  const auto reading = read_metric_line(line, objective_.metric, objective_.further_metrics);
  if (reading.found || !reading.problem.empty()) lines_.push_back(line);
  if (!reading.problem.empty()) return take_unread(line, reading);
  if (!reading.found) return;
  const auto& found = *reading.found;
  if (!found.fault.empty()) {
    fault_ = found.fault;
    return;
  }
  has_unnumbered_ = has_unnumbered_ || !found.epoch;
  const auto printed = found.epoch.value_or(number_of(next_epoch_));
  if (fault_ = fault_of(printed); !fault_.empty()) return;
  const int epoch = static_cast<int>(printed) + 1 - task_.settings.command.first_epoch;
  next_epoch_ = epoch + 1;
  if (epoch > task_.to_epoch)
    is_beyond_ = true;
  else if (epoch > last_epoch_)
    take_epoch(epoch, found);
  else
    pass_over(epoch, found.value);
}

void CommandSegment::take_error(const std::string& line) {
  if (read_metric_line(line, objective_.metric).found) ++num_on_error_;
}

void CommandSegment::take_unread(const std::string& line, const LineReading& reading) {
  if (num_unread_++ == 0)
    first_unread_ = fmt::format("names \"{}\" and {}: {}", objective_.metric, reading.problem, excerpt(line));
  num_unread_objects_ += reading.is_object ? 1 : 0;
  remark("unread", "a line " + first_unread_);
}

void CommandSegment::take_epoch(int epoch, const MetricLine& line) {
  last_epoch_ = epoch;
  values_[epoch] = line.value;
  if (line.num_left_out > 0)
    remark("left out", fmt::format("{} of its numbers are not recorded: {} are, with names of up to {} bytes",
                                   line.num_left_out, most_metrics, longest_metric));
  store::EpochRecord record;
  record.trial = task_.trial;
  record.epoch = epoch;
  record.value = line.value;
  record.metrics = line.metrics;
  if (hooks_.on_epoch) hooks_.on_epoch(record);
  if (!std::isfinite(line.value)) {
    divergence_ = fmt::format("{} is not a finite number after epoch {}", objective_.metric, epoch);
  } else if (record_.best_epoch == 0 || is_better(line.value)) {
    record_.value = line.value;
    record_.best_epoch = epoch;
    record_.further = line.further;
  }
}

// An epoch that it had behind it, or has printed before.
void CommandSegment::pass_over(int epoch, double value) {
  if (epoch <= task_.from_epoch || epoch <= last_recalled_) return;
  const auto taken = values_.find(epoch);
  if (taken == values_.end())
    remark("order", fmt::format("its line of epoch {} came after that of epoch {} and does not count", number_of(epoch),
                                number_of(last_epoch_)));
  else if (taken->second != value)
    remark("repeat", fmt::format("it printed epoch {} again, with {} after {}: the first line of an epoch counts",
                                 number_of(epoch), shortest(value), shortest(taken->second)));
}

void CommandSegment::remark(const std::string& kind, const std::string& text) {
  remarks_.try_emplace(kind, text);
}

bool CommandSegment::is_better(double value) const {
  return objective_.is_maximised ? value > record_.value : value < record_.value;
}

std::string CommandSegment::fault_of(std::int64_t printed) const {
  const int first = task_.settings.command.first_epoch;
  if (printed == 0 && first == 1)
    return "it printed an epoch 0, and epochs count from 1: print epoch + 1, or write trial.first_epoch = 0; leave the "
           "metric out of what was measured before training";
  if (printed < first)
    return fmt::format("its line says \"epoch\": {}; epochs count from {} (trial.first_epoch)", printed, first);
  return "";
}

store::SegmentRecord CommandSegment::record() const {
  auto record = record_;
  record.last_epoch = last_epoch_;
  if (!fault_.empty()) return failed_record(task_, fault_);
  if (!divergence_.empty()) {
    record.ending = search::Ending::diverged;
    record.message = divergence_;
    return record;
  }
  if (const auto why = why_incomplete(); !why.empty()) return failed_record(task_, why);
  record.ending = is_reached() ? search::Ending::reached : search::Ending::exhausted;
  auto remarks = remarks_;
  if (is_beyond_ && task_.to_epoch == task_.settings.max_epochs)
    remarks.emplace("beyond", fmt::format("it goes on after epoch {}, where train.max_epochs = {} ends it",
                                          number_of(task_.to_epoch), task_.to_epoch));
  for (const auto& [kind, text] : remarks) record.message += (record.message.empty() ? "" : "; ") + text;
  return record;
}

// Why what was printed is not the result of the segment; empty: it is.
std::string CommandSegment::why_incomplete() const {
  if (last_epoch_ == task_.from_epoch) return why_nothing();
  if (!is_reached())
    if (const auto why = why_short(); !why.empty()) return why;
  return missing_metric();
}

std::string CommandSegment::why_nothing() const {
  const auto example =
      fmt::format("{{\"epoch\": {}, \"{}\": 0.5}}", number_of(task_.from_epoch + 1), objective_.metric);
  auto text = fmt::format("it printed no line such as {} up to epoch {}", example, number_of(task_.to_epoch));
  if (num_unread_ > 0)
    text += fmt::format("; {} of its lines {}{}", num_unread_, num_unread_ > 1 ? "do not count, the first " : "",
                        first_unread_);
  else if (num_on_error_ > 0)
    text += "; there are such lines on standard error: print them to standard output";
  else if (is_beyond_)
    text += fmt::format(", but one of epoch {}", number_of(next_epoch_ - 1));
  else if (has_unnumbered_ && task_.from_epoch > 0)
    text += fmt::format("; it was to go on after epoch {}: lines without \"epoch\" count from the first again",
                        number_of(task_.from_epoch));
  return text;
}

// The program did not come to the segment's end: by its own choice, as it may, or so that its lines are in doubt.
std::string CommandSegment::why_short() const {
  if (is_beyond_)
    return fmt::format(
        "it printed epoch {} and then {}, and none for epoch {}, where it was to end ({{to_epoch}} = {})",
        number_of(last_epoch_), number_of(next_epoch_ - 1), number_of(task_.to_epoch), task_.to_epoch);
  if (num_unread_objects_ > 0)
    return fmt::format("it ended at epoch {} of {}, and {} of its lines cannot be read: the first {}",
                       number_of(last_epoch_), number_of(task_.to_epoch), num_unread_, first_unread_);
  if (has_unnumbered_ && task_.from_epoch > 0)
    return fmt::format(
        "it was to go on after epoch {} and ended after {} lines without \"epoch\", so that nobody can "
        "tell which epochs they are; print \"epoch\"",
        number_of(task_.from_epoch), next_epoch_ - 1);
  return "";
}

// The first further metric that the best epoch's line has not.
std::string CommandSegment::missing_metric() const {
  for (std::size_t m = 0; m < record_.further.size(); ++m)
    if (!std::isfinite(record_.further[m]))
      return fmt::format("its line of epoch {} has no finite number \"{}\", which sweep.metric names",
                         record_.best_epoch, objective_.further_metrics[m]);
  return "";
}

}  // namespace seqsweep::trial
