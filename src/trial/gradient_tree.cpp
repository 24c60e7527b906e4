// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/trial/gradient_tree.hpp"

#include <algorithm>
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
      leaves_(static_cast<std::size_t>(shards_together)),
      waiting_(static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(num_shards / shards_together)) - 1)) {
  for (auto* blocks : {&leaves_, &waiting_})
    for (auto& block : *blocks) block.values.resize(num_values_ + num_sums);
}

void GradientTree::set_sums(int leaf, const StepSums& sums) {
  float* to = leaves_[static_cast<std::size_t>(leaf)].values.data() + num_values_;
  to[0] = sums.loss;
  to[1] = sums.count;
  to[2] = sums.wants_stop;
}

StepSums GradientTree::sums() const {
  const float* sums = root_->values.data() + num_values_;
  return {sums[0], sums[1], sums[2]};
}

/// The additions after a pass: those within it, then one with each left sibling that its number's trailing ones say is
/// complete.
void GradientTree::plan(int pass, int count) {
  additions_.clear();
  const auto leaves = static_cast<std::size_t>(count);
  for (std::size_t width = 1; width < leaves; width *= 2)
    for (std::size_t left = width - 1; left + width < leaves; left += 2 * width)
      additions_.emplace_back(&leaves_[left], &leaves_[left + width]);
  root_ = &leaves_[leaves - 1];
  level_ = 0;
  for (int n = pass; (n & 1) != 0; n >>= 1) additions_.emplace_back(&waiting_[level_++], root_);
}

void GradientTree::add_values(std::size_t begin, std::size_t end) {
  for (const auto& [left, right] : additions_) nn::add_values(*left, *right, begin, end);
}

void GradientTree::add_rows() {
  for (const auto& [left, right] : additions_) nn::add_rows(*left, *right);
}

void GradientTree::join(int pass, int count) {
  plan(pass, count);
  add_values(0, num_values_ + num_sums);
  add_rows();
  std::swap(waiting_[level_], *root_);
}

nn::PassHooks GradientTree::hooks_of_last(int pass, int count, Group& group) {
  plan(pass, count);
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
  group.start_add_in_tree(std::span(root_->values).subspan(finished_begin_, finished_end_ - finished_begin_));
  finished_end_ = finished_begin_;
}

void GradientTree::join_all(Group& group) {
  add_values(0, finished_begin_);
  add_values(num_values_, num_values_ + num_sums);
  add_rows();
  const std::span<float> block(root_->values);
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
  const auto my_count = static_cast<double>(root_->touched.size());
  all_rows_.resize(static_cast<std::size_t>(group.size()));
  group.gather({&my_count, 1}, all_rows_);
  const auto most = static_cast<std::size_t>(*std::max_element(all_rows_.begin(), all_rows_.end()));
  constexpr double none = -1;
  my_rows_.assign(most, none);
  std::copy(root_->touched.begin(), root_->touched.end(), my_rows_.begin());
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
  nn::touch(touched_by_any(group), row_size_, *root_);
  group.add_in_tree(root_->rows);
}

}  // namespace seqsweep::trial
