// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace seqsweep::search {

// Distributions, bounds inclusive. What a user writes: uniform(a, b[, step]), loguniform(a, b), int(a, b[, step |
// log]), normal(mean, sd), lognormal(mean, sd), choice(v, …).
struct Uniform {
  double low, high;
  double step = 0;  ///< 0: continuous
};
struct LogUniform {
  double low, high;
};
struct Integer {
  std::int64_t low, high;
  std::int64_t step = 1;
  bool is_log = false;
};
struct Normal {
  double mean, sd;
};
struct LogNormal {
  double mean, sd;  ///< of the logarithm
};
struct Choice {
  std::vector<std::string> values;  ///< as written; numbers stay text
};
using Distribution = std::variant<Uniform, LogUniform, Integer, Normal, LogNormal, Choice>;

/// The text that a user writes for a distribution, canonical ("loguniform(0.0001, 0.1)").
[[nodiscard]] std::string text_of(const Distribution& distribution);

/// A dimension exists only in points whose dimension `key` has one of `values` (compared as text).
struct Condition {
  std::string key;
  std::vector<std::string> values;
};

struct Dimension {
  std::string name;  ///< the config key, "train.learning_rate"
  Distribution distribution;
  std::optional<Condition> condition;
};

/// The value of one dimension: Integer gives int64, Choice its text, all others a double.
using Value = std::variant<std::int64_t, double, std::string>;

/// As the config file would have it; reads back as the same value.
[[nodiscard]] std::string text_of(const Value& value);

/// The value of the distribution with this text; nothing where it has none.
[[nodiscard]] std::optional<Value> value_of(const Distribution& distribution, const std::string& text);

/// One value per dimension of the space, in its order; nothing where the condition does not hold.
struct Point {
  std::vector<std::optional<Value>> values;
  bool operator==(const Point&) const = default;
};

/// The dimensions of a search. A condition refers to an earlier dimension.
class SearchSpace {
 public:
  SearchSpace() = default;
  /// Throws ConfigError (key set to the dimension's name) for empty or reversed ranges, repeated names or choices,
  /// and conditions with a value that no earlier dimension can take.
  explicit SearchSpace(std::vector<Dimension> dimensions);

  [[nodiscard]] const std::vector<Dimension>& dimensions() const { return dimensions_; }
  [[nodiscard]] std::size_t size() const { return dimensions_.size(); }

  /// Whether dimension `d` exists, given the values of the dimensions before it.
  [[nodiscard]] bool is_active(std::size_t d, const Point& point) const;
  /// Whether every active value lies in its distribution and every inactive one is absent.
  [[nodiscard]] bool contains(const Point& point) const;
  /// The number of grid points, or nothing where a dimension is continuous or the number exceeds 2^31.
  [[nodiscard]] std::optional<std::int64_t> grid_size() const;

 private:
  std::vector<Dimension> dimensions_;
  std::vector<std::size_t> parents_;  // of each dimension: the one its condition refers to; itself where it has none
};

/// The value at quantile u in [0, 1) of a distribution: uniform numbers in, values of the distribution out.
[[nodiscard]] Value value_at(const Distribution& distribution, double u);

}  // namespace seqsweep::search
