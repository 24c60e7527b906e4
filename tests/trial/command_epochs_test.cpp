// SPDX-License-Identifier: Apache-2.0
//
// Which epochs a program's lines are, and that none of them is passed over in silence.
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command_support.hpp"

namespace seqsweep::trial {
namespace {

using search::Ending;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class CommandEpochs : public CommandTest {
 protected:
  // A program that prints these lines.
  static std::string prints(const std::vector<std::string>& lines) {
    std::string script;
    for (const auto& line : lines) script += "printf '%s\\n' '" + line + "'; ";
    return script;
  }
  Ran ran(const std::vector<std::string>& lines, int from_epoch, int to_epoch) const {
    return run(prints(lines), from_epoch, to_epoch);
  }
  Ran ran_from_0(const std::vector<std::string>& lines, int from_epoch, int to_epoch) const {
    auto t = task(prints(lines), from_epoch, to_epoch);
    t.settings.command.first_epoch = 0;
    return run(t);
  }
};

std::string line_of(int epoch, const std::string& value) {
  return "{\"epoch\": " + std::to_string(epoch) + ", \"loss\": " + value + "}";
}

void expect_failed(const Ran& ran, const std::string& message) {
  EXPECT_EQ(ran.outcome.record.ending, Ending::failed);
  EXPECT_THAT(ran.outcome.record.message, HasSubstr(message));
  EXPECT_LE(ran.outcome.record.message.size(), 240u) << "what a results file keeps of it";
}

TEST_F(CommandEpochs, that_count_from_0_fail_the_trial_and_say_what_to_do) {
  const auto result = ran({line_of(0, "0.9"), line_of(1, "0.8"), line_of(2, "0.7")}, 0, 3);
  expect_failed(result, "epochs count from 1: print epoch + 1, or write trial.first_epoch = 0");
}

TEST_F(CommandEpochs, that_count_from_0_are_shifted_where_first_epoch_says_so) {
  const auto result = ran_from_0({line_of(0, "0.9"), line_of(1, "0.8"), line_of(2, "0.7")}, 0, 3);
  EXPECT_THAT(curve_of(result), ElementsAre(std::pair(1, 0.9), std::pair(2, 0.8), std::pair(3, 0.7)));
  EXPECT_EQ(result.outcome.record.ending, Ending::reached);
  EXPECT_EQ(result.outcome.record.best_epoch, 3);
  EXPECT_THAT(curve_of(ran_from_0({line_of(2, "0.7"), line_of(3, "0.6")}, 2, 4)),
              ElementsAre(std::pair(3, 0.7), std::pair(4, 0.6)));
  EXPECT_THAT(curve_of(ran_from_0({"{\"loss\": 1}", "{\"loss\": 2}"}, 0, 2)),
              ElementsAre(std::pair(1, 1.0), std::pair(2, 2.0)));
}

TEST_F(CommandEpochs, that_count_from_1_where_first_epoch_is_0_are_not_taken_for_others) {
  expect_failed(ran_from_0({line_of(1, "0.9")}, 0, 1),
                "such as {\"epoch\": 0, \"loss\": 0.5} up to epoch 0, but one of epoch 1");
}

TEST_F(CommandEpochs, negative_fractional_and_named_ones_fail_the_trial) {
  expect_failed(ran({line_of(-3, "1")}, 0, 1), "its line says \"epoch\": -3; epochs count from 1");
  expect_failed(ran_from_0({line_of(-1, "1")}, 0, 1), "its line says \"epoch\": -1; epochs count from 0");
  expect_failed(ran({"{\"epoch\": 0.5, \"loss\": 1}"}, 0, 1), "its line says \"epoch\": 0.5; epochs are whole numbers");
  expect_failed(ran({"{\"epoch\": \"one\", \"loss\": 1}"}, 0, 1), "its line says \"epoch\": \"one\"; epochs");
}

TEST_F(CommandEpochs, a_metric_that_is_no_number_fails_the_trial_and_ends_the_program) {
  expect_failed(run(prints({line_of(1, "true")}) + "sleep 60", 0, 9),
                "its line says \"loss\": true, which is no number");
}

TEST_F(CommandEpochs, up_to_from_epoch_may_be_printed_again_without_a_word) {
  const auto result = ran({line_of(1, "5"), line_of(2, "6"), line_of(3, "0.7"), line_of(4, "0.6")}, 2, 4);
  EXPECT_THAT(curve_of(result), ElementsAre(std::pair(3, 0.7), std::pair(4, 0.6)));
  EXPECT_EQ(result.outcome.record.message, "");
}

TEST_F(CommandEpochs, printed_again_with_another_value_are_said_and_the_first_counts) {
  const auto result = ran({line_of(1, "0.9"), line_of(1, "0.9"), line_of(2, "0.8"), line_of(2, "0.1")}, 0, 2);
  EXPECT_THAT(curve_of(result), ElementsAre(std::pair(1, 0.9), std::pair(2, 0.8)));
  EXPECT_EQ(result.outcome.record.value, 0.8);
  EXPECT_EQ(result.outcome.record.message,
            "it printed epoch 2 again, with 0.1 after 0.8: the first line of an epoch counts");
  EXPECT_EQ(ran({line_of(1, "0.9"), line_of(1, "0.9")}, 0, 1).outcome.record.message, "")
      << "the same says nothing new";
}

TEST_F(CommandEpochs, that_go_back_are_said) {
  const auto result = ran({line_of(1, "0.9"), line_of(3, "0.7"), line_of(2, "0.1"), line_of(4, "0.6")}, 0, 4);
  EXPECT_THAT(curve_of(result), ElementsAre(std::pair(1, 0.9), std::pair(3, 0.7), std::pair(4, 0.6)));
  EXPECT_EQ(result.outcome.record.message, "its line of epoch 2 came after that of epoch 3 and does not count");
}

TEST_F(CommandEpochs, that_step_over_the_end_of_a_segment_do_not_complete_the_trial) {
  expect_failed(ran({line_of(2, "0.9"), line_of(4, "0.8"), line_of(6, "0.7")}, 0, 5),
                "it printed epoch 4 and then 6, and none for epoch 5, where it was to end ({to_epoch} = 5)");
  expect_failed(ran({line_of(2, "0.9")}, 0, 1), "up to epoch 1, but one of epoch 2");
}

TEST_F(CommandEpochs, beyond_max_epochs_are_said_and_beyond_a_rung_they_are_not) {
  auto t = task(prints({line_of(1, "0.9"), line_of(2, "0.8"), line_of(3, "0.7")}), 0, 2);
  t.settings.max_epochs = 2;
  EXPECT_EQ(run(t).outcome.record.ending, Ending::reached);
  EXPECT_EQ(run(t).outcome.record.message, "it goes on after epoch 2, where train.max_epochs = 2 ends it");
  t.settings.max_epochs = 4;
  EXPECT_EQ(run(t).outcome.record.message, "");
}

TEST_F(CommandEpochs, of_a_resumed_program_that_does_not_say_which_they_are_are_not_guessed) {
  const std::string plain = "{\"loss\": 1}";
  expect_failed(ran({plain, plain, plain, plain, plain, plain}, 2, 8),
                "it was to go on after epoch 2 and ended after 6 lines without \"epoch\"");
  expect_failed(ran({plain, plain}, 2, 4), "lines without \"epoch\" count from the first again");
  EXPECT_THAT(curve_of(ran({plain, plain, plain, plain}, 2, 4)), ElementsAre(std::pair(3, 1.0), std::pair(4, 1.0)))
      << "it began anew";
}

TEST_F(CommandEpochs, behind_a_progress_bar_on_the_same_line_are_read) {
  const auto result = run(R"(printf '\r 50%%|##  |\r100%%|####|\r{"epoch": 1, "loss": 0.5}\n';
                             printf '{"epoch": 2, "loss": 0.25}\r 10%%|#')",
                          0, 2);
  EXPECT_THAT(curve_of(result), ElementsAre(std::pair(1, 0.5), std::pair(2, 0.25)));
}

TEST_F(CommandEpochs, in_lines_longer_than_64_kB_are_read) {
  const auto result =
      run(R"sh(printf '{"epoch": 1, "loss": 0.5, "w": "%s"}\n' "$(head -c 100000 /dev/zero | tr '\0' x)")sh", 0, 1);
  EXPECT_THAT(curve_of(result), ElementsAre(std::pair(1, 0.5)));
}

TEST_F(CommandEpochs, in_a_last_line_without_an_end_are_read_though_a_child_holds_the_pipe) {
  EXPECT_THAT(curve_of(run(R"(sleep 2 & printf '{"epoch": 1, "loss": 0.5}')", 0, 1)), ElementsAre(std::pair(1, 0.5)));
}

TEST_F(CommandEpochs, lines_that_cannot_be_read_are_counted_in_the_message) {
  expect_failed(
      run(R"(echo "{'epoch': 1, 'loss': 0.5}"; echo "{'epoch': 2, 'loss': 0.4}")", 0, 2),
      "2 of its lines do not count, the first names \"loss\" and is no JSON: it has single quotes: {'epoch': 1");
  expect_failed(ran({"{\"epoch\": 1, \"logs\": {\"loss\": 1} }"}, 0, 2),
                "1 of its lines names \"loss\" and has it inside");
  expect_failed(run(R"(echo '{"epoch": 1, "loss": 0.5}' >&2)", 0, 1), "print them to standard output");
}

TEST_F(CommandEpochs, lines_that_cannot_be_read_do_not_end_a_trial_early) {
  expect_failed(ran({line_of(1, "0.5"), "{\"epoch\": 2, \"loss\": 0.4"}, 0, 2),
                "it ended at epoch 1 of 2, and 1 of its lines cannot be read: the first names \"loss\" and is no JSON");
  const auto result = ran({line_of(1, "0.5"), "best was {\"loss\": 0.5}"}, 0, 2);
  EXPECT_EQ(result.outcome.record.ending, Ending::exhausted) << "a remark of the program's";
  EXPECT_EQ(result.outcome.record.message,
            "a line names \"loss\" and is no JSON object alone on its line: best was {\"loss\": 0.5}");
}

TEST_F(CommandEpochs, numbers_that_are_too_many_to_record_are_said) {
  std::string many = "{\"loss\": 1";
  for (int i = 10; i < 40; ++i) many += ", \"m" + std::to_string(i) + "\": 1";
  EXPECT_THAT(ran({many + "}"}, 0, 1).outcome.record.message, StartsWith("7 of its numbers are not recorded"));
}

TEST_F(CommandEpochs, of_a_suspended_program_may_come_again_without_a_word) {
  // Asked to stop it has printed two epochs; begun again it prints all with other values, as one that cannot resume.
  const std::string script = R"(trap 'exit 0' TERM
    if [ -f {checkpoint_dir}/e ]; then
      echo '{"epoch": 1, "loss": 5}'; echo '{"epoch": 2, "loss": 5}'; echo '{"epoch": 3, "loss": 0.7}'; exit; fi
    touch {checkpoint_dir}/e
    echo '{"epoch": 1, "loss": 0.9}'; echo '{"epoch": 2, "loss": 0.8}'; while :; do sleep 0.01; done)";
  EXPECT_TRUE(run(task(script, 0, 3), 2).outcome.is_interrupted);
  const auto second = run(script, 0, 3);
  EXPECT_THAT(curve_of(second), ElementsAre(std::pair(1, 0.9), std::pair(2, 0.8), std::pair(3, 0.7)));
  EXPECT_EQ(second.outcome.record.message, "");
}

// ---- suspended states

// Stopped after an epoch, having saved that; then it says whether it found what it had saved.
constexpr const char* saving = R"(trap 'touch {checkpoint_dir}/saved; exit 0' TERM
    if [ -f {checkpoint_dir}/saved ]; then echo '{"epoch": 2, "loss": 0.5}'; exit; fi
    echo '{"epoch": 1, "loss": 0.9}'; while [ ! -f {checkpoint_dir}/../go ]; do sleep 0.01; done
    echo '{"epoch": 2, "loss": 0.25}')";

class SuspendedCommand : public CommandTest {
 protected:
  // What a trial of this identity comes to, after one of identity "a" was suspended under the same number.
  double value_after_a(const std::string& identity) {
    auto first = task(saving, 0, 2);
    first.identity = "a";
    EXPECT_TRUE(run(first, 1).outcome.is_interrupted);
    std::ofstream(folder_ / "trial-000012" / "go");
    auto second = first;
    second.identity = identity;
    const auto ran = run(second);
    EXPECT_EQ(ran.epochs.size(), 2u);
    return ran.outcome.record.value;
  }
};

TEST_F(SuspendedCommand, goes_on_where_it_is_of_the_same_trial) {
  EXPECT_EQ(value_after_a("a"), 0.5);
}

TEST_F(SuspendedCommand, of_another_sweep_or_trial_is_neither_read_nor_resumed) {
  EXPECT_EQ(value_after_a("b"), 0.25);
}

TEST_F(SuspendedCommand, whose_directory_is_gone_begins_again) {
  auto t = task(saving, 0, 2);
  EXPECT_TRUE(run(t, 1).outcome.is_interrupted);
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "trial-000012"))
    if (entry.is_directory()) std::filesystem::remove_all(entry.path());
  std::ofstream(folder_ / "trial-000012" / "go");
  EXPECT_EQ(run(t).outcome.record.value, 0.25);
}

// ---- {settings}

TEST_F(CommandTest, finds_in_its_settings_texts_as_they_were_written_and_numbers_as_numbers) {
  auto t = task("echo '{\"loss\": 1}'", 0, 1);
  t.definition = {{"parameters.code", "007"},   {"parameters.version", "1.10"}, {"parameters.name", "nan"},
                  {"parameters.rate", "1e-05"}, {"parameters.size", "64"},      {"parameters.flag", "true"},
                  {"parameters.mask", "0x10"}};
  t.settings.command.texts = {"code", "parameters.code", "version", "parameters.version", "name", "parameters.name"};
  (void)run(t);
  std::ifstream file(folder_ / "trial-000012" / "settings.json");
  const auto json = nlohmann::json::parse(file);
  for (const std::string section : {"", "parameters."}) {
    EXPECT_EQ(json.at(section + "code"), "007");
    EXPECT_EQ(json.at(section + "version"), "1.10");
    EXPECT_EQ(json.at(section + "name"), "nan");
    EXPECT_EQ(json.at(section + "rate"), 1e-5);
    EXPECT_EQ(json.at(section + "size"), 64);
    EXPECT_EQ(json.at(section + "flag"), "true");
    EXPECT_EQ(json.at(section + "mask"), "0x10");
  }
}

}  // namespace
}  // namespace seqsweep::trial
