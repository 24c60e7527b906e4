// SPDX-License-Identifier: Apache-2.0
// A config file, then overrides of the command line, all separated by zero bytes: whatever they say is a sweep or a
// ConfigError, and of a sweep there is a definition, a plan, and a trial at each point.
#include "seqsweep/config/config.hpp"
#include "seqsweep/config/plan.hpp"
#include "seqsweep/config/recorded_study.hpp"

#include "fuzz.hpp"

namespace seqsweep::fuzz {
namespace {

using config::SweepConfig;

config::DataFacts some_data() {
  config::DataFacts data;
  data.num_features = 3;
  data.train_sequences = 100;
  data.train_steps = 1000;
  data.max_length = 20;
  data.dataset_bytes = 12000;
  return data;
}

search::Point point_at(const search::SearchSpace& space, double quantile) {
  search::Point point;
  point.values.resize(space.size());
  for (std::size_t d = 0; d < space.size(); ++d)
    if (space.is_active(d, point)) point.values[d] = value_at(space.dimensions()[d].distribution, quantile);
  return point;
}

void use(const SweepConfig& config) {
  const auto definition = config.definition();
  require(succeeds([&] { static_cast<void>(config::recorded_study(definition, {})); }),
          "what a config defines can be read back");
  for (const double quantile : {0.0, 0.3, 0.999999}) {
    const auto point = point_at(config.space, quantile);
    succeeds([&] { static_cast<void>(config::settings_at(config, point)); });
    if (!config.is_command()) succeeds([&] { static_cast<void>(config::objection_to(config, some_data(), point)); });
  }
  succeeds([&] { static_cast<void>(text_of(config::make_plan(config, some_data()))); });
}

}  // namespace
}  // namespace seqsweep::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seqsweep;
  using namespace std::string_view_literals;
  fuzz::Input input(data, size);
  const auto path = fuzz::scratch_file("a.ini", input.text_until("\0"sv));
  std::vector<std::string> overrides;
  while (!input.is_empty()) overrides.push_back(input.text_until("\0"sv));
  fuzz::succeeds([&] { fuzz::use(config::read_config(path, overrides)); });
  return 0;
}
