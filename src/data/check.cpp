// SPDX-License-Identifier: Apache-2.0
#include "data/check.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::data {
namespace {

void check_finite(std::span<const float> values, std::size_t row_size, const char* object, const std::string& path) {
  const auto bad = std::find_if_not(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  if (bad == values.end()) return;
  const auto at = static_cast<std::size_t>(bad - values.begin());
  throw DataError(fmt::format("{} row {} column {} is {}; repair the source and make the data set again", object,
                              at / row_size, at % row_size, std::abs(*bad)),
                  path);
}

}  // namespace

void check_sequences(std::span<const schema::SequenceRow> sequences, std::size_t num_steps, const std::string& path) {
  if (sequences.empty() || sequences.front().split != static_cast<std::int32_t>(Split::train))
    throw DataError("has no training sequences; give the train part more of the data", path);
  const auto N = static_cast<std::int64_t>(num_steps);
  std::int32_t split = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const auto& row = sequences[i];
    if (row.split < split || row.split > static_cast<std::int32_t>(Split::test))
      throw DataError(fmt::format("sequence {} is of split {} after split {}; order sequences by split 0, 1, 2", i,
                                  row.split, split),
                      path);
    split = row.split;
    if (row.length < 1 || row.start < 0 || row.start > N - row.length)
      throw DataError(fmt::format("sequence {} of {} steps from step {} is not within the {} steps of the data set", i,
                                  row.length, row.start, N),
                      path);
  }
}

void check_steps(const DatasetHeader& header, std::span<const float> features, const std::string& path) {
  check_finite(features, static_cast<std::size_t>(std::max(header.num_features, 1)), schema::features, path);
}

void check_steps(const DatasetHeader& header, std::span<const std::int32_t> tokens, const std::string& path) {
  for (const auto token : tokens)
    if (token < 0 || token >= header.vocabulary)
      throw DataError(fmt::format("token {} is outside the vocabulary of {}", token, header.vocabulary), path);
}

void check_targets(const DatasetHeader& header, std::span<const float> targets, const std::string& path) {
  check_finite(targets, static_cast<std::size_t>(header.num_outputs), schema::targets, path);
  if (header.target_kind != TargetKind::binary) return;
  for (const auto key : targets)
    if (key != 0.0F && key != 1.0F) throw DataError(fmt::format("key state {} is neither 0 nor 1", key), path);
}

void check_targets(const DatasetHeader& header, std::span<const std::int32_t> classes, const std::string& path) {
  for (const auto c : classes)
    if (c >= header.num_outputs)
      throw DataError(fmt::format("class {} is not one of the {} classes", c, header.num_outputs), path);
}

}  // namespace seqsweep::data
