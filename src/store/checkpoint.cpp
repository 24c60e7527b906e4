// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/store/checkpoint.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <fmt/format.h>
#include <unistd.h>

#include "definition_text.hpp"
#include "durable_file.hpp"
#include "header_io.hpp"
#include "tables.hpp"

namespace seqsweep::store {
namespace {

constexpr h5::ArrayOptions uncompressed{.is_compressed = false};  // weights are noise to a compressor

// Attributes of /: every member of the spec by its name.
template <class Spec, class Visit>
void visit_members(Spec& s, Visit visit) {
  visit("num_features", s.num_features);
  visit("vocabulary", s.vocabulary);
  visit("num_outputs", s.num_outputs);
  visit("head", s.head);
  visit("loss", s.loss);
  visit("embedding_size", s.embedding_size);
  visit("cell", s.cell);
  visit("activation", s.activation);
  visit("hidden_size", s.hidden_size);
  visit("num_layers", s.num_layers);
  visit("bidirectional", s.bidirectional);
  visit("dropout", s.dropout);
  visit("initialisation", s.initialisation);
  visit("recurrent_init", s.recurrent_init);
  visit("forget_bias", s.forget_bias);
}

// Attributes of /state.
template <class State, class Visit>
void visit_counters(State& s, Visit visit) {
  visit("epoch", s.epoch);
  visit("batch", s.batch);
  visit("step", s.step);
  visit("best_epoch", s.best_epoch);
  visit("best_value", s.best_value);
  visit("loss_sum", s.progress.loss_sum);
  visit("count", s.progress.count);
  visit("norm_sum", s.progress.norm_sum);
  visit("norm_max", s.progress.norm_max);
  visit("clipped_steps", s.progress.clipped_steps);
}

constexpr const char* every_step = "every_step";

void write_value(h5::File& f, const std::string& at, const std::string& name, const std::string& v) {
  f.write_attribute(at, name, v);
}
void write_value(h5::File& f, const std::string& at, const std::string& name, double v) {
  f.write_attribute(at, name, v);
}
void write_value(h5::File& f, const std::string& at, const std::string& name, std::int64_t v) {
  f.write_attribute(at, name, v);
}
void write_value(h5::File& f, const std::string& at, const std::string& name, int v) {
  f.write_attribute(at, name, std::int64_t{v});
}
void write_value(h5::File& f, const std::string& at, const std::string& name, bool v) {
  f.write_attribute(at, name, std::int64_t{v});
}
void write_value(h5::File& f, const std::string& at, const std::string& name, nn::HeadPosition v) {
  f.write_attribute(at, name, std::string(v == nn::HeadPosition::every_step ? every_step : "last_step"));
}

void read_value(const h5::File& f, const std::string& at, const std::string& name, std::string& v) {
  v = f.read_text(at, name);
}
void read_value(const h5::File& f, const std::string& at, const std::string& name, double& v) {
  v = f.read_real(at, name);
}
void read_value(const h5::File& f, const std::string& at, const std::string& name, std::int64_t& v) {
  v = f.read_integer(at, name);
}
void read_value(const h5::File& f, const std::string& at, const std::string& name, int& v) {
  const auto value = f.read_integer(at, name);
  if (value < 0 || value > std::numeric_limits<int>::max())
    throw StoreError(fmt::format("'{}@{}' is {}; the file is damaged", at, name, value), f.path());
  v = static_cast<int>(value);
}
void read_value(const h5::File& f, const std::string& at, const std::string& name, bool& v) {
  v = f.read_integer(at, name) != 0;
}
void read_value(const h5::File& f, const std::string& at, const std::string& name, nn::HeadPosition& v) {
  v = f.read_text(at, name) == every_step ? nn::HeadPosition::every_step : nn::HeadPosition::last_step;
}

void write_list(h5::File& file, const std::string& path, std::span<const float> values) {
  file.write_array<float>(path, values, {values.size()}, uncompressed);
}

std::string tensor_path(const std::string& name) {
  return "/weights/" + name;
}

void write_weights(h5::File& file, const nn::ParameterLayout& layout, std::span<const float> weights) {
  file.create_group("/weights");
  std::vector<std::string> names;
  for (const auto& tensor : layout.tensors) {
    names.push_back(tensor.name);
    std::vector<std::size_t> shape = {static_cast<std::size_t>(tensor.rows)};
    if (!tensor.is_bias) shape.push_back(static_cast<std::size_t>(tensor.columns));
    const auto path = tensor_path(tensor.name);
    file.write_array<float>(path, weights.subspan(tensor.offset, tensor.size()), shape, uncompressed);
    file.write_attribute(path, "offset", static_cast<std::int64_t>(tensor.offset));
    file.write_attribute(path, "is_bias", std::int64_t{tensor.is_bias});
  }
  file.write_attribute("/weights", "tensors", names);
  file.write_attribute("/weights", "size", static_cast<std::int64_t>(layout.size));
}

nn::Tensor read_tensor_place(const h5::File& file, const std::string& name) {
  const auto path = tensor_path(name);
  const auto shape = file.open_array(path).shape();
  nn::Tensor tensor;
  tensor.name = name;
  tensor.is_bias = file.read_integer(path, "is_bias") != 0;
  tensor.offset = static_cast<std::size_t>(file.read_integer(path, "offset"));
  if (shape.size() != (tensor.is_bias ? 1 : 2))
    throw StoreError(fmt::format("the tensor '{}' has {} dimensions; the file is damaged", name, shape.size()),
                     file.path());
  tensor.rows = static_cast<int>(shape[0]);
  tensor.columns = tensor.is_bias ? 1 : static_cast<int>(shape[1]);
  return tensor;
}

std::vector<float> read_weights(const h5::File& file, nn::ParameterLayout& layout, std::size_t size) {
  std::vector<float> weights(size);
  layout.size = size;
  for (const auto& name : file.read_texts("/weights", "tensors")) {
    const auto tensor = read_tensor_place(file, name);
    const auto values = file.read_array<float>(tensor_path(name));
    if (tensor.offset > size || values.size() > size - tensor.offset)
      throw StoreError(fmt::format("the tensor '{}' does not fit into {} parameters; the file is damaged", name, size),
                       file.path());
    std::copy(values.begin(), values.end(), weights.begin() + static_cast<std::ptrdiff_t>(tensor.offset));
    layout.tensors.push_back(tensor);
  }
  return weights;
}

void write_state(h5::File& file, const TrainingState& state) {
  file.create_group("/state");
  visit_counters(state, [&](const char* name, const auto& value) { write_value(file, "/state", name, value); });
  write_value(file, "/state", "has_best", !state.best_weights.empty());
  const std::size_t P = state.weights.size();
  write_list(file, "/state/weights", state.weights);
  file.write_array<float>("/state/slots", state.slots, {P > 0 ? state.slots.size() / P : 0, P}, uncompressed);
}

void write_history(h5::File& file, const std::vector<EpochRecord>& history) {
  write_table<EpochRecord>(file, epoch_rows("/history"), history, TableUse::sealed);
  write_table<FlowRow>(file, gradient_flow_rows("/gradient_flow"), flow_rows(history), TableUse::sealed);
}

void write_all(h5::File& file, const Checkpoint& c) {
  write_kind(file, checkpoint_kind);
  file.write_attribute("/", "trial", std::int64_t{c.trial.value});
  file.write_attribute("/", "point", c.point_text);
  file.write_attribute("/", "definition", definition_text(c.definition));
  file.write_attribute("/", "dataset_name", c.dataset_name);
  file.write_attribute("/", "dataset_fingerprint", c.dataset_fingerprint);
  visit_members(c.network, [&](const char* name, const auto& value) {
    write_value(file, "/", std::string("network.") + name, value);
  });
  write_weights(file, c.layout, c.state.best_weights.empty() ? c.state.weights : c.state.best_weights);
  file.create_group("/normalisation");
  write_list(file, "/normalisation/feature_mean", c.feature_mean);
  write_list(file, "/normalisation/feature_sd", c.feature_sd);
  write_list(file, "/normalisation/target_mean", c.target_mean);
  write_list(file, "/normalisation/target_sd", c.target_sd);
  write_state(file, c.state);
  write_history(file, c.state.history);
}

TrainingState read_state(const h5::File& file, nn::ParameterLayout& layout) {
  TrainingState state;
  visit_counters(state, [&](const char* name, auto& value) { read_value(file, "/state", name, value); });
  state.weights = file.read_array<float>("/state/weights");
  state.slots = file.read_array<float>("/state/slots");
  const std::size_t P = state.weights.size();
  if (file.read_integer("/weights", "size") != static_cast<std::int64_t>(P) ||
      (P == 0 ? !state.slots.empty() : state.slots.size() % P != 0))
    throw StoreError("its weights and its state are of different networks; the file is damaged", file.path());
  auto weights = read_weights(file, layout, state.weights.size());
  if (file.read_integer("/state", "has_best") != 0) state.best_weights = std::move(weights);
  state.history = read_records(file, epoch_rows("/history"));
  attach(read_records(file, gradient_flow_rows("/gradient_flow")), state.history);
  return state;
}

// A rank that was given up for dead may still write the same checkpoint: each has a temporary file of its own.
std::string temporary_name(const std::string& path) {
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  return fmt::format("{}.{}-{}.tmp", path, host, getpid());
}

// So that no product of sizes overflows.
void check_sizes(const nn::NetworkSpec& network, const std::string& path) {
  constexpr int most_layers = 64, most_units = 1 << 16, most_columns = 1 << 24;
  if (network.num_layers > most_layers || network.hidden_size > most_units || network.embedding_size > most_units ||
      std::max({network.num_features, network.vocabulary, network.num_outputs}) > most_columns)
    throw StoreError("speaks of a network larger than any can be; the file is damaged", path);
}

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  const auto& state = checkpoint.state;
  const std::size_t P = checkpoint.layout.size;
  SEQSWEEP_EXPECT(state.weights.size() == P && (state.best_weights.empty() || state.best_weights.size() == P) &&
                      (P == 0 ? state.slots.empty() : state.slots.size() % P == 0),
                  "the blocks of a training state do not fit its layout");
  std::error_code problem;
  std::filesystem::create_directories(folder_of(path), problem);
  if (problem)
    throw StoreError(fmt::format("cannot be made ({}); check permissions and free space", problem.message()),
                     folder_of(path));
  const TemporaryFile temporary(temporary_name(path));
  auto file = h5::File::create(temporary.path());
  write_all(file, checkpoint);
  file.close();
  sync(temporary.path());
  put_in_place(temporary.path(), path);
}

void copy_checkpoint(const std::string& from, const std::string& to) {
  const TemporaryFile temporary(temporary_name(from));
  std::error_code has_no_links;
  std::filesystem::create_hard_link(from, temporary.path(), has_no_links);
  if (has_no_links) {
    std::filesystem::copy_file(from, temporary.path());
    sync(temporary.path());
  }
  put_in_place(temporary.path(), to);
}

Checkpoint read_checkpoint(const std::string& path) {
  const auto file = h5::File::open(path, h5::Access::read);
  check_kind(file, checkpoint_kind);
  Checkpoint c;
  read_value(file, "/", "trial", c.trial.value);
  c.point_text = file.read_text("/", "point");
  c.definition = parse_definition(file.read_text("/", "definition"), path);
  c.dataset_name = file.read_text("/", "dataset_name");
  c.dataset_fingerprint = file.read_text("/", "dataset_fingerprint");
  visit_members(c.network,
                [&](const char* name, auto& value) { read_value(file, "/", std::string("network.") + name, value); });
  check_sizes(c.network, path);
  c.feature_mean = file.read_array<float>("/normalisation/feature_mean");
  c.feature_sd = file.read_array<float>("/normalisation/feature_sd");
  c.target_mean = file.read_array<float>("/normalisation/target_mean");
  c.target_sd = file.read_array<float>("/normalisation/target_sd");
  c.state = read_state(file, c.layout);
  return c;
}

std::string snapshot_folder(const std::string& results_path, TrialId trial) {
  const auto results = std::filesystem::path(results_path);
  return (results.parent_path() / (results.stem().string() + ".ckpt") / fmt::format("trial-{:06}", trial.value))
      .string();
}

std::string checkpoint_path(const std::string& results_path, TrialId trial) {
  return snapshot_folder(results_path, trial) + ".h5";
}

std::string snapshot_name(int epoch) {
  return fmt::format("epoch-{:06}", epoch);
}

}  // namespace seqsweep::store
