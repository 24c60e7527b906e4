// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "seqsweep/config/config.hpp"

namespace seqsweep::config {

/// A config file for the length of a test, in a folder of its own; its path is relative, "a.ini", wherever it stands.
class ConfigFile {
 public:
  explicit ConfigFile(std::string_view text) : home_(std::filesystem::current_path()) {
    folder_ = std::filesystem::temp_directory_path() / ("seqsweep_config_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_ / "folder");
    std::filesystem::current_path(folder_);
    std::ofstream("a.ini", std::ios::binary) << text;
  }
  ~ConfigFile() {
    std::filesystem::current_path(home_);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

 private:
  std::filesystem::path home_, folder_;
};

inline SweepConfig read_text(std::string_view text, const std::vector<std::string>& overrides = {}) {
  const ConfigFile file(text);
  return read_config("a.ini", overrides);
}

/// A config with a data set, and `text` behind it.
inline SweepConfig read_with_data(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return read_text("[data]\npath = a.h5\n" + text, overrides);
}

}  // namespace seqsweep::config
