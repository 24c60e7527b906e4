// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "seqsweep/data/dataset.hpp"
#include "seqsweep/data/schema.hpp"

namespace seqsweep::data {

/// Throws DataError where a sequence is empty, leaves the step array, or they are not ordered by split, or where there
/// is nothing to train on.
void check_sequences(std::span<const schema::SequenceRow> sequences, std::size_t num_steps, const std::string& path);

// Some rows of a bulk array. Each throws DataError for NaN and infinity, tokens outside the vocabulary, classes of K or
// more, keys other than 0 and 1.
void check_steps(const DatasetHeader& header, std::span<const float> features, const std::string& path);
void check_steps(const DatasetHeader& header, std::span<const std::int32_t> tokens, const std::string& path);
void check_targets(const DatasetHeader& header, std::span<const float> targets, const std::string& path);
void check_targets(const DatasetHeader& header, std::span<const std::int32_t> classes, const std::string& path);

}  // namespace seqsweep::data
