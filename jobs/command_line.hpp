// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include "jobs.hpp"

namespace seqsweep::jobs {

/// What one job takes from the command line.
struct CommandLineSpec {
  std::string job;                      ///< "status"
  std::vector<std::string> positional;  ///< all required, in order: "RESULTS.h5"
  std::string about;                    ///< help text below the usage line
  boost::program_options::options_description options;
  bool takes_more = false;  ///< any number of further positional arguments
};

struct CommandLine {
  std::map<std::string, std::string> positional;  ///< by the spec's names
  std::vector<std::string> more;                  ///< positional arguments beyond those
  boost::program_options::variables_map options;
};

/// Reads the arguments. For `--help`, prints the help to standard output and gives nothing.
/// Throws ConfigError for unknown options, bad values, and missing or superfluous arguments.
[[nodiscard]] std::optional<CommandLine> read_command_line(CommandLineSpec spec, Arguments arguments);

/// Throws ConfigError where one of `names` is given, which `mode` ("with --speed") would not look at.
void refuse_unused(const boost::program_options::variables_map& options, std::initializer_list<const char*> names,
                   const std::string& mode);

}  // namespace seqsweep::jobs
