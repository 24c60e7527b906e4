// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/config/config.hpp"
#include "seqsweep/core/text.hpp"

#include "distribution.hpp"
#include "keys.hpp"
#include "values.hpp"
#include "wrap.hpp"

namespace seqsweep::config {
namespace {

std::string default_text(const Key& key) {
  if (key.full_name() == "sweep.goal") return "";  // follows from the metric
  auto defaults = default_config();
  return show(key, slot_of(key, defaults));
}

std::string marks_of(const KeyDescription& key) {
  std::string marks = key.type;
  if (!key.unit.empty()) marks += " [" + key.unit + "]";
  if (key.may_be_searched) marks += " *";
  if (key.is_placement) marks += " (placement)";
  return marks;
}

KeyDescription description_of(const Key& key, std::string default_value) {
  return {.name = key.full_name(),
          .type = type_text(key),
          .default_value = std::move(default_value),
          .unit = std::string(key.unit),
          .help = std::string(key.help),
          .is_placement = key.role == Role::placement,
          .may_be_searched = key.role == Role::searchable};
}

}  // namespace

std::vector<KeyDescription> keys() {
  std::vector<KeyDescription> descriptions;
  for (const auto& key : key_table()) descriptions.push_back(description_of(key, default_text(key)));
  for (const auto& section : free_sections()) {
    descriptions.push_back(description_of(section, ""));
    descriptions.back().name += "NAME";
  }
  return descriptions;
}

std::string config_help(int width) {
  const auto columns = static_cast<std::size_t>(std::max(width, 40));
  std::string help = wrapped(
      "The config is an INI file: [section], then key = value; # begins a comment. The command line overrides any key: "
      "--section.key=value. Keys marked * may be searched: a distribution in place of the value makes it a dimension. "
      "Placement keys say where and how fast a sweep runs and never change its results. Values below are the defaults.",
      0, columns);
  help += "\nDistributions, bounds inclusive:\n" + wrapped(join(distribution_usages(), ",  "), 2, columns);
  help += wrapped("Any may end in a condition: ... if KEY == VALUE, or ... if KEY in (VALUE, ...).", 2, columns);
  std::string section;
  for (const auto& key : keys()) {
    const auto dot = key.name.find('.');
    if (key.name.substr(0, dot) != section) {
      section = key.name.substr(0, dot);
      help += fmt::format("\n[{}]\n", section);
    }
    const auto assignment =
        fmt::format("  {}{}{}", key.name.substr(dot + 1), key.default_value.empty() ? "" : " = ", key.default_value);
    const auto marks = marks_of(key);
    if (std::max<std::size_t>(assignment.size(), 28) + 2 + marks.size() <= columns)
      help += fmt::format("{:<28}  {}\n", assignment, marks);
    else
      help += assignment + "\n" + wrapped(marks, 6, columns);
    help += wrapped(key.help, 6, columns);
  }
  return help;
}

}  // namespace seqsweep::config
