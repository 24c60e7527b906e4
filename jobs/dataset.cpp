// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/data/dataset.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/data/catalogues.hpp"

#include "jobs.hpp"
#include "own_input.hpp"
#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;

using Words = std::vector<std::string>;

constexpr auto files_key = "files";
constexpr auto done = static_cast<int>(ExitCode::done);

constexpr auto about =
    "usage: seqsweep dataset make TASK [options] -o FILE.h5\n"
    "       seqsweep dataset import FORMAT FILE… [options] -o FILE.h5\n"
    "       seqsweep dataset info FILE.h5\n\n"
    "Builds and shows data sets of sequences in HDF5. The parts are train, validation and test;\n"
    "whatever is learned from the data (means, vocabulary, categories) is learned from train alone.\n";

bool is_help(const std::string& word) {
  return word == "--help" || word == "-h" || word == "help";
}

[[noreturn]] void refuse(const std::string& problem, const std::string& command) {
  throw ConfigError(fmt::format("{}; see seqsweep {} --help", problem, command), "command line");
}

template <class Make>
std::string list_of(std::span<const CatalogueEntry<Make>> catalogue) {
  std::string text;
  for (const auto& entry : catalogue) text += fmt::format("  {:<14} {}\n", entry.name, entry.summary);
  return text;
}

std::string overview() {
  return fmt::format("{}\nTasks for make:\n{}\nFormats for import:\n{}\nEach has its own --help.\n", about,
                     list_of(data::task_catalogue()), list_of(data::importer_catalogue()));
}

// One `make TASK` or `import FORMAT`.
struct Command {
  std::string name;   // "dataset import csv"
  std::string files;  // "FILE.csv"; "" for none
  std::string summary;
  std::span<const data::OptionSpec> specs;
};

po::options_description described(const Command& command) {
  po::options_description options("options", terminal_columns);
  auto add = options.add_options();
  add("output,o", po::value<std::string>()->value_name("FILE"), "the data set to write (HDF5)");
  add("force", "overwrite the file if it exists");
  add("name", po::value<std::string>()->value_name("NAME"), "short name of the data set (default: that of the file)");
  for (const auto& spec : command.specs) {
    const std::string name(spec.name);
    const auto help = spec.default_value.empty() ? std::string(spec.help)
                                                 : fmt::format("{} (default: {})", spec.help, spec.default_value);
    if (spec.placeholder.empty()) {
      add(name.c_str(), help.c_str());
      continue;
    }
    auto* value = po::value<Words>()->value_name(std::string(spec.placeholder));
    if (spec.num_values > 1) value->multitoken();
    add(name.c_str(), value, help.c_str());
  }
  add("help,h", "show this help");
  return options;
}

po::variables_map parse(const Command& command, const po::options_description& described, const Words& words) {
  po::options_description all;
  all.add(described).add_options()(files_key, po::value<Words>());
  po::positional_options_description positional;
  positional.add(files_key, -1);
  po::variables_map values;
  try {
    constexpr int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(all).positional(positional).style(style).run(), values);
    po::notify(values);
  } catch (const po::unknown_option& error) {
    Words known;
    for (const auto& option : described.options())
      known.push_back(option->canonical_display_name(po::command_line_style::allow_long));
    refuse(fmt::format("unknown option '{}' {}", error.get_option_name(), known_names(error.get_option_name(), known)),
           command.name);
  } catch (const po::error& error) {
    refuse(error.what(), command.name);
  }
  return values;
}

struct Request {
  Words files;
  data::Options options;
  std::string output, name;
  data::IfExists if_exists = data::IfExists::refuse;
};

// Values beyond those an option takes are files: "--test IMAGES LABELS more".
data::Options options_of(const Command& command, const po::variables_map& values, Words& files) {
  data::Options options(command.specs);
  for (const auto& spec : command.specs) {
    const std::string name(spec.name);
    if (values.count(name) == 0) continue;
    if (spec.placeholder.empty()) {
      options.set(name, {});
      continue;
    }
    auto words = values[name].as<Words>();
    const auto takes = static_cast<std::size_t>(spec.num_values);
    if (takes == 1 && words.size() > 1) refuse(fmt::format("--{} is given twice", name), command.name);
    if (words.size() > takes) {
      files.insert(files.end(), words.begin() + spec.num_values, words.end());
      words.resize(takes);
    }
    options.set(name, words);
  }
  return options;
}

// The files, and what options name where a file of that name is there.
Words inputs_of(const Command& command, const po::variables_map& values, const Words& files) {
  Words inputs = files;
  std::error_code none;
  for (const auto& spec : command.specs) {
    const std::string name(spec.name);
    if (spec.placeholder.empty() || values.count(name) == 0) continue;
    for (const auto& word : values[name].as<Words>())
      if (std::filesystem::exists(word, none)) inputs.push_back(word);
  }
  return inputs;
}

// Nothing for --help, which is printed.
std::optional<Request> read_request(const Command& command, const Words& words) {
  const auto options = described(command);
  const auto values = parse(command, options, words);
  if (values.count("help") > 0) {
    std::cout << fmt::format("usage: seqsweep {} {}[options] -o FILE.h5\n\n{}\n\n", command.name,
                             command.files.empty() ? "" : command.files + " ", command.summary)
              << options;
    return std::nullopt;
  }
  if (values.count("output") == 0) refuse("-o FILE.h5 is missing: where shall the data set go?", command.name);
  Words files = values.count(files_key) > 0 ? values[files_key].as<Words>() : Words();
  auto parsed = options_of(command, values, files);
  Request request{std::move(files), std::move(parsed), values["output"].as<std::string>(), {}, {}};
  request.if_exists = values.count("force") > 0 ? data::IfExists::overwrite : data::IfExists::refuse;
  request.name = values.count("name") > 0 ? values["name"].as<std::string>()
                                          : std::filesystem::path(request.output).stem().string();
  refuse_own_input(request.output, inputs_of(command, values, request.files));
  data::refuse_existing(request.output, request.if_exists);
  return request;
}

std::string quoted(const std::string& word) {
  return word.find_first_of(" \t'\"$*?;|&") == std::string::npos && !word.empty() ? word : fmt::format("'{}'", word);
}

int write(data::SequenceTable& table, const Request& request, const Command& command, const Words& words) {
  table.header.name = request.name;
  table.header.provenance = "seqsweep " + command.name;
  for (const auto& word : words) table.header.provenance += ' ' + quoted(word);
  for (const auto& remark : table.remarks) log::warning(remark);
  data::write_dataset(table, request.output, request.if_exists);
  std::cout << data::describe(request.output);
  return done;
}

int make(const std::string& name, const Words& words) {
  const auto& task = find_in(data::task_catalogue(), "task", name);
  const Command command{fmt::format("dataset make {}", name), "", std::string(task.summary), task.make.options};
  const auto request = read_request(command, words);
  if (!request) return done;
  if (!request->files.empty()) refuse(fmt::format("superfluous argument '{}'", request->files[0]), command.name);
  auto table = data::make_table(task.make, request->options);
  return write(table, *request, command, words);
}

int import(const std::string& name, const Words& words) {
  const auto& importer = find_in(data::importer_catalogue(), "format", name);
  const Command command{fmt::format("dataset import {}", name), std::string(importer.make.files),
                        std::string(importer.summary), importer.make.options};
  const auto request = read_request(command, words);
  if (!request) return done;
  auto table = data::import_table(importer.make, request->files, request->options);
  return write(table, *request, command, words);
}

}  // namespace

int run_dataset(Arguments arguments) {
  const Words verbs = {"make", "import", "info"};
  if (arguments.empty()) refuse("dataset needs make, import or info", "dataset");
  const auto& verb = arguments[0];
  if (!is_help(verb) && std::find(verbs.begin(), verbs.end(), verb) == verbs.end())
    throw ConfigError(fmt::format("unknown command 'dataset {}' {}", verb, known_names(verb, verbs)), "command line");
  if (is_help(verb) || (arguments.size() > 1 && is_help(arguments[1]))) {
    std::cout << overview();
    return done;
  }
  if (arguments.size() < 2)
    refuse(fmt::format("dataset {} needs a {}", verb,
                       verb == "make"     ? "task"
                       : verb == "import" ? "format"
                                          : "file"),
           "dataset");
  const Words rest(arguments.begin() + 2, arguments.end());
  if (verb == "make") return make(arguments[1], rest);
  if (verb == "import") return import(arguments[1], rest);
  if (!rest.empty()) refuse(fmt::format("superfluous argument '{}'", rest[0]), "dataset");
  std::cout << data::describe(arguments[1]);
  return done;
}

}  // namespace seqsweep::jobs
