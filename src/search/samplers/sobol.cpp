// SPDX-License-Identifier: Apache-2.0
//
// Point n of the Sobol sequence (direction numbers: Joe, Kuo 2008, "Constructing Sobol sequences with better
// two-dimensional projections"), each dimension d scrambled on its own:
//   x_d = scramble(⊕_{k: bit k of n is set} v_{k,d}, seed_d),   u_d = x_d / 2^32
//   scramble(x, seed) = reverse(permute(reverse(x), seed))
// Burley 2020, "Practical hash-based Owen scrambling", sections 3 and 5; `permute` is that of Laine and Karras 2011
// with Burley's constants. Differs from the paper: n, the number of the proposal, is not shuffled (that serves to
// combine several sequences of few dimensions; here one sequence has all dimensions). Dimensions that do not exist in a
// point leave their number unused.

#include <array>

#include <boost/random/sobol.hpp>
#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "../dimension_keys.hpp"
#include "samplers.hpp"

namespace seqsweep::search {
namespace {

constexpr std::size_t max_dimensions = boost::random::default_sobol_table::max_dimension;
constexpr unsigned num_bits = 31;  // of n

std::uint32_t reverse(std::uint32_t x) {
  x = __builtin_bswap32(x);
  x = (x & 0x0f0f0f0fu) << 4 | (x >> 4 & 0x0f0f0f0fu);
  x = (x & 0x33333333u) << 2 | (x >> 2 & 0x33333333u);
  return (x & 0x55555555u) << 1 | (x >> 1 & 0x55555555u);
}

// Each bit is flipped or not by a hash of the bits below it.
std::uint32_t permute(std::uint32_t x, std::uint32_t seed) {
  x += seed;
  x ^= x * 0x6c50b47cu;
  x ^= x * 0xb82f1e52u;
  x ^= x * 0xc7afe638u;
  x ^= x * 0x8d22f6e6u;
  return x;
}

std::uint32_t scramble(std::uint32_t x, std::uint32_t seed) {
  return reverse(permute(reverse(x), seed));
}

// The v_{k,d}. The engine gives element m of the sequence in Gray code, ⊕_{k: bit k of g(m) is set} v_{k,d} with
// g(m) = m ⊕ m/2, and leaves out element 0; so v_k is its element 2^(k+1) - 1, which it calls 2^(k+1) - 2.
std::vector<std::uint32_t> direction_numbers(std::size_t num_dimensions) {
  std::vector<std::uint32_t> v;  // [num_bits × num_dimensions]
  if (num_dimensions == 0) return v;
  boost::random::sobol_engine<std::uint32_t, 32> engine(num_dimensions);
  for (unsigned k = 0; k < num_bits; ++k) {
    engine.seed((std::uint32_t{2} << k) - 2);
    for (std::size_t d = 0; d < num_dimensions; ++d) v.push_back(engine());
  }
  return v;
}

class SobolSampler final : public Sampler {
 public:
  SobolSampler(const SearchSpace& space, const SamplerOptions& options)
      : space_(space), directions_(direction_numbers(space.size())) {
    for (const auto key : dimension_keys(space)) seeds_.push_back(options.seed_key.fold(key).stream().next_u32());
  }

  Point propose(const History& /*history*/, const Request& request) override {
    SEQSWEEP_EXPECT(request.index >= 0 && request.index < std::int64_t{1} << num_bits, "no such point of the sequence");
    Point point;
    point.values.resize(space_.size());
    for (std::size_t d = 0; d < space_.size(); ++d)
      if (space_.is_active(d, point))
        point.values[d] = value_at(space_.dimensions()[d].distribution, coordinate(request.index, d));
    return point;
  }

 private:
  // Uniform in [0, 1), 32 bits.
  double coordinate(std::int64_t n, std::size_t d) const {
    std::uint32_t x = 0;
    for (unsigned k = 0; k < num_bits; ++k)
      if (n >> k & 1) x ^= directions_[k * space_.size() + d];
    return scramble(x, seeds_[d]) * 0x1p-32;
  }

  const SearchSpace space_;
  const std::vector<std::uint32_t> directions_;  // [num_bits × dimensions]
  std::vector<std::uint32_t> seeds_;             // [dimensions]
};

}  // namespace

std::unique_ptr<Sampler> make_sobol(const SearchSpace& space, const SamplerOptions& options) {
  if (space.size() > max_dimensions)
    throw ConfigError(
        fmt::format("a Sobol sequence has at most {} dimensions and the search has {}; take another sampler",
                    max_dimensions, space.size()),
        {}, "search.sampler");
  return std::make_unique<SobolSampler>(space, options);
}

}  // namespace seqsweep::search
