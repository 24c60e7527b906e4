// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/trial/gradient_tree.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace seqsweep::trial {
namespace {

constexpr std::size_t num_sums = 3;  // loss, count, wants_stop

// A part of the gradient that is worth a message of its own. [floats]
constexpr std::size_t least_part = 1 << 16;

}  // namespace

GradientTree::GradientTree(const nn::ParameterLayout& layout, int num_shards, int shards_together)
    : num_values_(layout.size - nn::dense_begin(layout)),
      row_size_(nn::embedding_of(layout) == nullptr ? 0 : static_cast<std::size_t>(nn::embedding_of(layout)->columns)),
      waiting_(static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(num_shards / shards_together)) - 1)) {
  of_pass_.values.resize(num_values_ + num_sums);
  for (auto& block : waiting_) block.values.resize(num_values_ + num_sums);
}

void GradientTree::set_sums(std::span<const StepSums> of_shards) {
  sums_.assign(of_shards.begin(), of_shards.end());
  for (std::size_t count = sums_.size(); count > 1; count /= 2)
    for (std::size_t i = 0; i < count; i += 2) {
      const StepSums &left = sums_[i], &right = sums_[i + 1];
      sums_[i / 2] = {left.loss + right.loss, left.count + right.count, left.wants_stop + right.wants_stop};
    }
  const StepSums& sums = sums_.front();
  std::ranges::copy(std::array{sums.loss, sums.count, sums.wants_stop}, of_pass_.values.begin() + num_values_);
}

StepSums GradientTree::sums() const {
  const float* sums = of_pass_.values.data() + num_values_;
  return {sums[0], sums[1], sums[2]};
}

/// A pass is added to each left sibling that its number's trailing ones say is complete.
void GradientTree::plan(int pass) {
  complete_ = static_cast<std::size_t>(std::countr_one(static_cast<unsigned>(pass)));
}

void GradientTree::add_values(std::size_t begin, std::size_t end) {
  for (std::size_t level = 0; level < complete_; ++level) nn::add_values(waiting_[level], of_pass_, begin, end);
}

void GradientTree::add_rows() {
  for (std::size_t level = 0; level < complete_; ++level) nn::add_rows(waiting_[level], of_pass_);
}

void GradientTree::join(int pass) {
  plan(pass);
  add_values(0, num_values_ + num_sums);
  add_rows();
  std::swap(waiting_[complete_], of_pass_);
}

nn::PassHooks GradientTree::hooks_of_last(int pass, Group& group) {
  plan(pass);
  finished_begin_ = finished_end_ = num_values_;
  if (group.size() == 1) return {};
  return {.between_steps = [&group] { group.progress(); },
          .on_gradient = [this, &group](std::size_t begin, std::size_t end) { take_finished(begin, end, group); }};
}

/// Parts come from the back of the block to its front, each where the last began.
void GradientTree::take_finished(std::size_t begin, std::size_t end, Group& group) {
  add_values(begin, end);
  finished_begin_ = begin;
  const bool is_all = begin == 0;
  if (is_all || finished_end_ - finished_begin_ < least_part) return;
  group.start_add_in_tree(std::span(of_pass_.values).subspan(finished_begin_, finished_end_ - finished_begin_));
  finished_end_ = finished_begin_;
}

void GradientTree::join_all(Group& group) {
  add_values(0, finished_begin_);
  add_values(num_values_, num_values_ + num_sums);
  add_rows();
  const std::span<float> block(of_pass_.values);
  if (finished_end_ == num_values_) {  // nothing is on its way: one message for all
    group.start_add_in_tree(block);
  } else {
    group.start_add_in_tree(block.first(finished_end_));
    group.start_add_in_tree(block.subspan(num_values_, num_sums));
  }
  group.finish_add_in_tree();
  if (row_size_ > 0 && group.size() > 1) add_rows_over(group);
}

/// The rows that any rank touched, rising, each once.
const std::vector<std::int32_t>& GradientTree::touched_by_any(Group& group) {
  const auto my_count = static_cast<double>(of_pass_.touched.size());
  all_rows_.resize(static_cast<std::size_t>(group.size()));
  group.gather({&my_count, 1}, all_rows_);
  const auto most = static_cast<std::size_t>(*std::max_element(all_rows_.begin(), all_rows_.end()));
  constexpr double none = -1;
  my_rows_.assign(most, none);
  std::copy(of_pass_.touched.begin(), of_pass_.touched.end(), my_rows_.begin());
  all_rows_.resize(most * static_cast<std::size_t>(group.size()));
  group.gather(my_rows_, all_rows_);

  union_.clear();
  for (const double row : all_rows_)
    if (row != none) union_.push_back(static_cast<std::int32_t>(row));
  std::sort(union_.begin(), union_.end());
  union_.erase(std::unique(union_.begin(), union_.end()), union_.end());
  return union_;
}

void GradientTree::add_rows_over(Group& group) {
  nn::touch(touched_by_any(group), row_size_, of_pass_);
  group.add_in_tree(of_pass_.rows);
}

}  // namespace seqsweep::trial
