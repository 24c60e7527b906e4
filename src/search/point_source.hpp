// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "seqsweep/search/study.hpp"

namespace seqsweep::search {

/// Where the points of new trials come from: first those that the config gives, then the sampler's. None is given out
/// twice, and none to which there is an objection.
class PointSource {
 public:
  struct Next {
    Point point;
    std::string origin;  ///< one phrase for `explain`
  };

  /// Throws ConfigError for an unknown sampler, or one that cannot search this space.
  PointSource(const StudyOptions& options, const SearchSpace& space, RandomKey seed_key, Objection objection);

  /// Nothing when all points that may be trained were given out. `key`: for the next trial's random numbers.
  [[nodiscard]] std::optional<Next> next(const History& history, RandomKey key);
  /// Whether there is no objection to it.
  [[nodiscard]] bool may_be_trained(const Point& point) const { return !objection_ || !objection_(point); }
  /// Points that were proposed and not given out.
  [[nodiscard]] std::int64_t num_turned_down() const { return num_turned_down_; }

 private:
  bool accept(const Point& point);
  std::optional<Point> completed(const SearchSpace& space, const Point& given, RandomKey key);
  std::optional<Point> draw(const SearchSpace& space, RandomKey key);

  std::string sampler_name_;
  std::unique_ptr<Sampler> sampler_;
  Objection objection_;
  std::vector<Point> first_points_;
  std::size_t num_first_points_ = 0;  // that were looked at
  std::unordered_set<std::string> given_out_;
  std::int64_t num_proposals_ = 0;
  std::int64_t num_turned_down_ = 0;
};

}  // namespace seqsweep::search
