// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "seqsweep/core/text.hpp"

#include "config_file.hpp"

namespace seqsweep::config {
namespace {

// The lines of one section of the help.
std::string section_of(const std::string& help, const std::string& section) {
  const auto begin = help.find("[" + section + "]\n");
  return begin == std::string::npos ? "" : help.substr(begin, help.find("\n\n", begin) - begin);
}

TEST(Help, lists_every_key_with_its_default_unit_and_text_in_its_section) {
  const auto help = config_help();
  for (const auto& key : keys()) {
    const auto dot = key.name.find('.');
    const auto section = section_of(help, key.name.substr(0, dot));
    const auto equals = key.default_value.empty() ? " " : " = " + key.default_value;
    const auto line = section.find("\n  " + key.name.substr(dot + 1) + equals);
    ASSERT_NE(line, std::string::npos) << key.name;
    EXPECT_NE(section.find(key.unit, line), std::string::npos) << key.name;
    EXPECT_NE(section.find(key.help.substr(0, key.help.find(' ')), line), std::string::npos) << key.name;
    EXPECT_FALSE(key.help.empty()) << key.name;
  }
}

TEST(Help, keeps_within_the_columns_asked_for) {
  for (const int width : {60, 80, 100, 140}) {
    std::istringstream lines(config_help(width));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), static_cast<std::size_t>(width)) << line;
  }
}

TEST(Keys, have_the_defaults_of_the_option_structs) {
  const auto all = keys();
  const auto default_of = [&](const std::string& name) {
    return std::find_if(all.begin(), all.end(), [&](const auto& key) { return key.name == name; })->default_value;
  };
  EXPECT_EQ(default_of("train.learning_rate"), shortest(nn::OptimizerSpec().learning_rate));
  EXPECT_EQ(default_of("model.hidden_size"), std::to_string(nn::NetworkSpec().hidden_size));
  EXPECT_EQ(default_of("sweep.trials"), std::to_string(search::StudyOptions().ends.trials));
  EXPECT_EQ(default_of("search.scheduler"), search::SchedulerOptions().name);
  EXPECT_EQ(default_of("cluster.checkpoint_interval"), "1m");
  EXPECT_EQ(default_of("data.memory_limit"), "auto");
  EXPECT_EQ(default_of("train.patience"), "off");
}

// A default that could not be written would make a config that spells out its defaults an error.
TEST(Keys, take_their_own_defaults) {
  std::string text, section;
  for (const auto& key : keys()) {
    const auto dot = key.name.find('.');
    if (key.name.substr(0, dot) != section) text += "[" + (section = key.name.substr(0, dot)) + "]\n";
    if (!key.default_value.empty()) text += key.name.substr(dot + 1) + " = " + key.default_value + "\n";
    if (key.name == "data.path") text += "path = a.h5\n";
  }
  EXPECT_EQ(read_text(text).definition(), read_with_data("").definition());
}

}  // namespace
}  // namespace seqsweep::config
