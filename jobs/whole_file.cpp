// SPDX-License-Identifier: Apache-2.0
#include "whole_file.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::jobs {

void write_whole_file(const std::string& path, const std::string& text) {
  namespace fs = std::filesystem;
  const auto temporary = path + ".new";
  std::ofstream file(temporary, std::ios::binary);
  file << text;
  file.close();
  std::error_code failure;
  if (file) fs::rename(temporary, path, failure);
  if (file && !failure) return;
  std::error_code ignored;
  fs::remove(temporary, ignored);
  throw Error(fmt::format("{} cannot be written; is the folder there, and is there space? -o chooses another", path),
              ExitCode::bad_file);
}

}  // namespace seqsweep::jobs
