// SPDX-License-Identifier: Apache-2.0
#include "data/copy_row.hpp"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace seqsweep::data {
namespace {

TEST(CopyRow, copies_rows_of_every_size_and_nothing_else) {
  for (std::size_t size = 0; size < 300; ++size) {
    std::vector<float> from(size), to(size + 2, -1), expected(size + 2, -1);
    std::iota(from.begin(), from.end(), 1);
    std::iota(expected.begin() + 1, expected.end() - 1, 1);
    copy_row(from.data(), size, to.data() + 1);
    ASSERT_EQ(to, expected) << size;
  }
}

TEST(CopyRow, constant_sizes_are_the_size_that_was_given) {
  for (std::size_t size = 0; size < 20; ++size) {
    std::vector<float> from(size, 3), to(size + 1, -1), expected(size + 1, 3);
    expected.back() = -1;
    with_row_size(size, [&](auto constant) { copy_row(from.data(), constant, to.data()); });
    ASSERT_EQ(to, expected) << size;
  }
}

}  // namespace
}  // namespace seqsweep::data
