// SPDX-License-Identifier: Apache-2.0
//
// L-BFGS with bounds from NLopt (Johnson, "The NLopt nonlinear-optimization package"; code by Lukšan; Nocedal 1980,
// Liu, Nocedal 1989).
#include "lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>

#include <nlopt.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::search {
namespace {

constexpr double relative_tolerance = 1e-8;  // of the function's value

struct Run {
  const SmoothFunction& function;
  Eigen::VectorXd x, gradient, best;
  double least = std::numeric_limits<double>::infinity();
};

double evaluate(unsigned n, const double* x, double* gradient, void* data) {
  auto& run = *static_cast<Run*>(data);
  std::copy_n(x, n, run.x.data());
  const double value = run.function(run.x, run.gradient);
  if (gradient != nullptr) std::copy_n(run.gradient.data(), n, gradient);
  if (value < run.least) {
    run.least = value;
    run.best = run.x;
  }
  return value;
}

}  // namespace

Eigen::VectorXd minimised(const SmoothFunction& function, const Eigen::VectorXd& start, const Box& box,
                          int max_evaluations) {
  if (start.size() == 0) return start;
  const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimizer(
      nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(start.size())), nlopt_destroy);
  SEQSWEEP_ENSURE(optimizer != nullptr, "NLopt has no L-BFGS");
  Run run{function, start.cwiseMax(box.low).cwiseMin(box.high), Eigen::VectorXd(start.size()), start};
  nlopt_set_lower_bounds(optimizer.get(), box.low.data());
  nlopt_set_upper_bounds(optimizer.get(), box.high.data());
  nlopt_set_min_objective(optimizer.get(), evaluate, &run);
  nlopt_set_maxeval(optimizer.get(), max_evaluations);
  nlopt_set_ftol_rel(optimizer.get(), relative_tolerance);
  Eigen::VectorXd x = run.x;
  double least = 0;
  nlopt_optimize(optimizer.get(), x.data(), &least);  // where it gives up (round-off), `best` is as good as it gets
  return run.best;
}

}  // namespace seqsweep::search
