// SPDX-License-Identifier: Apache-2.0
// Scores of a split, from sums over fixed chunks of sequences.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/trial/training.hpp"

namespace seqsweep::trial {
namespace {

constexpr std::size_t chunk_sequences = 64;  // part of the definition: sums are added chunk by chunk
constexpr std::size_t num_sums = 8;

std::array<double, num_sums> to_array(const nn::ScoreSums& s) {
  return {s.loss, s.count, s.elements, s.absolute_error, s.squared_error, s.target_sum, s.target_square_sum, s.correct};
}

nn::ScoreSums from_array(std::span<const double> a) {
  nn::ScoreSums s;
  s.loss = a[0];
  s.count = a[1];
  s.elements = a[2];
  s.absolute_error = a[3];
  s.squared_error = a[4];
  s.target_sum = a[5];
  s.target_square_sum = a[6];
  s.correct = a[7];
  return s;
}

}  // namespace

store::Scores scores_of(const nn::NetworkSpec& spec, const nn::ScoreSums& sums) {
  store::Scores scores;
  if (sums.count <= 0) return scores;
  scores.loss = sums.loss / sums.count;
  if (spec.loss == "mse") {
    scores.mae = sums.absolute_error / sums.elements;
    scores.rmse = std::sqrt(sums.squared_error / sums.elements);
    const double spread = sums.target_square_sum - sums.target_sum * sums.target_sum / sums.elements;
    if (spread > 0) scores.r2 = 1 - sums.squared_error / spread;
  } else {
    scores.accuracy = sums.correct / (spec.loss == "bernoulli" ? sums.elements : sums.count);
  }
  return scores;
}

store::Scores evaluate_split(nn::Network& network, std::span<const float> weights, const data::Dataset& dataset,
                             data::Split split, Group& group, const std::function<void()>& between_chunks) {
  const std::size_t num_sequences = dataset.num_sequences(split);
  const std::size_t num_chunks = (num_sequences + chunk_sequences - 1) / chunk_sequences;
  const auto num_ranks = static_cast<std::size_t>(group.size());
  const std::size_t chunks_per_rank = (num_chunks + num_ranks - 1) / num_ranks;
  const std::size_t first_chunk = chunks_per_rank * static_cast<std::size_t>(group.rank());

  network.load(weights);
  std::vector<double> mine(chunks_per_rank * num_sums, 0.0);
  std::vector<std::uint32_t> positions;
  SequenceBatch batch;
  for (std::size_t c = 0; c < chunks_per_rank && first_chunk + c < num_chunks; ++c) {
    const std::size_t begin = (first_chunk + c) * chunk_sequences;
    positions.resize(std::min(chunk_sequences, num_sequences - begin));
    std::iota(positions.begin(), positions.end(), static_cast<std::uint32_t>(begin));
    dataset.gather(split, positions, batch);
    const auto sums = to_array(network.evaluate(batch, dataset.header().target_sd));
    std::copy(sums.begin(), sums.end(), mine.begin() + static_cast<std::ptrdiff_t>(c * num_sums));
    if (between_chunks) between_chunks();
  }

  std::vector<double> all(mine.size() * num_ranks);
  group.gather(mine, all);
  nn::ScoreSums total;
  for (std::size_t c = 0; c < num_chunks; ++c) total += from_array(std::span(all).subspan(c * num_sums, num_sums));
  return scores_of(network.spec(), total);
}

nn::NetworkSpec fit_to_data(nn::NetworkSpec spec, const data::DatasetHeader& header) {
  constexpr std::array<std::string_view, 3> loss_of_kind = {"mse", "cross_entropy", "bernoulli"};
  const auto natural_loss = std::string(loss_of_kind[static_cast<std::size_t>(header.target_kind)]);
  if (spec.loss == "auto") spec.loss = natural_loss;
  if (spec.loss != natural_loss)
    throw ConfigError(
        fmt::format("model.loss = {} does not fit data set '{}', whose targets want {}; leave it out or set it to auto",
                    spec.loss, header.name, natural_loss),
        {}, "model.loss");
  spec.num_features = header.num_features;
  spec.vocabulary = header.vocabulary;
  spec.num_outputs = header.num_outputs;
  spec.head = header.target_position == data::TargetPosition::per_step ? nn::HeadPosition::every_step
                                                                       : nn::HeadPosition::last_step;
  return spec;
}

namespace {

double metric_named(const std::string& metric, const store::EpochRecord& record) {
  constexpr std::string_view prefix = "val_";
  if (metric == "train_loss") return record.train_loss;
  SEQSWEEP_EXPECT(metric.starts_with(prefix), "unknown metric " + metric);
  return record.validation.by_name(metric.substr(prefix.size()));
}

}  // namespace

double metric_of(const Objective& objective, const store::EpochRecord& record) {
  return metric_named(objective.metric, record);
}

double further_metric(const std::string& metric, const nn::NetworkSpec& network, const data::Dataset& dataset,
                      const store::EpochRecord& record) {
  if (metric == "parameters") return static_cast<double>(nn::layout_of(network).size);
  if (metric != "multiply_adds") return metric_named(metric, record);
  constexpr double one_sequence = 1;
  const auto steps = static_cast<double>(dataset.num_steps(data::Split::validation)) /
                     static_cast<double>(dataset.num_sequences(data::Split::validation));
  return nn::forward_multiply_adds(network, steps, one_sequence);
}

}  // namespace seqsweep::trial
