// SPDX-License-Identifier: Apache-2.0
#include "store/sample.hpp"

#include <limits>
#include <numeric>

namespace seqsweep::test {

using search::Choice;
using search::Condition;
using search::Ending;
using search::TrialState;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Fractions whose digits do not end, so that a lost bit shows.
double fraction(int a, int b = 1) {
  return 1.0 / (3 + a + 7.0 * b);
}

}  // namespace

store::ResultsHeader sample_header() {
  store::ResultsHeader h;
  h.definition = {{"sweep.seed", "1"}, {"model.cell", "choice(lstm, gru, rnn)"}, {"data.path", "a = b.h5"}};
  h.dimensions = {{"train.learning_rate", search::LogUniform{1e-4, 0.1}, {}},
                  {"model.cell", Choice{{"lstm", "gru", "rnn"}}, {}},
                  {"model.hidden_size", search::Integer{16, 256, 1, true}, {}},
                  {"data.batch_size", Choice{{"16", "032", "64"}}, {}},
                  {"train.momentum", Choice{{"0", "0.90", "1e-3"}}, {}},
                  {"model.activation", Choice{{"tanh", "relu"}}, Condition{"model.cell", {"rnn"}}},
                  {"model.num_layers", search::Integer{1, 4}, Condition{"model.cell", {"lstm", "gru"}}},
                  {"train.clip_norm", search::Normal{1, 0.5}, Condition{"model.cell", {"rnn"}}},
                  {"train.l2", search::LogNormal{-3, 1}, {}},
                  {"model.dropout", search::Uniform{0, 0.5, 0.05}, {}}};
  h.metric = "val_loss";
  h.trials = 12;
  h.dataset_name = "adding";
  h.dataset_fingerprint = "0123456789abcdef";
  h.dataset_provenance = "seqsweep dataset make adding --seed 1 -o 'ä b.h5'";
  h.dataset_description = "  input        2 per step: value, marker\n  target       1 number per sequence: sum\n";
  h.validation_floor = {0.16, nan, 0.3, 0.4, 0};
  h.test_floor = {0.17, nan, 0.31, 0.41, 0};
  h.floor_rule = "mean";
  h.program_version = "0.1.0";
  h.git_revision = "abc";
  h.instruction_set = "avx2";
  return h;
}

search::TrialRecord sample_trial(int trial) {
  const bool is_rnn = trial % 3 == 2;
  search::TrialRecord record;
  record.id = TrialId(trial);
  record.point.values = {fraction(trial),
                         std::vector<std::string>{"lstm", "gru", "rnn"}[static_cast<std::size_t>(trial % 3)],
                         std::int64_t{16} + trial,
                         std::vector<std::string>{"16", "032", "64"}[static_cast<std::size_t>(trial % 3)],
                         std::vector<std::string>{"0.90", "0", "1e-3"}[static_cast<std::size_t>(trial % 3)],
                         std::nullopt,
                         std::nullopt,
                         std::nullopt,
                         fraction(trial, 2),
                         0.05 * (trial % 5)};
  if (is_rnn) {
    record.point.values[5] = "relu";
    record.point.values[7] = -fraction(trial, 3);
  } else {
    record.point.values[6] = std::int64_t{1} + trial % 4;
  }
  record.state = trial % 5 == 4 ? TrialState::diverged : TrialState::completed;
  record.reason = "3rd of 7 at epoch 1";
  return record;
}

search::Segment sample_decision(int trial, int from_epoch, int to_epoch) {
  return {TrialId(trial), from_epoch, to_epoch, 100.0 * trial, 100.0 * trial + 50, "promoted: 1st of 4 at epoch 1"};
}

store::EpochRecord sample_epoch(int trial, int epoch) {
  store::EpochRecord r;
  r.trial = TrialId(trial);
  r.epoch = epoch;
  r.train_loss = fraction(trial, epoch);
  r.validation = {fraction(trial, epoch + 1), nan, fraction(epoch), 1e-300, -fraction(trial)};
  r.learning_rate = 1e-3;
  r.gradient_norm_mean = fraction(trial, 5);
  r.gradient_norm_max = std::numeric_limits<double>::infinity();
  r.clipped_fraction = 0.25;
  r.gradient_flow = {{0, 0, 0, fraction(trial, epoch + 4)}, {0, 1, 1, 1e-9}, {1, 0, 0, fraction(epoch, trial)}};
  return r;
}

store::SegmentRecord sample_segment(int trial, int from_epoch, int to_epoch) {
  store::SegmentRecord r;
  r.trial = TrialId(trial);
  r.from_epoch = from_epoch;
  r.to_epoch = to_epoch;
  r.last_epoch = to_epoch;
  r.ending = trial % 5 == 4 && to_epoch == 3 ? Ending::diverged : Ending::reached;
  r.value = fraction(trial, to_epoch);
  r.best_epoch = to_epoch;
  r.test = {fraction(trial, 9), nan, 0.5, 0.25, 0.125};
  if (r.ending == Ending::diverged) r.message = "the gradient norm became infinite at step 17";
  return r;
}

store::TimingRecord sample_timing(int trial, double started_s) {
  return {TrialId(trial), 0, 3, 2, 1, "node-7", "1,3", 64, started_s, 12.5, 0.25, 0.5, 1.25};
}

store::Results sample_results(int num_trials) {
  store::Results results;
  results.header = sample_header();
  for (int trial = 0; trial < num_trials; ++trial) {
    results.trials.push_back(sample_trial(trial));
    results.decisions.push_back(sample_decision(trial, 0, 1));
    results.segments.push_back(sample_segment(trial, 0, 1));
    results.segments.push_back(sample_segment(trial, 1, 3));
    for (int epoch = 1; epoch <= 3; ++epoch) results.epochs.push_back(sample_epoch(trial, epoch));
    results.timing.push_back(sample_timing(trial, 1e9 + trial));
  }
  for (int trial = num_trials; trial-- > 0;) results.decisions.push_back(sample_decision(trial, 1, 3));
  return results;
}

void append_sample(store::ResultsWriter& writer, const std::vector<int>& order) {
  const int num_trials = static_cast<int>(order.size());
  for (int trial = 0; trial < num_trials; ++trial) {
    writer.append(sample_decision(trial, 0, 1));
    writer.put_trial({.id = TrialId(trial), .point = sample_trial(trial).point, .state = {}, .curve = {}, .reason = {}},
                     nullptr);
  }
  writer.commit();
  for (const int trial : order) {
    for (const int epoch : {2, 1, 3}) writer.append(sample_epoch(trial, epoch));
    const auto last = sample_segment(trial, 1, 3);
    writer.append(last);
    writer.append(sample_segment(trial, 0, 1));
    writer.put_trial(sample_trial(trial), &last);
    writer.append(sample_timing(trial, 1e9 + trial));
  }
  for (int trial = num_trials; trial-- > 0;) writer.append(sample_decision(trial, 1, 3));
  writer.commit();
}

store::Checkpoint sample_checkpoint() {
  store::Checkpoint c;
  c.trial = TrialId(12);
  c.network.num_features = 2;
  c.network.hidden_size = 20;
  c.network.cell = "gru";
  c.network.bidirectional = true;
  c.network.dropout = 0.1;
  c.network.head = nn::HeadPosition::every_step;
  c.network.loss = "cross_entropy";
  const auto add = [&](const char* name, int rows, int columns, bool is_bias) {
    c.layout.tensors.push_back({name, rows, columns, c.layout.size, is_bias});
    c.layout.size += c.layout.tensors.back().size();
  };
  add("rnn.weight_ih_l0", 60, 2, false);
  add("rnn.weight_hh_l0", 60, 20, false);  // more than 4 kB: chunked
  add("rnn.bias_ih_l0", 60, 1, true);
  add("head.weight", 1, 20, false);
  add("thin.weight", 5, 1, false);
  add("head.bias", 1, 1, true);
  c.definition = {{"train.optimizer", "adam"}, {"model.cell", "gru"}};
  c.point_text = "model.cell = gru";
  c.dataset_fingerprint = "0123456789abcdef";
  c.dataset_name = "adding";
  c.feature_mean = {0.5f, 1 / 3.0f};
  c.feature_sd = {0.25f, 0.1f};
  c.target_mean = {1};
  c.target_sd = {2};
  auto& s = c.state;
  s.epoch = 2;
  s.batch = 7;
  s.step = 1LL << 40;
  s.progress = {0.1, 64, 0.3, 0.7, 5};
  s.weights.resize(c.layout.size);
  std::iota(s.weights.begin(), s.weights.end(), 0.1f);
  s.weights[3] = -0.0f;
  s.slots.resize(2 * c.layout.size);
  for (std::size_t i = 0; i < s.slots.size(); ++i) s.slots[i] = 1 / static_cast<float>(i + 1);
  s.best_weights = s.weights;
  for (auto& w : s.best_weights) w *= 0.9f;
  s.best_epoch = 1;
  s.best_value = 0.1;
  s.history = {sample_epoch(12, 1), sample_epoch(12, 2)};
  return c;
}

}  // namespace seqsweep::test
