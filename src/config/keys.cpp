// SPDX-License-Identifier: Apache-2.0
#include "keys.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "seqsweep/core/error.hpp"

namespace seqsweep::config {
namespace {

// Keys are compared and kept by address, so each name has one for good.
const Key* find_free_key(std::string_view full_name) {
  const auto dot = full_name.find('.');
  const auto section = full_name.substr(0, dot);
  if (dot == std::string_view::npos || dot + 1 == full_name.size() || !has_free_keys(section)) return nullptr;
  static std::mutex mutex;
  static std::map<std::string, Key, std::less<>> known;
  const std::lock_guard lock(mutex);
  const auto [found, is_new] = known.try_emplace(std::string(full_name));
  if (is_new) {
    found->second = *std::find_if(free_sections().begin(), free_sections().end(),
                                  [&](const Key& free) { return free.section == section; });
    found->second.name = std::string_view(found->first).substr(dot + 1);
  }
  return &found->second;
}

}  // namespace

bool Range::contains(double value) const {
  if (!std::isfinite(value)) return false;
  if (is_low_excluded ? value <= low : value < low) return false;
  if (is_high_excluded ? value >= high : value > high) return false;
  return !is_power_of_two || std::exp2(std::round(std::log2(value))) == value;
}

bool has_free_keys(std::string_view section) {
  return std::any_of(free_sections().begin(), free_sections().end(),
                     [&](const Key& s) { return s.section == section; });
}

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const auto& key : key_table())
    if (names.empty() || names.back() != key.section) names.emplace_back(key.section);
  for (const auto& free : free_sections()) names.emplace_back(free.section);
  return names;
}

std::vector<std::string> full_names() {
  std::vector<std::string> names;
  for (const auto& key : key_table()) names.push_back(key.full_name());
  return names;
}

const Key* find_key(std::string_view full_name) {
  for (const auto& key : key_table())
    if (full_name.size() == key.section.size() + 1 + key.name.size() && full_name.starts_with(key.section) &&
        full_name[key.section.size()] == '.' && full_name.ends_with(key.name))
      return &key;
  return find_free_key(full_name);
}

SweepConfig default_config() {
  SweepConfig config;
  config.study.concurrency = 0;
  config.base.network.loss = "auto";
  return config;
}

Slot slot_of(const Key& key, SweepConfig& config) {
  if (const auto* in_sweep = std::get_if<Slot (*)(SweepConfig&)>(&key.place)) return (*in_sweep)(config);
  if (const auto* texts = std::get_if<Texts& (*)(SweepConfig&)>(&key.place))
    return &(*texts)(config)[std::string(key.name)];
  return slot_of(key, config.base);
}

Slot slot_of(const Key& key, trial::TrialSettings& settings) {
  if (const auto* texts = std::get_if<Texts& (*)(trial::TrialSettings&)>(&key.place))
    return &(*texts)(settings)[std::string(key.name)];
  const auto* in_trial = std::get_if<Slot (*)(trial::TrialSettings&)>(&key.place);
  SEQSWEEP_EXPECT(in_trial != nullptr, key.full_name() + " is no setting of a trial");
  return (*in_trial)(settings);
}

}  // namespace seqsweep::config
