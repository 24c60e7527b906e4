// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "seqsweep/nn/gradient_block.hpp"
#include "seqsweep/nn/network.hpp"
#include "seqsweep/trial/group.hpp"

namespace seqsweep::trial {

/// What is added up beside the gradient.
struct StepSums {
  float loss = 0;
  float count = 0;       ///< scored elements or rows
  float wants_stop = 0;  ///< ranks that were asked to stop
};

/// The gradient of one step: that of S shards, added in one fixed binary tree ((0+1)+(2+3))+…, first within each rank
/// of a group, which has an aligned block of them, then over the ranks. The bits are the same for every group.
///
/// A rank computes its shards in passes of a power of two, whose gradients the network adds up. Each ends in join(),
/// the last in join_all(); hooks_of_last() lets what is finished travel while the rest of the last pass goes on.
class GradientTree {
 public:
  GradientTree(const nn::ParameterLayout& layout, int num_shards, int shards_together);

  /// Where a pass puts the sum of its shards' gradients.
  [[nodiscard]] nn::GradientBlock& of_pass() { return of_pass_; }
  /// Those of the pass's shards, in order. [at most shards_together]
  void set_sums(std::span<const StepSums> of_shards);

  /// After pass number `pass`, not the last.
  void join(int pass);

  /// For the last pass. Collective over the group.
  [[nodiscard]] nn::PassHooks hooks_of_last(int pass, Group& group);
  void join_all(Group& group);

  // After join_all(), on every rank.
  [[nodiscard]] const nn::GradientBlock& gradient() const { return of_pass_; }
  [[nodiscard]] StepSums sums() const;

 private:
  void plan(int pass);
  void add_values(std::size_t begin, std::size_t end);
  void add_rows();
  void take_finished(std::size_t begin, std::size_t end, Group& group);
  const std::vector<std::int32_t>& touched_by_any(Group& group);
  void add_rows_over(Group& group);

  std::size_t num_values_;                  ///< of a gradient; the sums stand behind them
  std::size_t row_size_;                    ///< of the embedding; 0: none
  nn::GradientBlock of_pass_;               ///< at last that of the step
  std::vector<nn::GradientBlock> waiting_;  ///< [levels]: left subtrees that wait for their right sibling
  std::size_t complete_ = 0;                ///< left siblings that this pass is to be added to, from level 0 on
  std::vector<StepSums> sums_;              ///< [shards of a pass]
  std::size_t finished_begin_ = 0, finished_end_ = 0;  ///< added up on this rank, not yet on its way
  std::vector<double> my_rows_, all_rows_;
  std::vector<std::int32_t> union_;
};

}  // namespace seqsweep::trial
