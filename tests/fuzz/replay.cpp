// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target on files, and on all files of folders, where there is no libFuzzer to call it.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "fuzz.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& place) {
  if (!fs::is_directory(place)) return {place};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(place))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t num_files = 0;
  for (int i = 1; i < argc; ++i)
    for (const auto& file : files_in(argv[i])) {
      std::printf("%s\n", file.c_str());
      std::fflush(stdout);  // so that the last line names the input of a crash
      const auto content = seqsweep::fuzz::content_of(file.string());
      static_cast<void>(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content.data()), content.size()));
      ++num_files;
    }
  std::printf("%zu inputs\n", num_files);
  return num_files > 0 ? 0 : 1;  // a corpus that is not found must not pass
}
