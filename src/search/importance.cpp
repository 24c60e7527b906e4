// SPDX-License-Identifier: Apache-2.0
//
// Of a tree f(x) = v_i for x in the box Π_d E_id of leaf i, the variance over the cube, all x_d independent:
//   V    = Σ_i v_i² Π_d |E_id| - f_0²                the whole
//   V_d  = ∫ f_d² - f_0²                             of dimension d alone: f_d is the mean of f over all others
//   V_de = ∫ f_de² - f_0² - V_d - V_e                of a pair, beyond what its two do alone
// where for every set U of dimensions, f_U being the mean of f over all others,
//   ∫ f_U² = Σ_i Σ_j w_i w_j Π_{d in U} r_ijd        r_ijd = |E_id ∩ E_jd| / (|E_id| |E_jd|)
//   f_0²   = Σ_i Σ_j w_i w_j                         w_i = v_i Π_d |E_id|
// Shares V_d / V and V_de / V, on average over the trees of a random forest.
// Hutter, Hoos, Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance", sections 3 and 4.
//
// Every prior is uniform in the cube, so what is wide for the user's distribution weighs much. A dimension that does
// not exist at x has its x_d all the same, without effect there: what it does is due to it and its parent together.
//
// Differs from the paper: the integrals are sums over pairs of leaves, which gives all single dimensions and pairs at
// once and needs no grid of their bounds. Diverged trials count as the worst, and values far worse than the median are
// moved in (standardised.cpp): what makes a bad network still worse is of no interest.

#include "seqsweep/search/importance.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

#include "random_forest.hpp"
#include "standardised.hpp"

namespace seqsweep::search {
namespace {

using Eigen::ArrayXXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Measured measured_at(const History& history, const History::Level& level) {
  Measured measured;
  std::vector<double> values;
  measured.x.resize(static_cast<Index>(level.observations.size()), static_cast<Index>(history.cube().size()));
  for (const auto& [value, row] : level.observations) {
    const auto coordinates = history.coordinates(row);
    for (std::size_t d = 0; d < coordinates.size(); ++d)
      measured.x(static_cast<Index>(values.size()), static_cast<Index>(d)) = coordinates[d];
    values.push_back(value);
  }
  measured.y = standardised(values);
  return measured;
}

// |E_id| [leaves × dimensions]
ArrayXXd measures(const RegressionTree& tree) {
  ArrayXXd sizes(static_cast<Index>(tree.size()), static_cast<Index>(tree[0].box.size()));
  for (Index i = 0; i < sizes.rows(); ++i)
    for (Index d = 0; d < sizes.cols(); ++d)
      sizes(i, d) = measure(tree[static_cast<std::size_t>(i)].box[static_cast<std::size_t>(d)]);
  return sizes;
}

// V, and the symmetric matrix I [1 + dimensions, squared]: I_00 = f_0², I_0d = ∫ f_d², I_de = ∫ f_de², d and e from 1.
struct Moments {
  double V;
  MatrixXd I;
};

Moments moments_of(const RegressionTree& tree) {
  const ArrayXXd sizes = measures(tree);
  const Index D = sizes.cols();
  VectorXd v(sizes.rows());
  for (Index i = 0; i < v.size(); ++i) v[i] = tree[static_cast<std::size_t>(i)].value;
  const VectorXd w = v.array() * sizes.rowwise().prod();
  MatrixXd I = MatrixXd::Zero(1 + D, 1 + D);
  VectorXd r = VectorXd::Ones(1 + D);  // r_ijd from d = 1
  for (Index i = 0; i < v.size(); ++i) {
    for (Index j = 0; j <= i; ++j) {
      const auto& box_i = tree[static_cast<std::size_t>(i)].box;
      const auto& box_j = tree[static_cast<std::size_t>(j)].box;
      for (std::size_t d = 0; d < box_i.size(); ++d) r[static_cast<Index>(d) + 1] = overlap(box_i[d], box_j[d]);
      r.tail(D).array() /= (sizes.row(i) * sizes.row(j)).transpose();
      I.noalias() += ((i == j ? 1 : 2) * w[i] * w[j] * r) * r.transpose();
    }
  }
  return {v.dot(w) - I(0, 0), I};
}

Importance::Share share_of(const std::vector<double>& shares) {
  const auto all = Eigen::Map<const VectorXd>(shares.data(), static_cast<Index>(shares.size())).array();
  if (shares.empty()) return {};
  return {all.mean(), std::sqrt((all - all.mean()).square().mean())};
}

// Shares of one dimension (d = e) or pair, in each tree whose values differ at all.
std::vector<double> shares(const std::vector<Moments>& trees, std::size_t first, std::size_t second) {
  const auto d = static_cast<Index>(first) + 1, e = static_cast<Index>(second) + 1;
  std::vector<double> found;
  for (const auto& [V, I] : trees) {
    const double V_d = I(0, d) - I(0, 0), V_e = I(0, e) - I(0, 0);
    if (V > 0) found.push_back(std::max(0.0, d == e ? V_d : I(d, e) - I(0, 0) - V_d - V_e) / V);
  }
  return found;
}

}  // namespace

Importance importance(const History& history, RandomKey key) {
  const std::size_t D = history.cube().size();
  Importance result;
  result.dimensions.resize(D);
  const auto* level = history.level_with(enough_for_importance);
  if (level == nullptr || level->observations.empty()) return result;
  result.epoch = level->epoch;
  result.num_trials = level->observations.size();
  if (D == 0) return result;
  const RandomForest forest(history.cube(), measured_at(history, *level), key);
  result.predicted_share = forest.predicted_share();
  std::vector<Moments> trees;
  for (const auto& tree : forest.trees()) trees.push_back(moments_of(tree));
  for (std::size_t d = 0; d < D; ++d) {
    result.dimensions[d] = share_of(shares(trees, d, d));
    for (std::size_t e = d + 1; e < D; ++e) result.pairs.push_back({d, e, share_of(shares(trees, d, e))});
  }
  std::stable_sort(result.pairs.begin(), result.pairs.end(),
                   [](const auto& a, const auto& b) { return a.share.mean > b.share.mean; });
  return result;
}

}  // namespace seqsweep::search
