// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/trial/segment_runner.hpp"

namespace seqsweep::trial {

store::SegmentRecord failed_record(const SegmentTask& task, std::string message) {
  store::SegmentRecord record;
  record.trial = task.trial;
  record.from_epoch = task.from_epoch;
  record.to_epoch = task.to_epoch;
  record.last_epoch = task.from_epoch;
  record.ending = search::Ending::failed;
  record.value = store::not_applicable;
  record.message = std::move(message);
  return record;
}

}  // namespace seqsweep::trial
