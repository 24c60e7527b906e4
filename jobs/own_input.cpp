// SPDX-License-Identifier: Apache-2.0
#include "own_input.hpp"

#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::jobs {
namespace {

namespace fs = std::filesystem;

// What writers put behind a name while the file is not whole; a lock beside it.
constexpr std::array passing_endings = {".new", ".part", ".sealed", ".lock"};

// Links are followed. Of files that are not there yet the names are compared.
bool are_one_file(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  const auto path_a = fs::weakly_canonical(a, error);
  if (error) return a == b;
  const auto path_b = fs::weakly_canonical(b, error);
  return error ? a == b : path_a == path_b;
}

}  // namespace

void refuse_own_input(const std::string& output, std::span<const std::string> inputs) {
  if (output.empty()) return;
  for (const auto& input : inputs) {
    if (are_one_file(output, input))
      throw ConfigError(
          fmt::format("{} is read by this job ({}), and writing it would destroy it; -o must name another "
                      "file",
                      output, input),
          "command line", "output");
    for (const auto* ending : passing_endings)
      if (are_one_file(output + ending, input))
        throw ConfigError(
            fmt::format("{} is read by this job, and is the name that {} has while it is written; -o must "
                        "name another file",
                        input, output),
            "command line", "output");
  }
}

void refuse_same_output(const std::string& first, const std::string& second) {
  if (are_one_file(first, second))
    throw ConfigError(fmt::format("{} and {} are one file, and this job writes both; name two", first, second),
                      "command line", "output");
}

}  // namespace seqsweep::jobs
