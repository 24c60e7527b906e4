// SPDX-License-Identifier: Apache-2.0
#include "config_command.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>

#include <unistd.h>

#include "seqsweep/config/config.hpp"

#include "command_line.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;

// "--train.l2=0.1": a config key has a dot in its name, an option of the job has none.
bool is_override(const std::string& argument) {
  return argument.starts_with("--") && argument.substr(0, argument.find('=')).find('.') != std::string::npos;
}

}  // namespace

std::vector<std::string> take_overrides(std::vector<std::string>& arguments) {
  const auto first = std::stable_partition(arguments.begin(), arguments.end(), std::not_fn(is_override));
  std::vector<std::string> overrides;
  for (auto argument = first; argument != arguments.end(); ++argument) overrides.push_back(argument->substr(2));
  arguments.erase(first, arguments.end());
  return overrides;
}

std::optional<ConfigCommand> read_config_command(const std::string& job, const std::string& about,
                                                 Arguments arguments) {
  ConfigCommand command;
  command.job = job;
  std::vector<std::string> own(arguments.begin(), arguments.end());
  command.overrides = take_overrides(own);

  CommandLineSpec spec;
  spec.job = job;
  spec.positional = {"CONFIG.ini"};
  spec.about = about;
  spec.options.add_options()  //
      ("output,o", po::value(&command.output_path),
       "the file to write, or to go on with (default: beside CONFIG.ini)")  //
      ("quiet,q", "only warnings and errors")                               //
      ("verbose,v", "tell every step, with time and rank");
  if (job == "sweep") spec.options.add_options()("dry-run", "print the plan and stop");
  if (job == "train")
    spec.options.add_options()("trial", po::value(&command.recorded_trial)->value_name("RESULTS.h5:N"),
                               "train again what trial N of the sweep was, to the same bits");
  const bool wants_help = std::any_of(own.begin(), own.end(), [](const auto& a) { return a == "--help" || a == "-h"; });
  const auto read = read_command_line(std::move(spec), own);
  if (!read) {
    if (wants_help) std::fputs(("\n" + config::config_help()).c_str(), stdout);
    return std::nullopt;
  }
  command.config_path = read->positional.at("CONFIG.ini");
  command.is_dry_run = read->options.contains("dry-run");
  if (read->options.contains("quiet") && read->options.contains("verbose"))
    throw ConfigError("--quiet and --verbose exclude each other; keep one", "command line", "quiet");
  if (read->options.contains("quiet")) command.level = log::Level::quiet;
  if (read->options.contains("verbose")) command.level = log::Level::verbose;
  return command;
}

}  // namespace seqsweep::jobs
