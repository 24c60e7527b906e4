// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include <Eigen/Core>

namespace seqsweep::search {

/// A smooth function and its gradient.
using SmoothFunction = std::function<double(const Eigen::VectorXd& x, Eigen::VectorXd& gradient)>;

struct Box {
  Eigen::VectorXd low, high;
};

/// The best point that L-BFGS found in the box from `start`, no worse than it. After so many evaluations no line search
/// is begun any more; one has at most 20.
[[nodiscard]] Eigen::VectorXd minimised(const SmoothFunction& function, const Eigen::VectorXd& start, const Box& box,
                                        int max_evaluations);

}  // namespace seqsweep::search
