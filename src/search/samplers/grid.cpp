// SPDX-License-Identifier: Apache-2.0
#include "../grid.hpp"

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "../distribution.hpp"
#include "samplers.hpp"

namespace seqsweep::search {
namespace {

class GridSampler final : public Sampler {
 public:
  explicit GridSampler(const SearchSpace& space) : grid_(space) {}

  Point propose(const History& /*history*/, const Request& request) override { return grid_.point(request.index); }
  std::optional<std::int64_t> num_points() const override { return grid_.size(); }

 private:
  const Grid grid_;
};

}  // namespace

std::unique_ptr<Sampler> make_grid(const SearchSpace& space, const SamplerOptions& /*options*/) {
  for (const auto& [name, distribution, condition] : space.dimensions())
    if (!num_values(distribution))
      throw ConfigError(
          fmt::format(
              "a grid cannot cover {} = {} (it is continuous); write a choice, an int or a uniform with a step, "
              "or take another sampler",
              name, text_of(distribution)),
          {}, name);
  if (!space.grid_size())
    throw ConfigError("the grid has more than 2^31 points; write fewer values or wider steps, or take another sampler",
                      {}, "search.sampler");
  return std::make_unique<GridSampler>(space);
}

}  // namespace seqsweep::search
