// SPDX-License-Identifier: Apache-2.0
// Distributions, one a line, each of a parameter of its own: whatever they say is a search space or a ConfigError, and
// every value of a search space has a text that gives the value back.
#include "seqsweep/core/text.hpp"
#include "seqsweep/search/space.hpp"

#include "config/dimensions.hpp"
#include "config/distribution.hpp"
#include "config/keys.hpp"
#include "fuzz.hpp"

namespace seqsweep::fuzz {
namespace {

// By turns a key with a range, an integer, a choice of names, and one that takes everything.
constexpr std::array keys = {"train.learning_rate", "model.hidden_size", "model.cell",  "parameters.x", "train.l2",
                             "model.num_layers",    "model.activation",  "parameters.y"};

search::SearchSpace read_space(const std::string& text) {
  std::vector<config::Entry> entries;
  int line = 0;
  for (const auto& value : split(text, '\n')) {
    if (static_cast<std::size_t>(line) == keys.size()) break;
    if (config::is_distribution(value))
      entries.push_back(
          {.key = keys[static_cast<std::size_t>(line)], .value = value, .where = "a.ini", .line = line + 1});
    ++line;
  }
  auto config = config::default_config();
  return search::SearchSpace(config::make_dimensions(entries, config));
}

void use(const search::SearchSpace& space) {
  static_cast<void>(space.grid_size());
  for (const double quantile : {0.0, 0.25, 0.5, 0.9999999}) {
    search::Point point;
    point.values.resize(space.size());
    for (std::size_t d = 0; d < space.size(); ++d) {
      const auto& distribution = space.dimensions()[d].distribution;
      if (!space.is_active(d, point)) continue;
      const auto value = search::value_at(distribution, quantile);
      point.values[d] = value;
      require(search::value_of(distribution, search::text_of(value)) == value, "a value's text gives the value back");
    }
    require(space.contains(point), "the values at quantiles are a point of the space");
  }
}

}  // namespace
}  // namespace seqsweep::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seqsweep;
  fuzz::Input input(data, size);
  const auto text = input.rest();
  fuzz::succeeds([&] { fuzz::use(fuzz::read_space(text)); });
  return 0;
}
