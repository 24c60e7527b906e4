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
    : layout_size_(layout.size),
      embedding_(nn::embedding_of(layout)),
      dense_begin_(embedding_ == nullptr ? 0 : embedding_->offset + embedding_->size()),
      leaves_(static_cast<std::size_t>(shards_together)),
      waiting_(static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(num_shards / shards_together)) - 1)) {
  for (auto* blocks : {&leaves_, &waiting_})
    for (auto& block : *blocks) {
      block.values.resize(layout_size_ + num_sums);
      if (embedding_ != nullptr) block.touched.reserve(static_cast<std::size_t>(embedding_->rows));
    }
}

void GradientTree::set_sums(int leaf, const StepSums& sums) {
  float* to = leaves_[static_cast<std::size_t>(leaf)].values.data() + layout_size_;
  to[0] = sums.loss;
  to[1] = sums.count;
  to[2] = sums.wants_stop;
}

StepSums GradientTree::sums() const {
  const float* sums = root_->values.data() + layout_size_;
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

void GradientTree::add_elements(std::size_t begin, std::size_t end) {
  for (const auto& [left, right] : additions_) nn::add_elements(*left, *right, begin, end);
}

void GradientTree::add_rows() {
  if (embedding_ == nullptr) return;
  for (const auto& [left, right] : additions_) nn::add_rows(*embedding_, *left, *right);
}

void GradientTree::join(int pass, int count) {
  plan(pass, count);
  add_elements(dense_begin_, layout_size_ + num_sums);
  add_rows();
  std::swap(waiting_[level_], *root_);
}

nn::PassHooks GradientTree::hooks_of_last(int pass, int count, Group& group) {
  plan(pass, count);
  finished_begin_ = finished_end_ = layout_size_;
  if (group.size() == 1) return {};
  return {.between_steps = [&group] { group.progress(); },
          .on_gradient = [this, &group](std::size_t begin, std::size_t end) { take_finished(begin, end, group); }};
}

/// Parts come from the back of the block to its front, each where the last began.
void GradientTree::take_finished(std::size_t begin, std::size_t end, Group& group) {
  add_elements(begin, end);
  finished_begin_ = begin;
  const bool is_all = begin == dense_begin_;
  if (is_all || finished_end_ - finished_begin_ < least_part) return;
  group.start_add_in_tree(std::span(root_->values).subspan(finished_begin_, finished_end_ - finished_begin_));
  finished_end_ = finished_begin_;
}

void GradientTree::join_all(Group& group) {
  add_elements(dense_begin_, finished_begin_);
  add_elements(layout_size_, layout_size_ + num_sums);
  add_rows();
  const std::span<float> block(root_->values);
  if (finished_end_ == layout_size_) {  // nothing is on its way: one message for all
    group.start_add_in_tree(block.subspan(dense_begin_, layout_size_ + num_sums - dense_begin_));
  } else {
    group.start_add_in_tree(block.subspan(dense_begin_, finished_end_ - dense_begin_));
    group.start_add_in_tree(block.subspan(layout_size_, num_sums));
  }
  group.finish_add_in_tree();
  if (embedding_ != nullptr && group.size() > 1) exchange_rows(group);
}

/// root_->touched becomes the rows that any rank touched; those that only others did begin with zeros.
void GradientTree::unite_touched(Group& group) {
  auto& touched = root_->touched;
  const auto num_ranks = static_cast<std::size_t>(group.size());
  const auto my_count = static_cast<double>(touched.size());
  all_rows_.resize(num_ranks);
  group.gather({&my_count, 1}, all_rows_);
  const auto most = static_cast<std::size_t>(*std::max_element(all_rows_.begin(), all_rows_.end()));
  constexpr double none = -1;
  my_rows_.assign(most, none);
  std::copy(touched.begin(), touched.end(), my_rows_.begin());
  all_rows_.resize(most * num_ranks);
  group.gather(my_rows_, all_rows_);

  const std::size_t mine = touched.size();
  const auto width = static_cast<std::size_t>(embedding_->columns);
  for (const double row : all_rows_) {
    if (row == none) continue;
    const auto token = static_cast<std::int32_t>(row);
    if (std::binary_search(touched.begin(), touched.begin() + static_cast<std::ptrdiff_t>(mine), token)) continue;
    touched.push_back(token);
    std::fill_n(root_->values.data() + embedding_->offset + static_cast<std::size_t>(token) * width, width, 0.0F);
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
}

void GradientTree::exchange_rows(Group& group) {
  unite_touched(group);
  const auto width = static_cast<std::size_t>(embedding_->columns);
  const auto row_of = [&](std::int32_t token) {
    return root_->values.data() + embedding_->offset + static_cast<std::size_t>(token) * width;
  };
  rows_.resize(root_->touched.size() * width);
  float* packed = rows_.data();
  for (const std::int32_t token : root_->touched) packed = std::copy_n(row_of(token), width, packed);
  group.add_in_tree(rows_);
  const float* sums = rows_.data();
  for (const std::int32_t token : root_->touched) {
    std::copy_n(sums, width, row_of(token));
    sums += width;
  }
}

}  // namespace seqsweep::trial
