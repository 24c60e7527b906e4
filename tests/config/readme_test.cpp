// SPDX-License-Identifier: Apache-2.0
// README's table of keys says what the program's own table says.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "seqsweep/config/config.hpp"

namespace seqsweep::config {
namespace {

std::vector<std::string> readme_rows() {
  std::ifstream file(std::filesystem::path(SEQSWEEP_SOURCE_DIR) / "README.md");
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `")) rows.push_back(line);
  return rows;
}

TEST(Readme, lists_every_key_with_its_default) {
  const auto rows = readme_rows();
  ASSERT_FALSE(rows.empty()) << "README.md has no table of keys";
  for (const auto& key : keys()) {
    const auto beginning = "| `" + key.name + "`" + (key.may_be_searched ? " * | " : " | ") +
                           (key.default_value.empty() ? "–" : "`" + key.default_value + "`") + " | ";
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const std::string& r) { return r.starts_with(beginning); });
    EXPECT_NE(row, rows.end()) << "README.md has no row that begins with " << beginning;
  }
}

}  // namespace
}  // namespace seqsweep::config
