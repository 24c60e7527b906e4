// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/worker.hpp"

#include <chrono>

#include "seqsweep/core/error.hpp"

namespace seqsweep::cluster {
namespace {

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

store::SegmentRecord failed_record(const RunSegment& order, const std::string& message) {
  store::SegmentRecord record;
  record.trial = order.trial;
  record.from_epoch = record.last_epoch = order.from_epoch;
  record.to_epoch = order.to_epoch;
  record.ending = search::Ending::failed;
  record.value = store::not_applicable;
  record.message = message;
  return record;
}

}  // namespace

Worker::Worker(WorkerChannel& channel, trial::SegmentRunner& runner, WorkerOptions options)
    : channel_(channel), runner_(runner), options_(std::move(options)) {}

bool Worker::turn() {
  const auto message = channel_.receive();
  if (!message) return false;
  if (const auto* order = std::get_if<RunSegment>(&*message))
    run(*order);
  else if (std::holds_alternative<Shutdown>(*message))
    is_dismissed_ = true;
  return true;  // an Interrupt that finds nothing running came too late: the report is on its way
}

void Worker::run(const RunSegment& order) {
  is_interrupted_ = false;
  const auto group = options_.make_group(order.ranks);

  SegmentDone done;
  done.timing.started_s = unix_seconds();
  const auto start = std::chrono::steady_clock::now();

  trial::SegmentHooks hooks;
  hooks.on_epoch = [&](const store::EpochRecord& record) { channel_.send(EpochDone{record}); };
  hooks.wants_stop = [&] { return is_interrupted_; };
  hooks.between_steps = [&] { listen(); };
  trial::SegmentOutcome outcome;
  try {
    outcome = runner_.run(options_.task_of(order), *group, hooks);
  } catch (const ConfigError& error) {
    outcome.record = failed_record(order, error.what());  // settings that make no sense together
  }
  if (!group->is_leader()) return;

  done.record = outcome.record;
  done.record.trial = order.trial;  // an interrupted segment's record may be empty, but it says whose it is
  done.is_interrupted = outcome.is_interrupted;
  done.timing.trial = order.trial;
  done.timing.from_epoch = order.from_epoch;
  done.timing.to_epoch = order.to_epoch;
  done.timing.num_ranks = group->size();
  done.timing.first_rank = order.ranks.front();
  done.timing.host = options_.host;
  done.timing.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  done.timing.data_s = outcome.clock.data_s;
  done.timing.reduce_s = outcome.clock.reduce_s;
  channel_.send(done);
}

void Worker::listen() {
  if (options_.while_running) options_.while_running();
  const auto message = channel_.receive();
  if (!message) return;
  SEQSWEEP_ENSURE(!std::holds_alternative<RunSegment>(*message), "a busy worker was sent another segment");
  is_interrupted_ = true;
  if (std::holds_alternative<Shutdown>(*message)) is_dismissed_ = true;
}

}  // namespace seqsweep::cluster
