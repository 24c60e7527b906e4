// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seqsweep/core/buffer.hpp"
#include "seqsweep/core/sequence_batch.hpp"

namespace seqsweep::data {

enum class Split { train, validation, test };
inline constexpr std::array all_splits = {Split::train, Split::validation, Split::test};
[[nodiscard]] std::string_view name_of(Split split);

enum class TargetKind {
  real,     ///< K numbers with a unit (regression, forecasts)
  classes,  ///< one of K classes
  binary,   ///< K keys, each on or off (polyphonic music)
};
enum class TargetPosition { per_sequence, per_step };

/// The scores of the trivial rule on a split: what a network must beat. What does not apply is NaN.
struct Floor {
  double loss = std::numeric_limits<double>::quiet_NaN();  ///< in the loss of the task, of normalised targets
  double accuracy = std::numeric_limits<double>::quiet_NaN();
  double mae = std::numeric_limits<double>::quiet_NaN();   ///< in the target's own unit
  double rmse = std::numeric_limits<double>::quiet_NaN();  ///< in the target's own unit
};

/// What a data set is, without its numbers.
struct DatasetHeader {
  std::string name;                        ///< short, "weather"
  std::string provenance;                  ///< the command and sources that made it
  std::string fingerprint;                 ///< of its content; a sweep's definition names it
  int num_features = 0;                    ///< D; 0 for tokens
  std::vector<std::string> feature_names;  ///< [D]
  int vocabulary = 0;                      ///< 0 for features; token 0 is padding (unused), 1 is unknown
  std::vector<std::string> token_names;    ///< [vocabulary] or empty
  TargetKind target_kind = TargetKind::real;
  TargetPosition target_position = TargetPosition::per_sequence;
  int num_outputs = 1;                    ///< K: numbers, classes or keys
  std::vector<std::string> output_names;  ///< [K] or empty: target columns, class labels
  std::string target_unit;                ///< "" where unknown
  std::string text_rules;  ///< what text was cut into words by, "ICU 72.1 (Unicode 15.0)"; "" without text
  // Taken from the training part only; normalised = (raw - mean) / sd. 0 and 1 where not normalised.
  std::vector<float> feature_mean, feature_sd;  ///< [D]
  std::vector<float> target_mean, target_sd;    ///< [K], kind real only
  std::string floor_rule;                       ///< "mean", "majority class", "persistence" …
  std::array<Floor, 3> floors;                  ///< by Split
};

struct LoadOptions {
  /// Data sets larger than this are not held in memory but read by hyperslabs as batches need them. [bytes]
  std::size_t memory_limit_bytes = std::numeric_limits<std::size_t>::max();
};

/// A data set of sequences in train, validation and test splits. Immutable after loading.
class Dataset {
 public:
  /// `allocate` holds the bulk numbers; every rank that calls reads the header by itself.
  /// Throws DataError where the file is missing, no seqsweep data set, or inconsistent.
  [[nodiscard]] static Dataset load(const std::string& path, const BytesAllocator& allocate = allocate_private,
                                    const LoadOptions& options = {});
  ~Dataset();
  Dataset(Dataset&&) noexcept;
  Dataset& operator=(Dataset&&) noexcept;

  [[nodiscard]] const DatasetHeader& header() const;
  [[nodiscard]] std::size_t num_sequences(Split split) const;
  [[nodiscard]] std::size_t num_steps(Split split) const;  ///< summed over its sequences
  [[nodiscard]] int max_length(Split split) const;
  [[nodiscard]] int length(Split split, std::uint32_t position) const;
  [[nodiscard]] std::size_t memory_bytes() const;  ///< held in memory

  /// Gathers the sequences at `positions` (0 … num_sequences-1 of the split), normalised, packed by falling length
  /// (ties in the order given). Reuses the memory of `batch`. One thread at a time where it reads from disk.
  ///
  /// `share_of_steps` < 1 cuts each sequence to steps_in_share() of its steps: to its last ones where the sequence has
  /// one target, which stands at their end; to its first ones where every step has a target, so that none loses what
  /// came before it.
  void gather(Split split, std::span<const std::uint32_t> positions, SequenceBatch& batch,
              double share_of_steps = 1) const;

  struct Body;  ///< of this room alone

 private:
  friend class DatasetFile;
  explicit Dataset(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

/// A data set whose numbers have yet to be read. Ranks that load together agree between the two steps: what one rank
/// alone cannot open must not keep the others waiting in an allocator.
class DatasetFile {
 public:
  /// Opens the file and checks all but its numbers. Throws as Dataset::load() does.
  explicit DatasetFile(const std::string& path);
  ~DatasetFile();
  DatasetFile(DatasetFile&&) noexcept;
  DatasetFile& operator=(DatasetFile&&) noexcept;

  [[nodiscard]] const DatasetHeader& header() const;
  [[nodiscard]] std::size_t num_bytes() const;  ///< of all numbers, in memory
  /// Once; where the allocator throws, again with another one.
  [[nodiscard]] Dataset load(const BytesAllocator& allocate, const LoadOptions& options);

 private:
  std::unique_ptr<Dataset::Body> body_;
};

/// Reads only the header.
[[nodiscard]] DatasetHeader read_header(const std::string& path);

/// What `dataset info` prints: where it is from, and its contents.
[[nodiscard]] std::string describe(const std::string& path);
/// The contents alone: input, targets, splits and lengths, statistics, floors. Lines of text.
[[nodiscard]] std::string describe_contents(const Dataset& dataset);

}  // namespace seqsweep::data
