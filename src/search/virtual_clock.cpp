// SPDX-License-Identifier: Apache-2.0
#include "virtual_clock.hpp"

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::search {

void VirtualClock::begin(Segment segment, double duration) {
  SEQSWEEP_ENSURE(segment.to_epoch > segment.from_epoch, "a segment of no epoch was decided");
  segment.virtual_start = now_;
  segment.virtual_finish = now_ + duration;
  running_.push({segment.virtual_finish, decisions_.size()});
  pending_.emplace(segment.trial, Pending{decisions_.size(), std::nullopt});
  decisions_.push_back(std::move(segment));
}

void VirtualClock::report(const SegmentResult& result) {
  const auto pending = pending_.find(result.trial);
  SEQSWEEP_EXPECT(pending != pending_.end() && !pending->second.result,
                  fmt::format("a result of trial {} was reported that is not awaited", result.trial.value));
  const auto& segment = decisions_[pending->second.decision];
  SEQSWEEP_EXPECT(result.from_epoch == segment.from_epoch && result.to_epoch == segment.to_epoch,
                  fmt::format("a result of trial {} was reported for other epochs than decided", result.trial.value));
  SEQSWEEP_EXPECT(result.last_epoch >= segment.from_epoch && result.last_epoch <= segment.to_epoch,
                  fmt::format("trial {} ended outside of its segment", result.trial.value));
  SEQSWEEP_EXPECT(result.ending != Ending::reached || result.last_epoch == segment.to_epoch,
                  fmt::format("trial {} reached the end of its segment and stands elsewhere", result.trial.value));
  pending->second.result = result;
}

std::optional<SegmentResult> VirtualClock::take_next() {
  if (running_.empty()) return std::nullopt;
  const auto [finish, decision] = running_.top();
  const auto pending = pending_.find(decisions_[decision].trial);
  if (!pending->second.result) return std::nullopt;
  auto result = *std::move(pending->second.result);
  running_.pop();
  pending_.erase(pending);
  now_ = finish;
  return result;
}

bool VirtualClock::awaits(TrialId trial, int to_epoch) const {
  const auto pending = pending_.find(trial);
  return pending != pending_.end() && !pending->second.result &&
         decisions_[pending->second.decision].to_epoch == to_epoch;
}

}  // namespace seqsweep::search
