// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "nn/kernels/elementwise.hpp"

namespace seqsweep::nn::engine {

/// How the gradients of a block's parts are added: those of the shards they are, in a binary tree ((0+1)+(2+3))+…,
/// where shards of no sequences are no parts and count as zero.
class PartTree {
 public:
  /// The part that each shard is.
  void assign(std::span<const std::optional<std::size_t>> part_of_shard) {
    nodes_.assign(part_of_shard.begin(), part_of_shard.end());
    additions_.clear();
    for (; nodes_.size() > 1; nodes_.resize((nodes_.size() + 1) / 2))
      for (std::size_t left = 0; left < nodes_.size(); left += 2) {
        const auto right = left + 1 < nodes_.size() ? nodes_[left + 1] : std::nullopt;
        if (nodes_[left] && right) additions_.emplace_back(*nodes_[left], *right);
        nodes_[left / 2] = right ? right : nodes_[left];
      }
    root_ = nodes_.front().value_or(0);
  }

  /// Adds values_of(part), spans of one size that serve as memory, and returns where the sum stands.
  template <class ValuesOf>
  std::span<float> add_up(ValuesOf&& values_of) const {
    for (const auto& [left, right] : additions_) kernels::add(values_of(left), values_of(right));
    return values_of(root_);
  }

 private:
  std::vector<std::optional<std::size_t>> nodes_;
  std::vector<std::pair<std::size_t, std::size_t>> additions_;  ///< right += left, in order
  std::size_t root_ = 0;
};

}  // namespace seqsweep::nn::engine
