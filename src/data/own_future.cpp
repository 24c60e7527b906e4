// SPDX-License-Identifier: Apache-2.0
//
// Hypotheses "target column j of step t is feature column i of step t + k", each dropped at the first sequence that
// contradicts it. A pair of steps speaks for one only where the step's own input is another value: a column that never
// changes equals its future, and says nothing.
#include "seqsweep/data/own_future.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "seqsweep/data/dataset.hpp"
#include "seqsweep/data/schema.hpp"

#include "data/header_io.hpp"

namespace seqsweep::data {
namespace {

constexpr int most_steps_ahead = 64;
constexpr std::size_t few_columns = 64;            // pairs of columns that are each tried at every distance
constexpr int most_steps_ahead_of_many = 4;        // where there are more
constexpr std::size_t too_many_columns = 100'000;  // pairs that are not tried one by one
constexpr std::int64_t enough_pairs = 8;           // that speak for a hypothesis
constexpr std::int64_t most_steps_read = 65536;    // of one sequence
constexpr std::size_t most_bytes_read = 64 << 20;

// Rows of a step: `width` values from `column` on; all of them equal the others.
struct Hypothesis {
  int steps_ahead;
  std::size_t target, input, width;  // first columns, and how many
  std::int64_t num_pairs = 0;        // that speak for it
};

std::vector<Hypothesis> hypotheses_of(const DatasetHeader& header) {
  std::vector<Hypothesis> hypotheses;
  const auto D = static_cast<std::size_t>(header.num_features), K = static_cast<std::size_t>(header.num_outputs);
  const bool has_one_id = header.target_kind == TargetKind::classes;  // a class, beside a token
  for (int k = 1; k <= most_steps_ahead; ++k) {
    if (has_one_id)
      hypotheses.push_back({k, 0, 0, 1});
    else if (D == K)
      hypotheses.push_back({k, 0, 0, K});
    if (header.target_kind != TargetKind::real || D * K > too_many_columns) continue;
    if (D * K > few_columns && k > most_steps_ahead_of_many) continue;
    for (std::size_t j = 0; j < K; ++j)
      for (std::size_t i = 0; i < D; ++i) hypotheses.push_back({k, j, i, 1});
  }
  return hypotheses;
}

// The rows of one sequence, as they are in the file.
template <class T>
struct Rows {
  std::vector<T> values;
  std::size_t columns = 1;
  [[nodiscard]] const T* at(std::int64_t step, std::size_t column) const {
    return values.data() + static_cast<std::size_t>(step) * columns + column;
  }
};

bool is_scored(float /*target*/) {
  return true;
}
bool is_scored(std::int32_t target_class) {
  return target_class >= 0;
}

// Whether the sequence does not contradict it; counts what speaks for it.
template <class T>
bool holds(Hypothesis& hypothesis, const Rows<T>& inputs, const Rows<T>& targets, std::int64_t length) {
  const auto& [k, target, input, width, num_pairs] = hypothesis;
  std::int64_t found = 0;
  for (std::int64_t t = 0; t + k < length; ++t) {
    const T* answer = targets.at(t, target);
    if (!is_scored(*answer)) continue;
    if (!std::equal(answer, answer + width, inputs.at(t + k, input))) return false;
    found += !std::equal(answer, answer + width, inputs.at(t, input));
  }
  hypothesis.num_pairs += found;
  return true;
}

template <class T>
void read_rows(const h5::Array& array, const schema::SequenceRow& sequence, std::int64_t length, Rows<T>& rows) {
  rows.columns = array.row_size();
  rows.values.resize(static_cast<std::size_t>(length) * rows.columns);
  array.read(static_cast<std::size_t>(sequence.start), std::span<T>(rows.values));
}

template <class T>
std::optional<int> find(const h5::Array& inputs, const h5::Array& targets, std::vector<Hypothesis> hypotheses,
                        const std::vector<schema::SequenceRow>& sequences) {
  std::size_t bytes_read = 0;
  Rows<T> input_rows, target_rows;
  for (const auto& sequence : sequences) {
    if (hypotheses.empty() || bytes_read > most_bytes_read) break;
    const auto length = std::min<std::int64_t>(sequence.length, most_steps_read);
    read_rows(inputs, sequence, length, input_rows);
    read_rows(targets, sequence, length, target_rows);
    bytes_read += (input_rows.values.size() + target_rows.values.size()) * sizeof(T);
    std::erase_if(hypotheses, [&](Hypothesis& h) { return !holds(h, input_rows, target_rows, length); });
  }
  for (const auto& hypothesis : hypotheses)
    if (hypothesis.num_pairs >= enough_pairs) return hypothesis.steps_ahead;
  return std::nullopt;
}

// Those that lie in the file: a damaged one may say anything.
std::vector<schema::SequenceRow> sequences_in(const h5::File& file, std::size_t num_steps) {
  const auto table = file.open_table(schema::sequences, schema::sequence_row());
  std::vector<schema::SequenceRow> sequences(std::min<std::size_t>(table.num_rows(), most_bytes_read));
  table.read(0, std::as_writable_bytes(std::span(sequences)));
  std::erase_if(sequences, [&](const schema::SequenceRow& row) {
    return row.start < 0 || row.length < 2 || static_cast<std::size_t>(row.start) > num_steps ||
           static_cast<std::size_t>(row.length) > num_steps - static_cast<std::size_t>(row.start);
  });
  return sequences;
}

}  // namespace

std::optional<int> steps_to_own_answer(const std::string& path) {
  const auto file = open_dataset_file(path);
  const auto header = read_header(file, path);
  const bool has_tokens = header.vocabulary > 0, has_classes = header.target_kind == TargetKind::classes;
  if (header.target_position != TargetPosition::per_step || has_tokens != has_classes) return std::nullopt;
  const auto inputs = file.open_array(has_tokens ? schema::tokens : schema::features);
  const auto targets = file.open_array(has_classes ? schema::classes : schema::targets);
  const auto sequences = sequences_in(file, std::min(inputs.shape().at(0), targets.shape().at(0)));
  return has_tokens ? find<std::int32_t>(inputs, targets, hypotheses_of(header), sequences)
                    : find<float>(inputs, targets, hypotheses_of(header), sequences);
}

}  // namespace seqsweep::data
