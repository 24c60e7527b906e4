// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/data/writer.hpp"
#include "seqsweep/report/exports.hpp"
#include "seqsweep/report/network_exports.hpp"

#include "command_line.hpp"
#include "named_checkpoint.hpp"
#include "own_input.hpp"
#include "prediction.hpp"
#include "report_text.hpp"
#include "whole_file.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;
using report::ExportFormat;
using report::NetworkFormat;

constexpr auto about =
    "Writes the results of a sweep, which may still be running, as a file for other tools. Formats:\n"
    "{}\n"
    "Or a trained network: MODEL.h5 (what train writes, or RESULTS.ckpt/trial-000012.h5), or that of the\n"
    "best trial of RESULTS.h5, or of --trial. The weights are those of the best epoch. Formats:\n"
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
    "Trials keep their numbers; stopped and left at a rung is pruned, diverged is failed. Times are UTC.\n"
    "\n"
    "onnx: inputs features (batch, steps, D) or tokens (batch, steps), raw, and lengths (batch) of the\n"
    "sequences, int32; output values in the target's own unit, or probabilities, as predict gives them:\n"
    "(batch, K) or (batch, steps, K). Operators of version 14.\n"
    "\n"
    "torch: torch.load(FILE) is a state_dict with PyTorch's names; feature_mean, feature_sd, target_mean\n"
    "and target_sd are buffers beside them: normalised = (raw - mean) / sd.\n"
    "\n"
    "keras: model.load_weights(FILE) of SimpleRNN, LSTM or GRU layers, Bidirectional where the network\n"
    "is, and a Dense one; the statistics are in its group normalisation.";

template <class Format>
std::string list_of(std::span<const CatalogueEntry<Format>> catalogue) {
  std::string text;
  for (const auto& entry : catalogue) text += fmt::format("  {:<7} {}\n", entry.name, entry.summary);
  return text;
}

std::vector<std::string> all_formats() {
  auto names = names_of(report::export_catalogue());
  for (auto& name : names_of(report::network_export_catalogue())) names.push_back(std::move(name));
  return names;
}

std::string format_name(const po::variables_map& options) {
  const auto known = all_formats();
  if (options.count("to") == 0)
    throw ConfigError(fmt::format("--to FORMAT is missing {}", known_names("", known)), "command line");
  const auto& name = options["to"].as<std::string>();
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw ConfigError(fmt::format("unknown format '{}' {}", name, known_names(name, known)), "command line", "to");
  return name;
}

template <class Format>
const CatalogueEntry<Format>* entry_of(std::span<const CatalogueEntry<Format>> catalogue, std::string_view name) {
  for (const auto& entry : catalogue)
    if (entry.name == name) return &entry;
  return nullptr;
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

/// Where the export goes, once that is known to be allowed: -o, or beside the source as SOURCE.PART.ENDING. `read`: the
/// file that is exported.
std::string output_path(const po::variables_map& options, const std::string& source, const std::string& read,
                        const std::string& part, std::string_view ending) {
  auto output = options["output"].as<std::string>();
  if (output.empty())
    output = fs::path(source).replace_extension(part.empty() ? "" : "." + part).string() + std::string(ending);
  refuse_own_input(output, std::array{source, read});
  data::refuse_existing(output, options.count("force") > 0 ? data::IfExists::overwrite : data::IfExists::refuse);
  return output;
}

// RESULTS.json; RESULTS.epochs.csv. Gives the file's name.
std::string export_sweep(const CatalogueEntry<ExportFormat>& format, const po::variables_map& options,
                         const std::string& results) {
  if (options.count("trial") > 0)
    throw ConfigError(fmt::format("--to {} holds all trials; leave --trial out", format.name), "command line", "trial");
  const auto table = table_of(format, options["table"].as<std::string>());
  const auto output = output_path(options, results, results, table, format.make.ending);
  write_whole_file(output, format.make.text(store::read_results(results), table));
  return output;
}

// MODEL.onnx; RESULTS.trial-000012.onnx. Gives the file's name.
std::string export_network(const CatalogueEntry<NetworkFormat>& format, const po::variables_map& options,
                           const std::string& source) {
  if (!options["table"].as<std::string>().empty())
    throw ConfigError(fmt::format("--to {} is of a network; leave --table out", format.name), "command line", "table");
  std::optional<std::int64_t> trial;
  if (options.count("trial") > 0) trial = options["trial"].as<std::int64_t>();
  const auto path = named_checkpoint(source, trial);
  const auto part = path == source ? "" : fs::path(path).stem().string();
  const auto output = output_path(options, source, path, part, format.make.ending);
  const auto checkpoint = store::read_checkpoint(path);
  check_is_trained(checkpoint, path);
  write_whole_file(output, format.make.bytes(checkpoint));
  return output;
}

}  // namespace

int run_export(Arguments arguments) {
  const auto sweep_formats = report::export_catalogue();
  const auto network_formats = report::network_export_catalogue();
  CommandLineSpec spec{"export",
                       {"FILE.h5"},
                       fmt::format(about, list_of(sweep_formats), list_of(network_formats)),
                       po::options_description("options", terminal_columns)};
  spec.options.add_options()                                                                     //
      ("to", po::value<std::string>()->value_name("FORMAT"), join(all_formats(), ", ").c_str())  //
      ("table", po::value<std::string>()->default_value("", "trials")->value_name("TABLE"),
       "csv: trials, epochs, segments (decisions), segment_results or timing")  //
      ("trial", po::value<std::int64_t>()->value_name("N"),
       "a network of RESULTS.h5: of this trial (default: the best)")  //
      ("output,o", po::value<std::string>()->default_value("", "FILE.…")->value_name("FILE"),
       "where to write it")  //
      ("force", "overwrite the file if it exists");
  const auto line = read_command_line(std::move(spec), arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  const auto& source = line->positional.at("FILE.h5");
  const auto name = format_name(line->options);
  if (const auto* format = entry_of(sweep_formats, name))
    fmt::print("{}\n", export_sweep(*format, line->options, source));
  else
    fmt::print("{}\n", export_network(*entry_of(network_formats, name), line->options, source));
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
