// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace seqsweep::nn {

/// One case of a golden file, see make_golden.py.
struct GoldenCase {
  std::string name;
  std::map<std::string, std::string> words;
  std::map<std::string, std::vector<double>> numbers;

  [[nodiscard]] int integer(const std::string& key) const { return static_cast<int>(numbers.at(key).at(0)); }
};

inline std::vector<GoldenCase> read_golden(const std::string& file_name) {
  std::ifstream file(std::string(SEQSWEEP_GOLDEN_FOLDER) + "/" + file_name);
  if (!file) throw std::runtime_error("cannot read golden file " + file_name);
  std::vector<GoldenCase> cases;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key, word;
    words >> key;
    if (key == "#") continue;
    if (key == "case") {
      words >> cases.emplace_back().name;
    } else if (key == "set") {
      words >> word;
      words >> cases.back().words[word];
    } else {
      std::size_t count = 0;
      words >> count;
      std::vector<double> values(count);
      for (double& value : values) words >> value;
      if (!words) throw std::runtime_error("a line of " + file_name + " is cut off: " + key);
      cases.back().numbers[key] = values;
    }
  }
  return cases;
}

}  // namespace seqsweep::nn
