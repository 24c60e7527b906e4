// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "config_file.hpp"

namespace seqsweep::config {
namespace {

// An example that names a key or value that is no more would be the first thing a new user sees fail.
TEST(Examples, are_valid_search_something_and_say_how_to_run_them) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SEQSWEEP_CONFIGS)) {
    if (entry.path().extension() != ".ini") continue;
    ++count;
    SCOPED_TRACE(entry.path().filename());
    SweepConfig config;
    ASSERT_NO_THROW(config = read_config(entry.path().string(), {}));
    EXPECT_GE(config.space.size(), 2U);
    EXPECT_GE(config.study.ends.trials, 2);
    std::ifstream file(entry.path());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    EXPECT_NE(text.find("seqsweep sweep configs/" + entry.path().filename().string()), std::string::npos);
    if (config.is_command()) continue;
    EXPECT_NE(text.find("#   seqsweep dataset "), std::string::npos);
    EXPECT_NE(text.find("-o " + config.placement.data_path), std::string::npos) << "the file that the command makes";
  }
  EXPECT_GE(count, 7);
}

}  // namespace
}  // namespace seqsweep::config
