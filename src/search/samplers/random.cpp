// SPDX-License-Identifier: Apache-2.0
//
// x_d = F_d⁻¹(u_d), with u_d uniform and independent, from a key of its own for each trial and dimension.
// Bergstra, Bengio 2012, "Random search for hyper-parameter optimization".

#include "dimension_keys.hpp"
#include "samplers.hpp"

namespace seqsweep::search {
namespace {

class RandomSampler final : public Sampler {
 public:
  explicit RandomSampler(const SearchSpace& space) : space_(space), dimension_keys_(dimension_keys(space)) {}

  Point propose(std::span<const TrialRecord> /*history*/, TrialId /*id*/, RandomKey key) const override {
    Point point;
    point.values.resize(space_.size());
    for (std::size_t d = 0; d < space_.size(); ++d)
      if (space_.is_active(d, point))
        point.values[d] =
            value_at(space_.dimensions()[d].distribution, key.fold(dimension_keys_[d]).stream().uniform());
    return point;
  }

 private:
  const SearchSpace space_;
  const std::vector<std::uint64_t> dimension_keys_;
};

}  // namespace

std::unique_ptr<Sampler> make_random(const SearchSpace& space, RandomKey) {
  return std::make_unique<RandomSampler>(space);
}

}  // namespace seqsweep::search
