// SPDX-License-Identifier: Apache-2.0
//
// Programs as trials. The programs are shell scripts, so that a test shows all that its program does.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "seqsweep/trial/command_runner.hpp"

namespace seqsweep::trial {

struct Ran {
  SegmentOutcome outcome;
  std::vector<store::EpochRecord> epochs;
};

class CommandTest : public testing::Test {
 protected:
  CommandTest() {
    std::string name = "/tmp/seqsweep-command-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~CommandTest() override { std::filesystem::remove_all(folder_); }

  SegmentTask task(const std::string& script, int from_epoch, int to_epoch) const {
    SegmentTask t;
    t.trial = TrialId(12);
    t.from_epoch = from_epoch;
    t.to_epoch = to_epoch;
    t.checkpoint_path = (folder_ / "trial-000012.h5").string();
    t.settings.objective = "command";
    t.settings.command = {.command = script, .is_for_shell = true};
    t.definition = {{"parameters.x", "0.25"}, {"model.cell", "it's"}};
    return t;
  }
  static Ran run(const SegmentTask& t, int stop_after_epochs = -1, bool is_maximised = false) {
    Ran ran;
    CommandRunner runner({.seed = 1, .metric = "loss", .is_maximised = is_maximised});
    SegmentHooks hooks;
    hooks.on_epoch = [&](const store::EpochRecord& record) { ran.epochs.push_back(record); };
    hooks.wants_stop = [&] {
      return stop_after_epochs >= 0 && static_cast<int>(ran.epochs.size()) >= stop_after_epochs;
    };
    SoloGroup group;
    ran.outcome = runner.run(t, group, hooks);
    return ran;
  }
  Ran run(const std::string& script, int from_epoch, int to_epoch) const {
    return run(task(script, from_epoch, to_epoch));
  }

  std::filesystem::path folder_;
};

inline std::vector<std::pair<int, double>> curve_of(const Ran& ran) {
  std::vector<std::pair<int, double>> curve;
  for (const auto& record : ran.epochs) curve.emplace_back(record.epoch, record.value);
  return curve;
}

// Counts epochs in its checkpoint directory, and prints loss = 1 / epoch for each.
constexpr const char* trainer = R"(
  e=0; [ -f {checkpoint_dir}/e ] && e=$(cat {checkpoint_dir}/e)
  while [ $e -lt {to_epoch} ]; do
    e=$((e + 1)); echo $e > {checkpoint_dir}/e; echo "{\"epoch\": $e, \"loss\": 0.$((10 - e))}"
  done)";

}  // namespace seqsweep::trial
