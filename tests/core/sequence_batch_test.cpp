// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/core/sequence_batch.hpp"

#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep {
namespace {

TEST(SequenceBatch, packs_rows_by_falling_length) {
  SequenceBatch batch;
  batch.lengths = {4, 2, 2, 1};
  pack_lengths(batch);
  EXPECT_EQ(batch.num_sequences, 4);
  EXPECT_EQ(batch.num_steps, 4);
  EXPECT_EQ(batch.rows_at, (std::vector<int>{4, 3, 1, 1}));
  EXPECT_EQ(batch.offset_at, (std::vector<int>{0, 4, 7, 8, 9}));
}

TEST(SequenceBatch, refuses_rising_lengths_and_empty_sequences) {
  SequenceBatch batch;
  batch.lengths = {1, 2};
  EXPECT_THROW(pack_lengths(batch), ContractViolation);
  batch.lengths = {1, 0};
  EXPECT_THROW(pack_lengths(batch), ContractViolation);
}

}  // namespace
}  // namespace seqsweep
