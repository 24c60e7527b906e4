// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "seqsweep/core/log.hpp"

#include "jobs.hpp"

namespace seqsweep::jobs {

/// The command line of a job that runs a config.
struct ConfigCommand {
  std::string job;
  std::string config_path;
  std::vector<std::string> overrides;  ///< "section.key=value"
  std::string output_path;             ///< of -o; empty: not given
  log::Level level = log::Level::normal;
  bool is_dry_run = false;
  std::string recorded_trial;  ///< of --trial, which the train job has: "RESULTS.h5:14"
};

/// Takes the overrides ("--section.key=value") out of a job's arguments; gives them without their dashes.
[[nodiscard]] std::vector<std::string> take_overrides(std::vector<std::string>& arguments);

/// Reads `CONFIG.ini [--section.key=value …] [-o FILE] [--quiet] [--verbose] [--dry-run]`. For --help, prints the help
/// with the whole config reference and gives nothing. Throws ConfigError.
[[nodiscard]] std::optional<ConfigCommand> read_config_command(const std::string& job, const std::string& about,
                                                               Arguments arguments);

}  // namespace seqsweep::jobs
