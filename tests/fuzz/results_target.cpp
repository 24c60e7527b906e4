// SPDX-License-Identifier: Apache-2.0
// A results file, sealed or live, with damages (see damage.hpp): whatever status, explain, diff and a resume make of it
// is a text or an Error.
#include <filesystem>

#include "seqsweep/config/recorded_study.hpp"
#include "seqsweep/store/results_file.hpp"

#include "comparison.hpp"
#include "damage.hpp"
#include "explanation.hpp"
#include "fuzz.hpp"
#include "recorded_curves.hpp"
#include "status_text.hpp"
#include "store/sample.hpp"

namespace seqsweep::fuzz {
namespace {

constexpr int num_trials = 6;

std::string live_file() {
  const auto path = scratch_path("live.h5");
  auto writer = store::ResultsWriter::create(path, test::sample_header());
  test::append_sample(writer, {1, 0, 2, 4, 5, 3});
  store::LiveState state;
  state.num_ranks = 4;
  state.teams = {{TrialId(1), 0, 3, 1.5, 2, "1,2", 12}};
  writer.show(state);
  return content_of(path);  // while the writer has it open, as kill -9 would leave it
}

std::string sealed_file() {
  const auto path = scratch_path("sealed.h5");
  auto writer = store::ResultsWriter::create(path, test::sample_header());
  writer.seal(test::sample_results(num_trials));
  return content_of(path);
}

const std::vector<std::string>& whole_files() {
  static const std::vector<std::string> files = {sealed_file(), live_file()};
  return files;
}

void use(const std::string& path) {
  const auto results = store::read_results(path);
  succeeds([&] {
    const auto status = jobs::status_of(results, {});
    static_cast<void>(jobs::to_text(status, 10));
    static_cast<void>(jobs::to_json(status, 10));
  });
  succeeds([&] { static_cast<void>(jobs::read_status(path, 10)); });
  succeeds([&] { static_cast<void>(jobs::compare({jobs::read_compared(path), jobs::read_compared(path)})); });
  for (int trial = 0; trial < num_trials; ++trial)
    succeeds([&] {
      const auto explanation = jobs::explain(results, TrialId(trial));
      static_cast<void>(to_text(explanation));
      static_cast<void>(to_json(explanation));
    });
  succeeds([&] { static_cast<void>(jobs::recorded_curves(results)); });
  succeeds([&] { static_cast<void>(config::recorded_study(results.header.definition, {})); });
  static_cast<void>(store::differences(results, test::sample_results(num_trials)));
}

// As the same command does with what a killed sweep left.
void resume(const std::string& path) {
  store::Results so_far;
  auto writer = store::ResultsWriter::resume(path, so_far);
  writer.append(test::sample_epoch(0, 4));
  writer.commit();
  writer.seal(so_far);
  static_cast<void>(store::read_results(path));
}

}  // namespace
}  // namespace seqsweep::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seqsweep;
  fuzz::Input input(data, size);
  const auto& files = fuzz::whole_files();
  const auto which = input.byte();
  const auto path = fuzz::damaged_file("results.h5", files[which % files.size()], input);
  fuzz::succeeds([&] { fuzz::use(path); });
  if (which / files.size() % 4 == 0) fuzz::succeeds([&] { fuzz::resume(path); });
  return 0;
}
