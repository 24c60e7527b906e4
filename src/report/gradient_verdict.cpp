// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/gradient_verdict.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace seqsweep::report {
namespace {

std::string steps_back(int from, int to) {
  if (from != to) return fmt::format("{}–{} steps back", from, to);
  return fmt::format("{} step{} back", from, from == 1 ? "" : "s");
}

// "0.42", "3.1e-04", "27": two digits, and an exponent only where zeros would hide the size.
std::string two_digits(double value) {
  if (value == 0) return "0";
  if (value < 0.01 || value >= 1e4) return fmt::format("{:.1e}", value);
  return fmt::format("{:.{}f}", value, value < 1 ? 2 : value < 10 ? 1 : 0);
}

std::string about_steps(double steps) {
  if (steps < 1.05) return "every step";
  return fmt::format("every {:.{}f} steps", steps, steps < 10 ? 1 : 0);
}

GradientHealth health_of(double ratio) {
  if (!std::isfinite(ratio) || ratio > exploding_ratio) return GradientHealth::exploding;
  return ratio < vanishing_ratio ? GradientHealth::vanishing : GradientHealth::healthy;
}

std::string sentence_of(const GradientVerdict& verdict) {
  const auto where = steps_back(verdict.distance_from, verdict.distance_to);
  if (!std::isfinite(verdict.ratio)) return fmt::format("exploding: the gradient {} is not finite", where);
  if (verdict.ratio == 0) return fmt::format("vanishing: nothing of the gradient arrives {}", where);
  std::string pace;
  if (verdict.halving_steps && *verdict.halving_steps > 0)
    pace = fmt::format(" (half of it is lost {})", about_steps(*verdict.halving_steps));
  if (verdict.halving_steps && *verdict.halving_steps < 0)
    pace = fmt::format(" (it doubles {})", about_steps(-*verdict.halving_steps));
  return fmt::format("{}: the gradient {} is {} {} that at the loss{}", name_of(verdict.health), where,
                     two_digits(verdict.ratio), verdict.ratio < 1 ? "of" : "times", pace);
}

GradientVerdict judge_layer(int layer, const nn::GradientFlowBin& near, const nn::GradientFlowBin& far) {
  GradientVerdict verdict;
  verdict.layer = layer;
  verdict.distance_from = far.distance_from;
  verdict.distance_to = far.distance_to;
  if (far.distance_to == 0) {
    verdict.sentence = "unknown: one step only, no way back through time";
    return verdict;
  }
  if (near.norm == 0) {
    verdict.sentence = "unknown: there is no gradient at the loss itself";
    return verdict;
  }
  verdict.ratio = far.norm / near.norm;
  verdict.health = health_of(verdict.ratio);
  const double distance = 0.5 * (far.distance_from + far.distance_to);
  const double octaves_lost = -std::log2(verdict.ratio);
  constexpr double negligible_octaves = 0.1;  // 7 %: keeps its size
  if (std::isfinite(octaves_lost) && std::abs(octaves_lost) > negligible_octaves)
    verdict.halving_steps = distance / octaves_lost;
  verdict.sentence = sentence_of(verdict);
  return verdict;
}

}  // namespace

std::string_view name_of(GradientHealth health) {
  switch (health) {
    case GradientHealth::healthy:
      return "healthy";
    case GradientHealth::vanishing:
      return "vanishing";
    case GradientHealth::exploding:
      return "exploding";
    case GradientHealth::unknown:
      return "unknown";
  }
  return "unknown";
}

std::vector<GradientVerdict> judge_gradient_flow(std::span<const nn::GradientFlowBin> flow) {
  const auto is_nearer = [](const auto& a, const auto& b) { return a.distance_from < b.distance_from; };
  std::map<int, std::vector<nn::GradientFlowBin>> layers;
  for (const auto& bin : flow) layers[bin.layer].push_back(bin);
  std::vector<GradientVerdict> verdicts;
  for (const auto& [layer, bins] : layers) {
    const auto [near, far] = std::minmax_element(bins.begin(), bins.end(), is_nearer);
    verdicts.push_back(judge_layer(layer, *near, *far));
  }
  return verdicts;
}

std::string describe_steps(double clipped_fraction, double norm_mean, double norm_max) {
  std::string clipped = clipped_fraction == 0        ? "no step was clipped"
                        : clipped_fraction >= 0.9995 ? "every step was clipped"
                        : clipped_fraction < 0.01
                            ? fmt::format("{:.1f} % of steps were clipped", 100 * clipped_fraction)
                            : fmt::format("{:.0f} % of steps were clipped", 100 * clipped_fraction);
  if (!std::isfinite(norm_mean) || !std::isfinite(norm_max)) return clipped + "; the gradient norm was not finite";
  if (norm_mean <= 0) return clipped;
  const double times = norm_max / norm_mean;
  return fmt::format("{}; the largest gradient norm was {} times the mean{}", clipped, two_digits(times),
                     times <= exploding_ratio ? ""
                     : clipped_fraction > 0   ? " (bursts, cut down by clipping)"
                                              : " (bursts: clip_norm may help)");
}

}  // namespace seqsweep::report
