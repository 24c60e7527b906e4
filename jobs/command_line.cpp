// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;

constexpr auto positional_key = "positional arguments";  // no option can have this name

std::string usage(const CommandLineSpec& spec) {
  return fmt::format("seqsweep {} {}{} [options]", spec.job, join(spec.positional, " "), spec.takes_more ? " …" : "");
}

[[noreturn]] void refuse(const CommandLineSpec& spec, const std::string& problem) {
  throw ConfigError(fmt::format("{}; see seqsweep {} --help", problem, spec.job), "command line");
}

std::string unknown_option(const CommandLineSpec& spec, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& option : spec.options.options())
    known.push_back(option->canonical_display_name(po::command_line_style::allow_long));
  return fmt::format("unknown option '{}' {}", name, known_names(name, known));
}

po::parsed_options parse(const CommandLineSpec& spec, const po::options_description& all,
                         const po::positional_options_description& positional, Arguments arguments) {
  // No guessing: an abbreviation that works today would be ambiguous after the next option.
  constexpr int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  try {
    return po::command_line_parser(std::vector<std::string>(arguments.begin(), arguments.end()))
        .options(all)
        .positional(positional)
        .style(style)
        .run();
  } catch (const po::unknown_option& error) {
    refuse(spec, unknown_option(spec, error.get_option_name()));
  } catch (const po::error& error) {
    refuse(spec, error.what());
  }
}

}  // namespace

std::optional<CommandLine> read_command_line(CommandLineSpec spec, Arguments arguments) {
  spec.options.add_options()("help,h", "show this help");
  po::options_description all;
  all.add(spec.options).add_options()(positional_key, po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add(positional_key, -1);

  CommandLine line;
  const auto parsed = parse(spec, all, positional, arguments);
  try {
    po::store(parsed, line.options);
    po::notify(line.options);
  } catch (const po::error& error) {
    refuse(spec, error.what());
  }
  if (line.options.count("help") > 0) {
    std::cout << "usage: " << usage(spec) << "\n\n" << spec.about << "\n\n" << spec.options;
    return std::nullopt;
  }
  std::vector<std::string> given;
  if (line.options.count(positional_key) > 0) given = line.options[positional_key].as<std::vector<std::string>>();
  for (std::size_t i = 0; i < spec.positional.size(); ++i) {
    if (i >= given.size()) refuse(spec, fmt::format("{} is missing (usage: {})", spec.positional[i], usage(spec)));
    line.positional[spec.positional[i]] = given[i];
  }
  if (given.size() <= spec.positional.size()) return line;
  line.more.assign(given.begin() + static_cast<std::ptrdiff_t>(spec.positional.size()), given.end());
  if (!spec.takes_more)
    refuse(spec, fmt::format("superfluous argument '{}' (usage: {})", given[spec.positional.size()], usage(spec)));
  return line;
}

void refuse_unused(const po::variables_map& options, std::initializer_list<const char*> names,
                   const std::string& mode) {
  for (const auto* name : names)
    if (options.count(name) > 0 && !options[name].defaulted())
      throw ConfigError(fmt::format("--{} does nothing {}; leave it out", name, mode), "command line", name);
}

}  // namespace seqsweep::jobs
