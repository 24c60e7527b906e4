// SPDX-License-Identifier: Apache-2.0
#include "data/importers/labelled.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "data/header_io.hpp"
#include "data/importers/tokens.hpp"

namespace seqsweep::data::importers {
namespace {

std::optional<double> number_in(const std::string& label) {
  const auto number = parse_real(label);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

}  // namespace

void Labels::add(const std::string& label, const std::string& path, std::int64_t line) {
  classes_.try_emplace(label_text(label), Class{-1, path, line});
  ++num_added_;
}

std::int32_t Labels::number_of(const std::string& label) const {
  return classes_.at(label_text(label)).number;
}

bool Labels::has(const std::string& label) const {
  return classes_.contains(label_text(label));
}

// Whether there are numbers, and nothing else but what is written for a number that is missing.
bool Labels::are_numbers() const {
  bool has_number = false;
  for (const auto& [label, at] : classes_) {
    if (!parse_real(label)) return false;
    has_number = has_number || number_in(label);
  }
  return has_number;
}

void Labels::refuse_equal_numbers() const {
  std::map<double, const std::string*> seen;
  for (const auto& [label, at] : classes_) {
    const auto number = number_in(label);
    if (!number && are_numbers())
      throw DataError(fmt::format("the label '{}' is no number, while all others are; leave its sequence out or name "
                                  "the class otherwise",
                                  label),
                      at.path, at.line);
    if (!number) continue;
    const auto [other, is_new] = seen.try_emplace(*number, &label);
    if (!is_new)
      throw DataError(fmt::format("the labels '{}' and '{}' are one number in two spellings; write them alike, or as "
                                  "names (v{}, v{}) if they are two classes",
                                  *other->second, label, *other->second, label),
                      at.path, at.line);
  }
}

void Labels::number_them() {
  refuse_equal_numbers();
  for (const auto& [label, at] : classes_) ordered_.push_back(label);
  if (are_numbers())
    std::stable_sort(ordered_.begin(), ordered_.end(),
                     [](const auto& a, const auto& b) { return *number_in(a) < *number_in(b); });
  for (std::size_t i = 0; i < ordered_.size(); ++i) classes_[ordered_[i]].number = static_cast<std::int32_t>(i);
}

void Labels::describe(DatasetHeader& header) const {
  header.target_kind = TargetKind::classes;
  header.num_outputs = static_cast<int>(ordered_.size());
  for (const auto& label : ordered_) header.output_names.push_back(cut_name(label));
}

std::string Labels::first_fraction() const {
  const auto found = std::find_if(classes_.begin(), classes_.end(), [](const auto& one) {
    const auto number = number_in(one.first);
    return number && *number != std::floor(*number);
  });
  return found == classes_.end() ? "" : found->first;
}

bool Labels::are_measurements() const {
  return are_numbers() && !first_fraction().empty() && 2 * classes_.size() > num_added_;
}

std::string Labels::measurements_text() const {
  return fmt::format("{} different numbers in {} sequences, such as '{}'", classes_.size(), num_added_,
                     first_fraction());
}

}  // namespace seqsweep::data::importers
