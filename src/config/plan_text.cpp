// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/config/plan.hpp"
#include "seqsweep/core/text.hpp"

#include "wrap.hpp"

namespace seqsweep::config {
namespace {

constexpr std::size_t columns = 80;
constexpr std::size_t label_width = 20;

// "1 234 567"
std::string grouped(double count) {
  auto digits = fmt::format("{:.0f}", count);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ' ');
  return digits;
}

// "3.2 T" of 3.2e12
std::string with_prefix(double count) {
  constexpr std::string_view prefixes[] = {"", " k", " M", " G", " T", " P", " E"};
  std::size_t p = 0;
  for (; count >= 1000 && p + 1 < std::size(prefixes); ++p) count /= 1000;
  return fmt::format("{:.3g}{}", count, prefixes[p]);
}

// A label, and its value in the column beside it, in as many lines as it takes.
std::string row(const std::string& label, const std::string& value) {
  auto text = wrapped(value, label_width + 2, columns);
  text.replace(2, label.size(), label);
  return text;
}

std::string space_text(const Plan& plan) {
  if (plan.dimensions.empty()) return "No dimensions: there is one trial to be had.\n";
  std::size_t width = 0;
  for (const auto& dimension : plan.dimensions) width = std::max(width, dimension.name.size());
  auto text =
      fmt::format("Search space, {} dimension{}\n", plan.dimensions.size(), plan.dimensions.size() == 1 ? "" : "s");
  for (const auto& dimension : plan.dimensions) {
    auto lines = wrapped(dimension.text, width + 4, columns);
    lines.replace(2, dimension.name.size(), dimension.name);
    text += lines;
  }
  return text;
}

// "data: 6.25 % to epoch 1, 25 % to epoch 4, all to epoch 16, of the training sequences"
std::string fidelity_text(const trial::Fidelity& fidelity) {
  std::vector<std::string> shares;
  for (const int rung : fidelity.rungs) {
    const double share = fidelity.share_at(rung);
    shares.push_back(fmt::format("{} to epoch {}", share < 1 ? fmt::format("{:.3g} %", 100 * share) : "all", rung));
  }
  return fmt::format("{}: {}, of {}", fidelity.kind, join(shares, ", "),
                     fidelity.kind == "data" ? "the training sequences" : "each sequence's steps");
}

}  // namespace

std::string text_of(const Plan& plan) {
  auto text = space_text(plan) + "\nSearch\n";
  text += row(plan.objectives.size() > 1 ? "objectives" : "objective", join(plan.objectives, ", "));
  text += row("sampler", plan.sampler + (plan.sampler_description.empty() ? "" : ": " + plan.sampler_description));
  text += row("scheduler", plan.scheduler);
  if (plan.fidelity.is_less_than_whole()) text += row("fidelity", fidelity_text(plan.fidelity));
  text += row("trials", grouped(static_cast<double>(plan.trials)));
  if (plan.grid_size) text += row("grid points", grouped(static_cast<double>(*plan.grid_size)));
  text +=
      row("logical workers",
          grouped(plan.logical_workers) +
              (plan.is_concurrency_given ? "" : " (auto: from sweep.trials, and kept when these are raised later)"));
  if (!plan.budget.empty()) text += row("budget", plan.budget);
  text += "\nAt most\n";
  text += row("epochs", fmt::format("{} ({} of each trial)", grouped(plan.max_trial_epochs()), plan.max_epochs));
  if (!plan.defaults.empty()) text += row("by default", join(plan.defaults, "; "));
  if (!plan.command.empty()) return text + "\nCommand\n" + wrapped(plan.command, 2, columns);
  text += row("parameters", grouped(static_cast<double>(plan.parameters)) +
                                (plan.largest_point.empty() ? "" : " at " + plan.largest_point));
  text += row("memory of a rank", human_bytes(plan.memory_per_rank_bytes) +
                                      (plan.hungriest_point.empty() ? "" : " at " + plan.hungriest_point));
  if (plan.shared_data_bytes > 0) text += row("data on each node", human_bytes(plan.shared_data_bytes));
  text += row("multiply-adds", with_prefix(plan.max_multiply_adds()) +
                                   fmt::format(" ({} an epoch)", with_prefix(plan.epoch_multiply_adds)));
  if (!plan.is_exhaustive) text += "  (the space has very many extremes; only the first of them were looked at)\n";
  return text;
}

}  // namespace seqsweep::config
