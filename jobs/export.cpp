// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/data/writer.hpp"
#include "seqsweep/report/exports.hpp"

#include "command_line.hpp"
#include "report_text.hpp"
#include "whole_file.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;
using report::ExportFormat;

constexpr auto about =
    "Writes the results of a sweep, which may still be running, as a file for other tools. Formats:\n"
    "{}\n"
    "csv: lines and columns as in the results file's table of that name; what does not apply is empty.\n"
    "\n"
    "json: one object with the keys\n"
    "  is_sealed (finished), metrics [{{name, goal}}] (the first is the one that trials are compared by),\n"
    "  num_trials_planned, dataset {{name, fingerprint}}, floor {{rule, validation, test}}, definition,\n"
    "  dimensions [{{name, distribution, condition {{key, values}}}}], program_version, git_revision,\n"
    "  instruction_set,\n"
    "  trials [{{trial, state, reason, epochs, value, further_values, best_epoch, test, message, parent,\n"
    "    parent_epoch, point, curve [{{epoch, value, train_loss, validation, learning_rate,\n"
    "    gradient_norm_mean, gradient_norm_max, clipped_fraction, metrics}}], segments [{{from_epoch,\n"
    "    to_epoch, virtual_start, virtual_finish, reason}}]}}].\n"
    "validation and test are scores {{loss, accuracy, mae, rmse, r2}}. What does not apply, and what is\n"
    "infinite, is null. Keys are never renamed.\n"
    "\n"
    "optuna: optuna.load_study(study_name=\"seqsweep\", storage=JournalStorage(JournalFileStorage(FILE))).\n"
    "Trials keep their numbers; stopped and left at a rung is pruned, diverged is failed. Times are UTC.";

std::string list_of_formats() {
  std::string text;
  for (const auto& entry : report::export_catalogue()) text += fmt::format("  {:<7} {}\n", entry.name, entry.summary);
  return text;
}

const CatalogueEntry<ExportFormat>& format_of(const po::variables_map& options) {
  const auto catalogue = report::export_catalogue();
  if (options.count("to") == 0)
    throw ConfigError(fmt::format("--to FORMAT is missing {}", known_names("", names_of(catalogue))), "command line");
  return find_in(catalogue, "format", options["to"].as<std::string>());
}

// The one that was asked for, or the first; empty where a file of this format holds all of them.
std::string table_of(const CatalogueEntry<ExportFormat>& format, const std::string& asked) {
  const std::vector<std::string> known(format.make.tables.begin(), format.make.tables.end());
  if (asked.empty()) return known.empty() ? "" : known[0];
  if (known.empty())
    throw ConfigError(fmt::format("--to {} has no tables to choose from; leave --table out", format.name),
                      "command line", "table");
  if (std::find(known.begin(), known.end(), asked) == known.end())
    throw ConfigError(fmt::format("unknown table '{}' {}", asked, known_names(asked, known)), "command line", "table");
  return asked;
}

// RESULTS.json; RESULTS.epochs.csv.
std::string default_output(const std::string& results, const ExportFormat& format, const std::string& table) {
  return fs::path(results).replace_extension(table.empty() ? "" : "." + table).string() + std::string(format.ending);
}

void refuse_output(const std::string& output, const std::string& results, data::IfExists if_exists) {
  data::refuse_existing(output, if_exists);
  std::error_code no_such_file;
  if (fs::equivalent(output, results, no_such_file))
    throw ConfigError(fmt::format("{} is the results file itself; -o must name another", output), "command line",
                      "output");
}

}  // namespace

int run_export(Arguments arguments) {
  CommandLineSpec spec{"export",
                       {"RESULTS.h5"},
                       fmt::format(about, list_of_formats()),
                       po::options_description("options", terminal_columns)};
  spec.options.add_options()  //
      ("to", po::value<std::string>()->value_name("FORMAT"),
       join(names_of(report::export_catalogue()), ", ").c_str())  //
      ("table", po::value<std::string>()->default_value("", "trials")->value_name("TABLE"),
       "csv: trials, epochs, segments (decisions), segment_results or timing")  //
      ("output,o", po::value<std::string>()->default_value("", "RESULTS.…")->value_name("FILE"),
       "where to write it")  //
      ("force", "overwrite the file if it exists");
  const auto line = read_command_line(std::move(spec), arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  const auto& options = line->options;
  const auto& results = line->positional.at("RESULTS.h5");

  const auto& format = format_of(options);
  const auto table = table_of(format, options["table"].as<std::string>());
  auto output = options["output"].as<std::string>();
  if (output.empty()) output = default_output(results, format.make, table);
  refuse_output(output, results, options.count("force") > 0 ? data::IfExists::overwrite : data::IfExists::refuse);
  write_whole_file(output, format.make.text(store::read_results(results), table));
  fmt::print("{}\n", output);
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
