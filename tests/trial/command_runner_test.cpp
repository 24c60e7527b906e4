// SPDX-License-Identifier: Apache-2.0
//
// Programs as trials. The programs are shell scripts, so that a test shows all that its program does.
#include "seqsweep/trial/command_runner.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

#include "../../src/trial/command_line.hpp"
#include "command_support.hpp"

namespace seqsweep::trial {
namespace {

using search::Ending;
using testing::ElementsAre;
using testing::HasSubstr;

using CommandRunnerTest = CommandTest;

TEST_F(CommandRunnerTest, takes_further_metrics_from_the_best_line) {
  const auto ran_with = [&](const std::string& script) {
    CommandRunner runner({.seed = 1, .metric = "loss", .further_metrics = {"size", "speed"}});
    SoloGroup group;
    return runner.run(task(script, 0, 2), group, {}).record;
  };
  const auto record = ran_with(R"(echo '{"loss": 0.25, "size": 3, "speed": 7}'; echo '{"loss": 0.5, "size": 4}')");
  EXPECT_EQ(record.ending, Ending::reached);
  EXPECT_THAT(record.further, ElementsAre(3, 7));
  const auto failed = ran_with(R"(echo '{"loss": 0.5, "size": 3, "speed": 7}'; echo '{"loss": 0.25, "size": NaN}')");
  EXPECT_EQ(failed.ending, Ending::failed);
  EXPECT_EQ(failed.message, "its line of epoch 2 has no finite number \"size\", which sweep.metric names");
}

TEST_F(CommandRunnerTest, takes_each_json_line_with_the_metric_as_an_epoch) {
  const auto ran = run(R"(echo hello; echo '{"loss": 0.5, "note": "a", "accuracy": 0.75}'; echo '{"other": 1}';
                          echo '{"epoch": 2, "loss": 0.25}'; printf '{"loss": 0.375}')",
                       0, 3);
  EXPECT_EQ(ran.outcome.record.ending, Ending::reached);
  EXPECT_THAT(curve_of(ran), ElementsAre(std::pair(1, 0.5), std::pair(2, 0.25), std::pair(3, 0.375)));
  EXPECT_EQ(ran.outcome.record.value, 0.25);
  EXPECT_EQ(ran.outcome.record.best_epoch, 2);
  ASSERT_EQ(ran.epochs[0].metrics.size(), 2u);
  EXPECT_EQ(ran.epochs[0].metrics[0].name, "accuracy");
  EXPECT_EQ(ran.epochs[0].metrics[0].value, 0.75);
}

TEST_F(CommandRunnerTest, tells_the_program_what_to_do) {
  const auto ran =
      run(R"(echo "{\"loss\": $SEQSWEEP_TO_EPOCH${SEQSWEEP_FROM_EPOCH}{x}, \"t\": $SEQSWEEP_TRIAL, \"s\": {seed}}"
                          [ {model.cell} = "it's" ] && grep -q '"x": 0.25' "$SEQSWEEP_SETTINGS" &&
                          [ -d "$SEQSWEEP_CHECKPOINT_DIR" ] && [ -z "$OMPI_COMM_WORLD_RANK" ])",
          0, 1);
  EXPECT_EQ(ran.outcome.record.ending, Ending::reached) << ran.outcome.record.message;
  EXPECT_EQ(ran.outcome.record.value, 100.25) << "1, 0 and 0.25, one after the other";
  EXPECT_EQ(ran.epochs.at(0).metrics.at(2).value, 12);
}

TEST_F(CommandRunnerTest, tells_the_program_the_share_of_the_rung_that_it_trains_to) {
  auto t = task(R"(echo "{\"epoch\": {to_epoch}, \"loss\": $SEQSWEEP_FIDELITY, \"f\": {fidelity}}")", 0, 2);
  t.settings.fidelity = {"data", {2, 8}};
  EXPECT_EQ(run(t).outcome.record.value, 0.25);
  EXPECT_EQ(run(t).epochs.at(0).metrics.at(0).value, 0.25);
  t.settings.fidelity = {};
  EXPECT_EQ(run(t).outcome.record.value, 1);
}

TEST_F(CommandRunnerTest, goes_on_in_the_next_segment_where_the_last_one_ended) {
  EXPECT_EQ(run(trainer, 0, 2).outcome.record.ending, Ending::reached);
  auto next = task(trainer, 2, 4);
  next.best_value = 0.125;
  next.best_epoch = 1;
  const auto ran = run(next);
  EXPECT_THAT(curve_of(ran), ElementsAre(std::pair(3, 0.7), std::pair(4, 0.6)));
  EXPECT_EQ(ran.outcome.record.value, 0.125) << "the best so far was before";
  EXPECT_EQ(ran.outcome.record.best_epoch, 1);
}

TEST_F(CommandRunnerTest, begins_a_killed_segment_as_it_began_first) {
  run(trainer, 0, 2);
  const auto left_behind = folder_ / "trial-000012" / "to-000004.gone";
  std::filesystem::create_directories(left_behind);
  std::ofstream(left_behind / "e") << 4;
  EXPECT_THAT(curve_of(run(trainer, 2, 4)), ElementsAre(std::pair(3, 0.7), std::pair(4, 0.6)));
  EXPECT_FALSE(std::filesystem::exists(left_behind));
}

TEST_F(CommandRunnerTest, passes_over_epochs_again_where_the_checkpoint_is_lost) {
  EXPECT_THAT(curve_of(run(trainer, 2, 4)), ElementsAre(std::pair(3, 0.7), std::pair(4, 0.6)));
}

TEST_F(CommandRunnerTest, a_stopped_segment_goes_on_and_reports_its_epochs_again) {
  // Ends itself at SIGTERM, having printed an epoch more.
  const std::string slow = R"(trap 'echo 2 > {checkpoint_dir}/e; echo "{\"epoch\": 2, \"loss\": 0.8}"; exit 0' TERM
    if [ -f {checkpoint_dir}/e ]; then echo '{"epoch": 3, "loss": 0.7}'; exit; fi
    echo '{"epoch": 1, "loss": 0.9}'; while :; do sleep 0.01; done)";
  const auto first = run(task(slow, 0, 3), 1);
  EXPECT_TRUE(first.outcome.is_interrupted);
  const auto second = run(slow, 0, 3);
  EXPECT_THAT(curve_of(second), ElementsAre(std::pair(1, 0.9), std::pair(2, 0.8), std::pair(3, 0.7)));
  EXPECT_EQ(second.outcome.record.ending, Ending::reached);
}

TEST_F(CommandRunnerTest, a_segment_whose_program_did_not_stop_by_itself_begins_again) {
  // Saves an epoch that it has no time to print.
  const std::string rash = R"(if [ -f {checkpoint_dir}/e ]; then exit; fi
    echo 2 > {checkpoint_dir}/e; echo '{"epoch": 1, "loss": 0.9}'; sleep 0.3; echo '{"epoch": 2, "loss": 0.8}')";
  EXPECT_TRUE(run(task(rash, 0, 2), 1).outcome.is_interrupted);
  EXPECT_EQ(run(rash, 0, 2).outcome.record.ending, Ending::reached);
}

TEST_F(CommandRunnerTest, ends_early_as_complete) {
  const auto ran = run(R"(echo '{"loss": 0.5}')", 0, 9);
  EXPECT_EQ(ran.outcome.record.ending, Ending::exhausted);
  EXPECT_EQ(ran.outcome.record.last_epoch, 1);
}

TEST_F(CommandRunnerTest, is_ended_where_it_goes_on_too_far) {
  const auto ran = run(R"(e=0; while :; do e=$((e + 1)); echo "{\"loss\": $e}"; sleep 0.01; done)", 0, 2);
  EXPECT_EQ(ran.outcome.record.ending, Ending::reached);
  EXPECT_EQ(ran.epochs.size(), 2u);
}

TEST_F(CommandRunnerTest, diverges_at_nan) {
  for (const auto* nan : {"NaN", "Infinity", "null", "\"nan\""}) {
    const auto ran = run(std::string("echo '{\"loss\": 0.5}'; echo '{\"loss\": ") + nan + "}'; sleep 9", 0, 9);
    EXPECT_EQ(ran.outcome.record.ending, Ending::diverged) << nan;
    EXPECT_EQ(ran.outcome.record.last_epoch, 2) << nan;
    EXPECT_THAT(ran.outcome.record.message, HasSubstr("after epoch 2"));
  }
}

TEST_F(CommandRunnerTest, has_diverged_however_the_program_ends_after_it) {
  EXPECT_EQ(run("echo '{\"loss\": NaN}'; exit 1", 0, 9).outcome.record.ending, Ending::diverged);
  EXPECT_EQ(
      run("echo '{\"epoch\": 1, \"loss\": 1}'; echo '{\"epoch\": 2, \"loss\": 1}'; exit 1", 0, 1).outcome.record.ending,
      Ending::reached);
}

TEST_F(CommandRunnerTest, fails_where_no_word_of_its_command_is_left) {
  auto t = task("{nothing}", 0, 1);
  t.settings.command.is_for_shell = false;
  EXPECT_THAT(run(t).outcome.record.message, HasSubstr("names no program"));
}

TEST_F(CommandRunnerTest, fails_with_the_last_thing_that_it_said) {
  const auto ran = run("echo '{\"loss\": 1}'; echo first >&2; echo 'no such luck' >&2; echo >&2; exit 3", 0, 1);
  EXPECT_EQ(ran.outcome.record.ending, Ending::failed);
  EXPECT_EQ(ran.outcome.record.message, "exit code 3: no such luck");
  EXPECT_THAT(run("kill -SEGV $$", 0, 1).outcome.record.message, HasSubstr("killed by signal 11"));
  EXPECT_THAT(run("true", 0, 1).outcome.record.message,
              HasSubstr("it printed no line such as {\"epoch\": 1, \"loss\""));
}

TEST_F(CommandRunnerTest, fails_at_the_timeout_even_if_it_does_not_listen) {
  auto t = task("trap '' TERM; echo busy; while :; do sleep 0.01; done", 0, 1);
  t.settings.command.timeout_s = 0.05;
  t.settings.command.grace_s = 0.05;
  const auto start = std::chrono::steady_clock::now();
  const auto ran = run(t);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(ran.outcome.record.ending, Ending::failed);
  EXPECT_THAT(ran.outcome.record.message, HasSubstr("trial.timeout"));
}

TEST_F(CommandRunnerTest, a_program_that_is_not_there_is_no_fault_of_the_trial) {
  auto t = task("/no/such/program", 0, 1);
  t.settings.command.is_for_shell = false;
  EXPECT_THROW(run(t), ClusterError);
}

TEST_F(CommandRunnerTest, maximises_where_asked) {
  const auto ran = run(task("echo '{\"loss\": 1}'; echo '{\"loss\": 2}'; echo '{\"loss\": 1.5}'", 0, 3), -1, true);
  EXPECT_EQ(ran.outcome.record.value, 2);
}

TEST_F(CommandRunnerTest, keeps_the_end_of_a_long_output) {
  run("yes line | head -c 1000000; echo the end; exit 1", 0, 1);
  std::ifstream file(folder_ / "trial-000012" / "output.txt");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_LT(text.size(), 100'000u);
  EXPECT_TRUE(text.ends_with("the end\n"));
}

// ---- the command line

std::vector<std::string> arguments(const std::string& command, const Substitutions& values) {
  return arguments_of({.command = command}, values);
}

TEST(CommandLine, is_cut_into_words_as_a_shell_would) {
  EXPECT_THAT(arguments(R"(a  'b c' "d 'e'" f\ g h"i"j '')", {}), ElementsAre("a", "b c", "d 'e'", "f g", "hij", ""));
  EXPECT_THROW(arguments("a 'b", {}), ConfigError);
}

TEST(CommandLine, fills_placeholders_within_words_and_keeps_their_blanks) {
  const Substitutions values = {{"x", "1 2"}, {"model.cell", "lstm"}};
  EXPECT_THAT(arguments("p --x={x} {model.cell}-{x}", values), ElementsAre("p", "--x=1 2", "lstm-1 2"));
}

TEST(CommandLine, leaves_out_words_whose_dimension_does_not_exist_in_the_point) {
  EXPECT_THAT(arguments("p --dropout={dropout} {x}", {{"x", "1"}}), ElementsAre("p", "1"));
}

TEST(CommandLine, keeps_braces_that_are_no_placeholders) {
  EXPECT_THAT(arguments(R"(p '{"a": {x}}' {{x}} {})", {{"x", "1"}}), ElementsAre("p", R"({"a": 1})", "{x}", "{}"));
}

TEST(CommandLine, values_are_no_shell_code) {
  const CommandSpec command{.command = "echo {x}", .is_for_shell = true};
  EXPECT_THAT(arguments_of(command, {{"x", "$(rm it's)"}}), ElementsAre("/bin/sh", "-c", R"(echo '$(rm it'\''s)')"));
}

TEST(CommandLine, unknown_placeholders_are_refused_with_the_nearest_name) {
  try {
    check_command({.command = "p {momentom}"}, {"momentum"});
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'momentum'?"));
  }
  EXPECT_THROW(check_command({.command = " "}, {}), ConfigError);
  EXPECT_NO_THROW(check_command({.command = "p {trial}"}, {}));
}

}  // namespace
}  // namespace seqsweep::trial
