// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "seqsweep/config/config.hpp"

namespace seqsweep::config {

enum class Kind {
  integer,
  real,
  yes_no,
  name,
  duration,
  size,
  path,
  text,       ///< to the end of the line; with names: one of them, unless something else says what it may be
  parameter,  ///< of [parameters]: any distribution, or one value
};

enum class Role {
  searchable,  ///< makes results; a distribution may stand in its place
  constant,    ///< makes results; always one value
  placement,   ///< never changes a result
};

/// What a number may be. A power of two is asked for on top of the bounds.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool is_low_excluded = false;
  bool is_high_excluded = false;
  bool is_power_of_two = false;

  [[nodiscard]] bool contains(double value) const;
};

/// Where a key's value lives in the option structs. Durations are doubles [s], sizes are 64-bit integers [bytes].
using Slot = std::variant<int*, std::int64_t*, std::uint64_t*, double*, std::optional<double>*, bool*, std::string*,
                          std::vector<std::string>*, std::vector<search::Goal>*>;
/// The keys of a section are the user's: each names a text.
using Texts = std::map<std::string, std::string>;
using Place = std::variant<Slot (*)(SweepConfig&), Slot (*)(trial::TrialSettings&), Texts& (*)(SweepConfig&),
                           Texts& (*)(trial::TrialSettings&)>;

/// Without it a key has no effect: another key has one of these values, in canonical text, or none of them.
struct OnlyIf {
  std::string_view key = {};
  std::vector<std::string> values = {};
  bool are_excluded = false;
};

/// One line of the key table: all that there is to know of a key, but its default, which is what default_config()
/// holds.
struct Key {
  std::string_view section = {};
  std::string_view name = {};
  Kind kind = Kind::integer;
  Role role = Role::constant;
  Range range = {};
  std::vector<std::string> (*names)() = nullptr;  ///< Kind::name: what it may be
  std::string_view zero_name = {};                ///< a word that stands for 0: "auto", "off"
  bool is_unlimited_at_zero = false;              ///< that word says "no limit", where a written 0 would say "nothing"
  std::string_view unit = {};
  std::string_view help = {};
  bool is_list = false;     ///< one or more, with commas between
  bool may_change = false;  ///< while a trial trains: its weights and optimizer state stay what they are
  Place place = {};
  OnlyIf only_if = {};  ///< without a key: always

  [[nodiscard]] std::string full_name() const { return std::string(section) + "." + std::string(name); }
};

/// The table is in key_table.cpp.
[[nodiscard]] std::span<const Key> key_table();
[[nodiscard]] std::vector<std::string> section_names();
/// Sections whose keys are the user's: one key without a name stands for all of a section.
[[nodiscard]] std::span<const Key> free_sections();
[[nodiscard]] bool has_free_keys(std::string_view section);
/// "section.key" of every key in the table.
[[nodiscard]] std::vector<std::string> full_names();
/// Nothing for an unknown name. In a section whose keys are the user's every name is known.
[[nodiscard]] const Key* find_key(std::string_view full_name);

/// The config of an empty file: what the member initialisers of the option structs say, and "from the data set" for the
/// loss.
[[nodiscard]] SweepConfig default_config();

[[nodiscard]] Slot slot_of(const Key& key, SweepConfig& config);
/// For keys that live in the trial's settings only.
[[nodiscard]] Slot slot_of(const Key& key, trial::TrialSettings& settings);

}  // namespace seqsweep::config
