// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/network.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "nn/engine/flow_bins.hpp"
#include "nn/engine/head.hpp"
#include "nn/engine/input.hpp"
#include "nn/engine/layer.hpp"
#include "nn/initialisation.hpp"
#include "nn/spec.hpp"

namespace seqsweep::nn {
namespace {

constexpr std::size_t most_shards_together = 4;  // each has gradient panels of its own

using engine::FlowBins;
using engine::Part;
using engine::RowBlock;
using engine::Rows;
using engine::ScoredSteps;
using engine::Tape;

const NetworkSpec& checked(const NetworkSpec& spec) {
  check_spec(spec);
  return spec;
}

}  // namespace

/// Where a block stands among the pieces of its shards.
struct PieceOrder {
  bool is_first = true;
  bool is_last = true;
};

/// The chain: input → layers → head, passed through in blocks of rows.
struct Network::Body {
  explicit Body(const NetworkSpec& network_spec)
      : spec(checked(network_spec)),
        cell(kernels::cell_kernels_of(spec)),
        layout(make_layout(spec, cell.num_gates)),
        embedding_size(dense_begin(layout)),
        block_rows(most_sequences_of_a_pass(spec)),
        input(spec, layout),
        head(spec, layout) {
    const auto begin_of = [&](const std::string& name) { return tensor_named(layout, name).offset - embedding_size; };
    for (int layer = 0; layer < spec.num_layers; ++layer) {
      layers.emplace_back(spec, layout, cell, layer);
      layer_begin.push_back(begin_of(recurrent_tensor_name("weight_ih", layer, Direction::forward)));
    }
    layer_begin.push_back(begin_of("head.weight"));
  }

  /// Ends in head.outputs().
  void forward(const std::optional<RandomKey>& dropout, Tape tape) {
    Rows rows = input.forward(block);
    for (auto& layer : layers) rows = layer.forward(block, rows, dropout, tape);
    head.forward(block, rows, dropout);
  }

  /// Calls visit() with `block` set to each piece of a batch, nearly equal ones of at most block_rows sequences.
  template <class Visit>
  void for_pieces(const SequenceBatch& batch, Visit&& visit) {
    const int pieces = (batch.num_sequences + block_rows - 1) / block_rows;
    for (int i = 0, first = 0; i < pieces; ++i) {
      const int rows = (batch.num_sequences - first + pieces - i - 1) / (pieces - i);
      const Part part{&batch, first, rows};
      block.assign({&part, 1});
      visit(PieceOrder{.is_first = i == 0, .is_last = i == pieces - 1});
      first += rows;
    }
  }

  /// Passes the shards in `passing`, which are `parts` of one block or a single shard, forward and back.
  void train(GradientBlock& gradient, double loss_scale, const std::optional<RandomKey>& dropout,
             const PassHooks& hooks);
  void forward_backward(GradientBlock& gradient, double loss_scale, const std::optional<RandomKey>& dropout,
                        const PassHooks& hooks, PieceOrder order);

  void check_batch(const SequenceBatch& batch) const;
  [[nodiscard]] std::size_t num_values() const { return layout.size - embedding_size; }

  NetworkSpec spec;
  kernels::CellKernels cell;
  ParameterLayout layout;
  std::size_t embedding_size;
  int block_rows;  ///< most sequences of a pass
  /// [layers + 1] where a layer's tensors begin in GradientBlock::values; behind the last layer those of the head.
  std::vector<std::size_t> layer_begin;
  engine::Input input;
  std::vector<engine::Layer> layers;
  engine::Head head;
  RowBlock block;
  std::vector<ShardPass*> passing;  ///< shards that hold sequences
  std::vector<Part> parts;          ///< the same
  engine::PartTree tree;            ///< of all shards
  bool is_loaded = false;
};

void Network::Body::check_batch(const SequenceBatch& batch) const {
  const auto N = batch.offset_at.empty() ? 0 : static_cast<std::size_t>(batch.offset_at.back());
  const auto B = static_cast<std::size_t>(batch.num_sequences);
  const auto R = spec.head == HeadPosition::last_step ? B : N;
  const bool reads_classes = spec.loss == "cross_entropy";
  SEQSWEEP_EXPECT(is_loaded, "no parameters were loaded");
  SEQSWEEP_EXPECT(batch.lengths.size() == B, "pack_lengths was not called on the batch");
  SEQSWEEP_EXPECT(spec.vocabulary > 0 ? batch.tokens.size() == N
                                      : batch.features.size() == N * static_cast<std::size_t>(spec.num_features),
                  "the batch's input does not fit its packing or the network's spec");
  SEQSWEEP_EXPECT(std::all_of(batch.tokens.begin(), batch.tokens.end(),
                              [&](std::int32_t token) { return token >= 0 && token < spec.vocabulary; }),
                  fmt::format("a token is not in the vocabulary of {}", spec.vocabulary));
  SEQSWEEP_EXPECT(reads_classes ? batch.classes.size() == R
                                : batch.targets.size() == R * static_cast<std::size_t>(spec.num_outputs),
                  "the batch's targets do not fit the network's loss, outputs or head position");
  SEQSWEEP_EXPECT(!reads_classes || std::all_of(batch.classes.begin(), batch.classes.end(),
                                                [&](std::int32_t c) { return c < spec.num_outputs; }),
                  "a class is larger than the number of outputs");
}

Network::Network(const NetworkSpec& spec) : body_(std::make_unique<Body>(spec)) {}
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

const NetworkSpec& Network::spec() const {
  return body_->spec;
}

const ParameterLayout& Network::layout() const {
  return body_->layout;
}

void Network::initialise(std::span<float> parameters, RandomKey key) const {
  initialise_parameters<float>(body_->spec, body_->layout, key, parameters);
}

void Network::load(std::span<const float> parameters) {
  SEQSWEEP_EXPECT(parameters.size() == body_->layout.size, "the parameter block does not fit the network");
  body_->input.load(parameters.data());
  for (auto& layer : body_->layers) layer.load(parameters.data());
  body_->head.load(parameters.data());
  body_->is_loaded = true;
}

void Network::Body::forward_backward(GradientBlock& gradient, double loss_scale,
                                     const std::optional<RandomKey>& dropout, const PassHooks& hooks,
                                     PieceOrder order) {
  forward(dropout, Tape::kept);
  for (std::size_t part = 0; part < passing.size(); ++part) head.score(block, part, {}, passing[part]->scores);
  head.differentiate(block, loss_scale, ScoredSteps::all);
  // The gradients of the head or a layer stand from `begin` to `end` of values.
  const auto finish = [&](auto& component, std::size_t begin, std::size_t end) {
    if (!order.is_last) return;
    component.write_gradient(tree, {gradient.values.data(), embedding_size});
    if (hooks.on_gradient) hooks.on_gradient(begin, end);
  };
  engine::OutputGradient dy = head.backward(block, order.is_first);
  finish(head, layer_begin.back(), num_values());
  const engine::BackwardHooks backward_hooks{.between_steps = hooks.between_steps, .on_dh = {}};
  for (std::size_t layer = layers.size(); layer-- > 0;) {
    dy = {layers[layer].backward(block, dy, order.is_first, backward_hooks), false};
    finish(layers[layer], layer_begin[layer], layer_begin[layer + 1]);
  }
  if (dy.rows.data != nullptr) input.backward(block, tree, dy.rows, gradient);
}

void Network::Body::train(GradientBlock& gradient, double loss_scale, const std::optional<RandomKey>& dropout,
                          const PassHooks& hooks) {
  if (passing.size() == 1) {
    for_pieces(*passing.front()->batch,
               [&](PieceOrder order) { forward_backward(gradient, loss_scale, dropout, hooks, order); });
    return;
  }
  block.assign(parts);
  forward_backward(gradient, loss_scale, dropout, hooks, {});
}

int Network::most_sequences_of_a_pass(const NetworkSpec& spec) {
  constexpr int few = 16, many = 32;
  constexpr double second_level_cache_floats = 524'288;  // 2 MB, as large as they come
  const double H = spec.hidden_size;
  return kernels::cell_kernels_of(spec).num_gates * H * H > second_level_cache_floats ? many : few;
}

int Network::shards_together(const NetworkSpec& spec, int num_sequences) {
  return std::clamp(most_sequences_of_a_pass(spec) / std::max(1, num_sequences), 1,
                    static_cast<int>(most_shards_together));
}

void Network::forward_backward(std::span<ShardPass> shards, GradientBlock& gradient, double loss_scale,
                               std::optional<DropoutKey> dropout, const PassHooks& hooks) {
  auto& body = *body_;
  SEQSWEEP_EXPECT(gradient.values.size() >= body.num_values(), "the gradient block does not fit the network");
  SEQSWEEP_EXPECT(!shards.empty() && shards.size() <= most_shards_together, "too many shards of a pass, or none");
  body.passing.clear();
  body.parts.clear();
  std::array<std::optional<std::size_t>, most_shards_together> part_of_shard;
  int num_sequences = 0;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const SequenceBatch& batch = *shards[i].batch;
    shards[i].scores = {};
    if (batch.num_sequences == 0) continue;
    body.check_batch(batch);
    part_of_shard[i] = body.parts.size();
    body.passing.push_back(&shards[i]);
    body.parts.push_back({&batch, 0, batch.num_sequences});
    num_sequences += batch.num_sequences;
  }
  SEQSWEEP_EXPECT(body.parts.size() <= 1 || num_sequences <= body.block_rows, "the shards do not fit into one pass");
  body.tree.assign(std::span(part_of_shard).first(shards.size()));
  body.input.begin_gradient(body.parts, gradient);
  if (!body.parts.empty()) {
    const auto key = dropout ? std::optional(dropout->key.fold(Purpose::dropout)) : std::nullopt;
    return body.train(gradient, loss_scale, key, hooks);
  }
  std::fill_n(gradient.values.begin(), body.num_values(), 0.0F);
  if (!hooks.on_gradient) return;
  std::size_t end = body.num_values();
  for (std::size_t layer = body.layers.size() + 1; layer-- > 0;) {
    hooks.on_gradient(body.layer_begin[layer], end);
    end = body.layer_begin[layer];
  }
}

ScoreSums Network::evaluate(const SequenceBatch& batch, std::span<const float> target_scale) {
  auto& body = *body_;
  SEQSWEEP_EXPECT(target_scale.empty() || target_scale.size() == static_cast<std::size_t>(body.spec.num_outputs),
                  "there must be one target scale for each output");
  ScoreSums sums;
  if (batch.num_sequences == 0) return sums;
  body.check_batch(batch);
  body.for_pieces(batch, [&](PieceOrder) {
    body.forward(std::nullopt, Tape::dropped);
    body.head.score(body.block, 0, target_scale, sums);
  });
  return sums;
}

void Network::predict(const SequenceBatch& batch, std::vector<float>& outputs) {
  auto& body = *body_;
  outputs.clear();
  if (batch.num_sequences == 0) return;
  body.check_batch(batch);
  outputs.resize(static_cast<std::size_t>(body.spec.head == HeadPosition::last_step ? batch.num_sequences
                                                                                    : batch.offset_at.back()) *
                 static_cast<std::size_t>(body.spec.num_outputs));
  body.for_pieces(batch, [&](PieceOrder) {
    body.forward(std::nullopt, Tape::dropped);
    body.head.copy_outputs(body.block, outputs);
  });
}

std::vector<GradientFlowBin> Network::gradient_flow(const SequenceBatch& batch) {
  auto& body = *body_;
  if (batch.num_sequences == 0) return {};
  body.check_batch(batch);
  FlowBins bins(body.spec.num_layers, batch.num_steps);
  const engine::BackwardHooks hooks{.between_steps = {}, .on_dh = [&](int layer, int t, engine::Rows dh) {
                                      bins.add(layer, t, body.block.part(0), dh, body.spec.hidden_size);
                                    }};
  body.for_pieces(batch, [&](PieceOrder) {
    body.forward(std::nullopt, Tape::kept);
    constexpr double loss_of_each_sequence = 1;
    body.head.differentiate(body.block, loss_of_each_sequence, ScoredSteps::last);
    engine::OutputGradient dy = body.head.backward(body.block, true);
    for (std::size_t layer = body.layers.size(); layer-- > 0;)
      dy = {body.layers[layer].backward(body.block, dy, true, hooks), false};
  });
  return bins.roots();
}

std::size_t Network::memory_bytes() const {
  std::size_t bytes = body_->input.memory_bytes() + body_->head.memory_bytes();
  for (const auto& layer : body_->layers) bytes += layer.memory_bytes();
  return bytes;
}

}  // namespace seqsweep::nn
