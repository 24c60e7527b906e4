// SPDX-License-Identifier: Apache-2.0
// Writes the results of a sweep of many short trials, as a running sweep has them and sealed:
// write_large_sweep TRIALS LIVE.h5 SEALED.h5.
#include <cstdlib>

#include "report/sweeps.hpp"

namespace {

using namespace seqsweep;

// Gradients of two layers at eight distances after each epoch.
void add_gradient_flow(store::Results& results) {
  for (auto& epoch : results.epochs)
    for (int layer = 0; layer < 2; ++layer)
      for (int bin = 0; bin < 8; ++bin) epoch.gradient_flow.push_back({layer, bin, bin, 1.0 / (1 + bin + epoch.epoch)});
}

void append(store::ResultsWriter& writer, const store::Results& results) {
  for (const auto& trial : results.trials) writer.put_trial(trial, nullptr);
  for (const auto& decision : results.decisions) writer.append(decision);
  for (const auto& epoch : results.epochs) writer.append(epoch);
  for (const auto& segment : results.segments) writer.append(segment);
  for (const auto& timing : results.timing) writer.append(timing);
  writer.commit();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  auto results = test::large_sweep(std::atoi(argv[1]), 1, 5);
  add_gradient_flow(results);
  for (int i : {2, 3}) {
    auto writer = store::ResultsWriter::create(argv[i], results.header);
    append(writer, results);
    if (i == 3) writer.seal(results);
  }
  return 0;
}
