// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep {

/// One line of a catalogue: every family of algorithms (cells, losses, samplers …) is one table of these.
template <class Make>
struct CatalogueEntry {
  std::string_view name;
  std::string_view summary;
  Make make;
};

template <class Make>
[[nodiscard]] std::vector<std::string> names_of(std::span<const CatalogueEntry<Make>> catalogue) {
  std::vector<std::string> names;
  for (const auto& entry : catalogue) names.emplace_back(entry.name);
  return names;
}

/// The entry of that name. Throws ConfigError "unknown <family> '<name>' (known: …)".
template <class Make>
[[nodiscard]] const CatalogueEntry<Make>& find_in(std::span<const CatalogueEntry<Make>> catalogue,
                                                  std::string_view family, std::string_view name) {
  for (const auto& entry : catalogue)
    if (entry.name == name) return entry;
  throw ConfigError("unknown " + std::string(family) + " '" + std::string(name) + "' " +
                    known_names(name, names_of(catalogue)));
}

}  // namespace seqsweep
