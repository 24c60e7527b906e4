// SPDX-License-Identifier: Apache-2.0
#include "point_source.hpp"

#include "grid.hpp"
#include "objectives.hpp"
#include "random_point.hpp"

namespace seqsweep::search {
namespace {

// A sampler is asked so often for a new point; then points are drawn at random, so often; then, where they are few and
// all known, the next one in order is taken.
constexpr std::uint64_t most_proposals = 100;
constexpr std::uint64_t most_draws = 10'000;

std::string identity_of(const Point& point) {
  std::string text;
  for (const auto& value : point.values) text += (value ? text_of(*value) : "") + '\n';
  return text;
}

}  // namespace

PointSource::PointSource(const StudyOptions& options, const SearchSpace& space, RandomKey seed_key, Objection objection)
    : sampler_name_(options.sampler),
      sampler_(find_in(sampler_catalogue(), "sampler", options.sampler)
                   .make(space, {.seed_key = seed_key, .num_objectives = num_objectives(options)})),
      objection_(std::move(objection)),
      first_points_(options.first_points) {}

std::optional<PointSource::Next> PointSource::next(const History& history, RandomKey key) {
  const auto& space = history.cube().space();
  while (num_first_points_ < first_points_.size())
    if (auto point = completed(space, first_points_[num_first_points_++], key))
      return Next{std::move(*point), "given by the config"};
  const auto num_points = sampler_->num_points();
  for (std::uint64_t attempt = 0; num_points || attempt < most_proposals; ++attempt) {
    if (num_points && num_proposals_ >= *num_points) return std::nullopt;
    auto point = sampler_->propose(history, {num_proposals_++, attempt == 0 ? key : key.fold(attempt)});
    if (!accept(point)) continue;
    const auto origin = sampler_->origin();
    return Next{std::move(point), origin.empty() ? sampler_name_ : sampler_name_ + ": " + origin};
  }
  auto point = draw(space, key.fold(most_proposals));
  if (!point) return std::nullopt;
  return Next{std::move(*point), sampler_name_ + " had nothing new, drawn at random"};
}

bool PointSource::accept(const Point& point) {
  const bool is_welcome = (!objection_ || !objection_(point)) && given_out_.insert(identity_of(point)).second;
  num_turned_down_ += is_welcome ? 0 : 1;
  return is_welcome;
}

// What a given point leaves open is drawn at random, and again where that may not be trained or was given out already.
std::optional<Point> PointSource::completed(const SearchSpace& space, const Point& given, RandomKey key) {
  for (std::uint64_t attempt = 0; attempt < most_proposals; ++attempt)
    if (auto point = random_point(space, attempt == 0 ? key : key.fold(attempt), given); accept(point)) return point;
  return std::nullopt;
}

std::optional<Point> PointSource::draw(const SearchSpace& space, RandomKey key) {
  for (std::uint64_t i = 0; i < most_draws; ++i)
    if (auto point = random_point(space, key.fold(i)); accept(point)) return point;
  if (!space.grid_size()) return std::nullopt;
  const Grid grid(space);
  for (std::int64_t i = 0; i < grid.size(); ++i)
    if (auto point = grid.point(i); accept(point)) return point;
  return std::nullopt;
}

}  // namespace seqsweep::search
