// SPDX-License-Identifier: Apache-2.0
// Every rank runs every test; rank 0 prints, other ranks only their failures; the exit code is the worst of all ranks.
#include <cstdio>

#include <gtest/gtest.h>

#include "mpi_fixture.hpp"

namespace seqsweep::cluster {

const World& test_world() {
  static const World world;
  return world;
}

namespace {

class FailurePrinter final : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    std::fprintf(stderr, "rank %d: %s:%d: %s\n", test_world().rank(), result.file_name() ? result.file_name() : "",
                 result.line_number(), result.summary());
  }
};

}  // namespace
}  // namespace seqsweep::cluster

int main(int argc, char** argv) {
  using namespace seqsweep::cluster;
  testing::InitGoogleTest(&argc, argv);
  if (test_world().rank() > 0) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailurePrinter);
  }
  return RUN_ALL_TESTS();
}
