// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <span>
#include <vector>

#include <Eigen/Core>

#include "seqsweep/core/random.hpp"

#include "features.hpp"
#include "gaussian_process.hpp"

namespace seqsweep::search {

/// Seeks the point of a cube where a Gaussian process expects the largest improvement on `best`.
class ImprovementSearch {
 public:
  /// What all arguments refer to must outlive the object. `known`: the features of points that are not to be proposed.
  ImprovementSearch(const Features& features, const GaussianProcess& process, double best,
                    const std::set<std::vector<double>>& known)
      : features_(features), cube_(features.cube()), process_(process), best_(best), known_(known) {}

  /// The coordinates found; nothing where every point that was looked at is known. `centres`: coordinates of good
  /// points, in whose neighbourhood half of the candidates lie.
  [[nodiscard]] std::optional<std::vector<double>> found(std::span<const std::vector<double>> centres,
                                                         RandomStream& stream) const;

 private:
  // One number for each axis, also for axes that do not exist in the point, and its log EI.
  struct Candidate {
    std::vector<double> u;
    double log_ei;
  };

  [[nodiscard]] double fresh(std::size_t d, RandomStream& stream) const;
  [[nodiscard]] std::vector<double> anywhere(RandomStream& stream) const;
  [[nodiscard]] std::vector<double> near(const std::vector<double>& centre, RandomStream& stream) const;
  [[nodiscard]] std::vector<Candidate> judged(std::vector<std::vector<double>> us) const;
  [[nodiscard]] Candidate refined(Candidate candidate, RandomStream& stream) const;
  [[nodiscard]] std::vector<double> climbed(std::vector<double> u) const;
  [[nodiscard]] std::vector<std::vector<double>> discrete_moves(const std::vector<double>& u,
                                                                RandomStream& stream) const;

  const Features& features_;
  const UnitCube& cube_;
  const GaussianProcess& process_;
  const double best_;
  const std::set<std::vector<double>>& known_;
};

}  // namespace seqsweep::search
