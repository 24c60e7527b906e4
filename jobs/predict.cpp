// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/h5/file.hpp"

#include "command_line.hpp"
#include "own_answer.hpp"
#include "own_input.hpp"
#include "prediction.hpp"
#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;

constexpr auto about =
    "Applies the best epoch's weights of a checkpoint (RESULTS.ckpt/trial-000012.h5) to a split of a\n"
    "data set, and prints the scores beside the floor of the trivial rule. Another data set than that\n"
    "of the training may be given, of the same kind: its numbers are normalised with the checkpoint's\n"
    "statistics, not with its own.\n"
    "\n"
    "-o writes an HDF5 file: /predictions [R × K] in the target's own unit, or probabilities; the truth\n"
    "beside it as /targets [R × K] or /classes [R]; /first_row [B + 1]: the rows of sequence b are\n"
    "first_row[b] … first_row[b + 1] - 1 (one row, or one per step).";

data::Split split_of(const std::string& name) {
  std::vector<std::string> known;
  for (const auto split : data::all_splits) {
    if (name == data::name_of(split)) return split;
    known.emplace_back(data::name_of(split));
  }
  throw ConfigError(fmt::format("unknown split '{}' {}", name, known_names(name, known)), "command line", "split");
}

/// The predictions file, grown chunk by chunk under a temporary name and renamed when it is whole.
class PredictionsFile {
 public:
  PredictionsFile(const std::string& path, const store::Checkpoint& checkpoint)
      : path_(path), part_(path + ".part"), file_(create(path_, part_)) {
    const auto K = static_cast<std::size_t>(checkpoint.network.num_outputs);
    predictions_ = file_->create_array("/predictions", h5::Kind::f32, {K});
    has_classes_ = checkpoint.network.loss == "cross_entropy";
    truth_ = has_classes_ ? file_->create_array("/classes", h5::Kind::i32, {})
                          : file_->create_array("/targets", h5::Kind::f32, {K});
  }
  ~PredictionsFile() {
    file_.reset();
    std::error_code ignored;
    std::filesystem::remove(part_, ignored);  // gone already where finish() was reached
  }
  PredictionsFile(const PredictionsFile&) = delete;
  PredictionsFile& operator=(const PredictionsFile&) = delete;

  void append(const PredictedRows& rows) {
    predictions_.append(std::span<const float>(rows.outputs));
    if (has_classes_)
      truth_.append(std::span<const std::int32_t>(rows.classes));
    else
      truth_.append(std::span<const float>(rows.targets));
    for (const auto count : rows.rows_of_sequence) first_row_.push_back(first_row_.back() + count);
  }

  void finish(const store::Checkpoint& checkpoint, const data::DatasetHeader& header, data::Split split,
              const store::Scores& scores) {
    file_->write_array("/first_row", std::span<const std::int64_t>(first_row_), {first_row_.size()});
    file_->write_attribute("/", "trial", static_cast<std::int64_t>(checkpoint.trial.value));
    file_->write_attribute("/", "epoch", static_cast<std::int64_t>(checkpoint.state.best_epoch));
    file_->write_attribute("/", "trained_on", checkpoint.dataset_name);
    file_->write_attribute("/", "dataset", header.name);
    file_->write_attribute("/", "dataset_fingerprint", header.fingerprint);
    file_->write_attribute("/", "split", std::string(data::name_of(split)));
    file_->write_attribute("/", "unit", header.target_unit);
    if (!header.output_names.empty()) file_->write_attribute("/", "output_names", header.output_names);
    for (const std::string name : {"loss", "accuracy", "mae", "rmse", "r2"})
      if (!std::isnan(scores.by_name(name))) file_->write_attribute("/", name, scores.by_name(name));
    predictions_ = {};
    truth_ = {};
    file_->close();
    std::error_code error;
    std::filesystem::rename(part_, path_, error);
    if (error) throw StoreError("cannot be put in place: " + error.message(), path_);
  }

 private:
  static std::unique_ptr<h5::File> create(const std::string& path, const std::string& part) {
    if (std::filesystem::exists(path))
      throw StoreError("exists already; remove it, or give another name with -o", path);
    std::error_code ignored;
    std::filesystem::remove(part, ignored);  // of an earlier run that was killed
    return std::make_unique<h5::File>(h5::File::create(part));
  }

  std::string path_, part_;
  std::unique_ptr<h5::File> file_;
  h5::Array predictions_, truth_;
  bool has_classes_ = false;
  std::vector<std::int64_t> first_row_ = {0};
};

std::string score_lines(const store::Scores& scores, const data::DatasetHeader& header, data::Split split,
                        bool is_loss_comparable) {
  const auto& floor = header.floors[static_cast<std::size_t>(split)];
  constexpr double none = store::not_applicable;
  TextTable table;
  table.columns = {{"score", true}, {std::string(data::name_of(split)), false}, {"floor", false}};
  const auto add = [&](const char* name, double value, double floor_value) {
    if (!std::isnan(value)) table.rows.push_back({name, four_digits(value), four_digits(floor_value)});
  };
  add("loss", scores.loss, is_loss_comparable ? floor.loss : none);
  add("accuracy", scores.accuracy, floor.accuracy);
  add("mae", scores.mae, floor.mae);
  add("rmse", scores.rmse, floor.rmse);
  add("r2", scores.r2, none);
  std::string text = table.text();
  if (!header.target_unit.empty() && !std::isnan(scores.mae))
    text += fmt::format("  mae and rmse in {}\n", header.target_unit);
  if (!is_loss_comparable)
    text += "  the loss is of targets normalised as in training, the floor's of other ones: not comparable\n";
  return text;
}

}  // namespace

int run_predict(Arguments arguments) {
  CommandLineSpec spec{
      "predict", {"CHECKPOINT", "DATASET"}, about, po::options_description("options", terminal_columns)};
  spec.options.add_options()("split", po::value<std::string>()->default_value("test")->value_name("NAME"),
                             "train, validation or test")  //
      ("output,o", po::value<std::string>()->value_name("FILE.h5"),
       "where to write the predictions (default: nowhere)");
  const auto line = read_command_line(std::move(spec), arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  const auto split = split_of(line->options["split"].as<std::string>());
  const auto& checkpoint_path = line->positional.at("CHECKPOINT");
  const auto& dataset_path = line->positional.at("DATASET");

  if (line->options.count("output") > 0)
    refuse_own_input(line->options["output"].as<std::string>(), std::array{checkpoint_path, dataset_path});

  const auto checkpoint = store::read_checkpoint(checkpoint_path);
  check_fits(checkpoint, data::read_header(dataset_path), dataset_path);
  const auto dataset = data::Dataset::load(dataset_path);
  const auto& header = dataset.header();
  if (dataset.num_sequences(split) == 0)
    throw DataError(fmt::format("the split '{}' is empty", data::name_of(split)), dataset_path);

  std::unique_ptr<PredictionsFile> output;
  if (line->options.count("output") > 0)
    output = std::make_unique<PredictionsFile>(line->options["output"].as<std::string>(), checkpoint);
  const auto scores = predict_split(checkpoint, checkpoint_path, dataset, split, [&](const PredictedRows& rows) {
    if (output) output->append(rows);
  });
  if (output) output->finish(checkpoint, header, split, scores);
  warn_of_own_answer(checkpoint, dataset_path);

  const bool is_same_data = header.fingerprint == checkpoint.dataset_fingerprint;
  std::cout << fmt::format("Trial {}, after its epoch {}, trained on '{}'{}\n", checkpoint.trial.value,
                           checkpoint.state.best_epoch, checkpoint.dataset_name,
                           is_same_data ? "" : fmt::format(", applied to another data set, '{}'", header.name))
            << fmt::format("{} sequences of split {}; the floor is the trivial rule '{}'\n",
                           dataset.num_sequences(split), data::name_of(split), header.floor_rule)
            << score_lines(scores, header, split, Renormalisation(checkpoint, header).keeps_targets());
  if (output) std::cout << fmt::format("predictions: {}\n", line->options["output"].as<std::string>());
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
