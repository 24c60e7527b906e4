// SPDX-License-Identifier: Apache-2.0
//
// Point i of a Latin hypercube of N points: u_d = (π_d(i) + v_d) / N, with π_d a random permutation of 0 … N-1 for each
// dimension and v_d uniform in [0, 1): along every dimension, each of the N intervals has one point.
// McKay, Beckman, Conover 1979, "A comparison of three methods for selecting values of input variables in the analysis
// of output from a computer code", section 2.
// Differs from the paper: a sampler does not know how many points it will be asked for (a resume may ask for more), so
// it goes from one Latin hypercube of N = 16 points to the next; a last one that is not finished is a random part of
// one. Dimensions that do not exist in a point leave their number unused.

#include <array>
#include <numeric>
#include <span>

#include "../dimension_keys.hpp"
#include "samplers.hpp"

namespace seqsweep::search {
namespace {

constexpr std::uint32_t block_points = 16;  // N: the default number of trials, and a divisor of what people write

class LatinSampler final : public Sampler {
 public:
  LatinSampler(const SearchSpace& space, const SamplerOptions& options)
      : space_(space), seed_key_(options.seed_key), keys_(dimension_keys(space)) {}

  Point propose(const History& /*history*/, const Request& request) override {
    const auto block = static_cast<std::uint64_t>(request.index) / block_points;
    const auto i = static_cast<std::uint64_t>(request.index) % block_points;
    Point point;
    point.values.resize(space_.size());
    for (std::size_t d = 0; d < space_.size(); ++d) {
      if (!space_.is_active(d, point)) continue;
      const double v = request.key.fold(keys_[d]).stream().uniform();
      const double u = (permutation(block, d)[i] + v) / block_points;
      point.values[d] = value_at(space_.dimensions()[d].distribution, u);
    }
    return point;
  }

 private:
  std::array<std::uint32_t, block_points> permutation(std::uint64_t block, std::size_t d) const {
    std::array<std::uint32_t, block_points> pi;
    std::iota(pi.begin(), pi.end(), 0u);
    shuffle(std::span<std::uint32_t>(pi), seed_key_.fold(keys_[d]).fold(block).stream());
    return pi;
  }

  const SearchSpace space_;
  const RandomKey seed_key_;
  const std::vector<std::uint64_t> keys_;  // [dimensions]
};

}  // namespace

std::unique_ptr<Sampler> make_latin(const SearchSpace& space, const SamplerOptions& options) {
  return std::make_unique<LatinSampler>(space, options);
}

}  // namespace seqsweep::search
