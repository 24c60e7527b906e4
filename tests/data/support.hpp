// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <unistd.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/data/catalogues.hpp"

namespace seqsweep::data::testing_support {

/// A directory that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "seqsweep-data-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
    path_ = pattern;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

using Given = std::vector<std::pair<std::string, std::vector<std::string>>>;

inline Options options_of(std::span<const OptionSpec> specs, const Given& given) {
  Options options(specs);
  for (const auto& [name, values] : given) options.set(name, values);
  return options;
}

inline SequenceTable make_task(const std::string& name, const Given& given = {}) {
  const auto& task = find_in(task_catalogue(), "task", name).make;
  return make_table(task, options_of(task.options, given));
}

inline SequenceTable import_files(const std::string& format, const std::vector<std::string>& files,
                                  const Given& given = {}) {
  const auto& importer = find_in(importer_catalogue(), "format", format).make;
  return import_table(importer, files, options_of(importer.options, given));
}

/// What the call throws, as text; "" where it throws nothing.
template <class Thrown, class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const Thrown& error) {
    return error.what();
  }
  return "";
}

}  // namespace seqsweep::data::testing_support
