// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/core/error.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace seqsweep {
namespace {

// Names and texts of a damaged file may hold line breaks, and what a terminal takes for orders.
std::string one_line(std::string text) {
  const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < 0x20) || c == 0x7f; };
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  return text;
}

std::string located(const std::string& where, const std::string& problem) {
  return one_line(where.empty() ? problem : where + ": " + problem);
}

std::string file_and_line(const std::string& file, std::int64_t line) {
  return line > 0 ? fmt::format("{}:{}", file, line) : file;
}

}  // namespace

ConfigError::ConfigError(const std::string& problem, const std::string& where_, std::string key_)
    : Error(located(where_, problem), ExitCode::bad_config), where(where_), key(std::move(key_)) {}

DataError::DataError(const std::string& problem, const std::string& file_, std::int64_t line_)
    : Error(located(file_and_line(file_, line_), problem), ExitCode::bad_file), file(file_), line(line_) {}

StoreError::StoreError(const std::string& problem, const std::string& file_)
    : Error(located(file_, problem), ExitCode::bad_file), file(file_) {}

ClusterError::ClusterError(const std::string& problem, int rank_)
    : Error(one_line(rank_ >= 0 ? fmt::format("rank {}: {}", rank_, problem) : problem), ExitCode::cluster),
      rank(rank_) {}

void detail::contract_violated(const char* kind, const char* condition, const std::string& text, const char* file,
                               int line) {
  throw ContractViolation(
      fmt::format("{} ({}:{}: {} '{}'); please report this bug", text, file, line, kind, condition));
}

}  // namespace seqsweep
