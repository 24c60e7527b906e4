// SPDX-License-Identifier: Apache-2.0
//
// x_d = F_d⁻¹(u_d), with u_d uniform and independent, from a key of its own for each trial and dimension.
// Bergstra, Bengio 2012, "Random search for hyper-parameter optimization".

#include "../random_point.hpp"
#include "samplers.hpp"

namespace seqsweep::search {
namespace {

class RandomSampler final : public Sampler {
 public:
  Point propose(const History& history, const Request& request) override {
    return random_point(history.cube().space(), request.key);
  }
};

}  // namespace

std::unique_ptr<Sampler> make_random(const SearchSpace& /*space*/, const SamplerOptions& /*options*/) {
  return std::make_unique<RandomSampler>();
}

}  // namespace seqsweep::search
