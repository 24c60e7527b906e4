// SPDX-License-Identifier: Apache-2.0
#include "dimensions.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "distribution.hpp"
#include "values.hpp"

namespace seqsweep::config {
namespace {

// An entry that holds a distribution, on its way to a dimension.
struct Candidate {
  const Key* key;
  const Entry* entry;
  search::Distribution distribution;
  std::optional<ConditionSyntax> condition;
};

[[noreturn]] void refuse(const Candidate& candidate, const std::string& problem, const Word& at) {
  throw ConfigError(fmt::format("{}: {} (column {})", candidate.entry->key, problem, at.column), candidate.entry->where,
                    candidate.entry->key);
}

Candidate read_candidate(const Entry& entry) {
  const Key& key = *find_key(entry.key);
  if (key.role != Role::searchable)
    throw ConfigError(fmt::format("{} cannot be searched; write one value", entry.key), entry.where, entry.key);
  try {
    const auto syntax = parse_distribution(entry.value, entry.column);
    return {&key, &entry, make_distribution(key, syntax), syntax.condition};
  } catch (const ConfigError& error) {
    const auto subject = error.key.empty() ? entry.key + ": " : "";  // else the text names the key itself
    throw ConfigError(subject + error.what(), entry.where, entry.key);
  }
}

/// Orders candidates, conditions first, and resolves conditions on constants.
class Resolver {
 public:
  Resolver(const std::vector<Entry>& distributions, SweepConfig& config) : config_(config) {
    for (const auto& entry : distributions) candidates_.emplace(entry.key, read_candidate(entry));
  }

  std::vector<search::Dimension> resolve() {
    for (const auto& key : key_table())
      if (const auto found = candidates_.find(key.full_name()); found != candidates_.end()) visit(found->second);
    for (const auto& [name, candidate] : candidates_) visit(candidate);  // the user's own keys, by name
    return std::move(dimensions_);
  }

 private:
  void visit(const Candidate& candidate) {
    const auto& name = candidate.entry->key;
    if (done_.contains(name)) return;
    search::Dimension dimension{name, candidate.distribution, std::nullopt};
    if (!candidate.condition) return keep(std::move(dimension));

    const auto& condition = *candidate.condition;
    const auto values = checked_values(candidate, condition);
    const auto parent = candidates_.find(condition.key.text);
    if (parent == candidates_.end()) {
      const auto constant = show(*find_key(condition.key.text), slot_of(*find_key(condition.key.text), config_));
      if (std::find(values.begin(), values.end(), constant) != values.end()) return keep(std::move(dimension));
      done_.insert(name);
      return;
    }
    visit_parent(candidate, parent->second);
    done_.insert(name);
    if (!kept_.contains(condition.key.text)) return;  // what never exists has no value to compare with
    dimension.condition = search::Condition{condition.key.text, values};
    keep(std::move(dimension));
  }

  void visit_parent(const Candidate& candidate, const Candidate& parent) {
    const auto& at = candidate.condition->key;
    open_.push_back(candidate.entry->key);
    if (std::find(open_.begin(), open_.end(), parent.entry->key) != open_.end())
      refuse(candidate, fmt::format("its condition goes in a circle: {} if {}", join(open_, " if "), parent.entry->key),
             at);
    const bool are_both_in_file = candidate.entry->line > 0 && parent.entry->line > 0;
    if (are_both_in_file && parent.entry->line > candidate.entry->line)
      refuse(candidate,
             fmt::format("its condition looks at {}, which is declared later (line {}); move that above",
                         parent.entry->key, parent.entry->line),
             at);
    visit(parent);
    open_.pop_back();
  }

  // In canonical text and order: what the condition says does not depend on how it is written.
  static std::vector<std::string> checked_values(const Candidate& candidate, const ConditionSyntax& condition) {
    const auto* key = find_key(condition.key.text);
    if (key == nullptr)
      refuse(candidate,
             fmt::format("unknown key '{}' in its condition{}", condition.key.text, suggestion(condition.key.text)),
             condition.key);
    if (key->role != Role::searchable)
      refuse(candidate, fmt::format("its condition looks at {}, which cannot be searched", condition.key.text),
             condition.key);
    std::set<std::string> values;
    for (const auto& word : condition.values) {
      try {
        values.insert(canonical(*key, word.text));
      } catch (const ConfigError& error) {
        refuse(candidate, error.what(), word);
      }
    }
    return {values.begin(), values.end()};
  }

  static std::string suggestion(const std::string& mistyped) {
    const auto nearest = nearest_name(mistyped, full_names());
    return nearest.empty() ? " (conditions name keys in full: model.cell)"
                           : fmt::format("; did you mean '{}'?", nearest);
  }

  void keep(search::Dimension dimension) {
    done_.insert(dimension.name);
    kept_.insert(dimension.name);
    dimensions_.push_back(std::move(dimension));
  }

  SweepConfig& config_;
  std::map<std::string, Candidate> candidates_;
  std::set<std::string> done_, kept_;
  std::vector<std::string> open_;  // whose conditions are being followed
  std::vector<search::Dimension> dimensions_;
};

}  // namespace

bool holds_distribution(const Entry& entry) {
  const auto kind = find_key(entry.key)->kind;
  return kind != Kind::path && kind != Kind::text && is_distribution(entry.value);
}

std::vector<search::Dimension> make_dimensions(const std::vector<Entry>& distributions, SweepConfig& config) {
  return Resolver(distributions, config).resolve();
}

std::string end_of_steps(const search::Distribution& distribution) {
  const auto last = search::text_of(search::value_at(distribution, std::nextafter(1.0, 0.0)));
  if (const auto* u = std::get_if<search::Uniform>(&distribution))
    return u->step > 0 && last != shortest(u->high) ? ", up to " + last : "";
  const auto* i = std::get_if<search::Integer>(&distribution);
  return i != nullptr && last != std::to_string(i->high) ? ", up to " + last : "";
}

std::string condition_text(const search::Dimension& dimension) {
  if (!dimension.condition) return {};
  const auto& [key, values] = *dimension.condition;
  if (values.size() == 1) return fmt::format(" if {} == {}", key, values.front());
  return fmt::format(" if {} in ({})", key, join(values, ", "));
}

}  // namespace seqsweep::config
