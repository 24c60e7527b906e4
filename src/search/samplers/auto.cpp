// SPDX-License-Identifier: Apache-2.0
//
// A Gaussian process while it is affordable, then a tree-structured Parzen estimator:
//   D ≤ `most_dimensions` and n < `most_trials`: gp. Few trials teach it most (`seqsweep bench search`).
//   otherwise: tpe, whose proposals stay cheap, and which does not suffer from many dimensions.
// Several objectives: motpe.
// n counts the trials that have begun, so a sweep whose budget is raised goes on as it would have from the start.

#include <fmt/format.h>

#include "samplers.hpp"

namespace seqsweep::search {
namespace {

constexpr std::size_t most_dimensions = 20;
constexpr std::size_t most_trials = 300;

class AutoSampler final : public Sampler {
 public:
  AutoSampler(const SearchSpace& space, const SamplerOptions& options)
      : num_dimensions_(space.size()), gp_(make_gp(space, options)), tpe_(make_tpe(space, options)) {}

  Point propose(const History& history, const Request& request) override {
    is_gp_ = num_dimensions_ <= most_dimensions && history.num_rows() < most_trials;
    return (is_gp_ ? gp_ : tpe_)->propose(history, request);
  }
  std::string description() const override {
    if (num_dimensions_ > most_dimensions)
      return fmt::format("tpe: {} dimensions are many for gp, which takes {}", num_dimensions_, most_dimensions);
    return fmt::format(
        "gp for the first {} trials, which learns most from few in {} dimension{}; then tpe, which is cheap",
        most_trials, num_dimensions_, num_dimensions_ == 1 ? "" : "s");
  }
  std::string origin() const override { return is_gp_ ? "gp" : "tpe"; }

 private:
  std::size_t num_dimensions_;
  std::unique_ptr<Sampler> gp_, tpe_;
  bool is_gp_ = true;
};

class AutoForSeveralObjectives final : public Sampler {
 public:
  AutoForSeveralObjectives(const SearchSpace& space, const SamplerOptions& options)
      : num_objectives_(options.num_objectives), motpe_(make_motpe(space, options)) {}

  Point propose(const History& history, const Request& request) override { return motpe_->propose(history, request); }
  std::string description() const override {
    return fmt::format("motpe, which is for several objectives; there are {}", num_objectives_);
  }
  std::string origin() const override { return "motpe"; }

 private:
  std::size_t num_objectives_;
  std::unique_ptr<Sampler> motpe_;
};

}  // namespace

std::unique_ptr<Sampler> make_auto(const SearchSpace& space, const SamplerOptions& options) {
  if (options.num_objectives > 1) return std::make_unique<AutoForSeveralObjectives>(space, options);
  return std::make_unique<AutoSampler>(space, options);
}

}  // namespace seqsweep::search
