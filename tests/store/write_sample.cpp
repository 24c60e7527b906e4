// SPDX-License-Identifier: Apache-2.0
// Writes files for readback_test.py: sealed.h5 and checkpoint.h5, then live.h5, which grows by an epoch for every line
// on standard input, answered by a line.
#include <cstdio>
#include <iostream>
#include <string>

#include "store/sample.hpp"

int main(int, char** arguments) {
  using namespace seqsweep;
  const std::string folder = arguments[1];
  store::write_checkpoint(folder + "/checkpoint.h5", test::sample_checkpoint());
  auto sealed = store::ResultsWriter::create(folder + "/sealed.h5", test::sample_header());
  sealed.seal(test::sample_results(6));
  auto live = store::ResultsWriter::create(folder + "/live.h5", test::sample_header());
  test::append_sample(live, {0, 1});
  std::cout << "ready" << std::endl;
  int epoch = 3;
  for (std::string line; std::getline(std::cin, line);) {
    live.append(test::sample_epoch(1, ++epoch));
    live.commit();
    std::cout << "committed" << std::endl;
  }
}
