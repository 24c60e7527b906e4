// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/store/checkpoint.hpp"

#include <cstring>
#include <tuple>

#include <gmock/gmock.h>

#include "h5/scratch.hpp"
#include "store/sample.hpp"

namespace seqsweep::store {
namespace {

using test::error_of;
using test::sample_checkpoint;
using test::Scratch;
using testing::HasSubstr;

bool are_same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

void expect_same(const Checkpoint& a, const Checkpoint& b) {
  EXPECT_EQ(a.trial, b.trial);
  EXPECT_EQ(a.network.cell, b.network.cell);
  EXPECT_EQ(a.network.hidden_size, b.network.hidden_size);
  EXPECT_EQ(a.network.bidirectional, b.network.bidirectional);
  EXPECT_EQ(a.network.dropout, b.network.dropout);
  EXPECT_EQ(a.network.head, b.network.head);
  EXPECT_EQ(a.network.loss, b.network.loss);
  ASSERT_EQ(a.layout.tensors.size(), b.layout.tensors.size());
  for (std::size_t t = 0; t < a.layout.tensors.size(); ++t) {
    const auto &x = a.layout.tensors[t], &y = b.layout.tensors[t];
    EXPECT_EQ(std::tie(x.name, x.rows, x.columns, x.offset, x.is_bias),
              std::tie(y.name, y.rows, y.columns, y.offset, y.is_bias));
  }
  EXPECT_EQ(a.layout.size, b.layout.size);
  EXPECT_EQ(a.definition, b.definition);
  EXPECT_EQ(a.point_text, b.point_text);
  EXPECT_EQ(a.dataset_fingerprint, b.dataset_fingerprint);
  EXPECT_EQ(a.dataset_name, b.dataset_name);
  EXPECT_TRUE(are_same_bits(a.feature_mean, b.feature_mean) && are_same_bits(a.feature_sd, b.feature_sd));
  EXPECT_TRUE(are_same_bits(a.target_mean, b.target_mean) && are_same_bits(a.target_sd, b.target_sd));
  const auto &s = a.state, &t = b.state;
  EXPECT_EQ(std::tie(s.epoch, s.batch, s.step, s.best_epoch, s.best_value),
            std::tie(t.epoch, t.batch, t.step, t.best_epoch, t.best_value));
  EXPECT_EQ(std::memcmp(&s.progress, &t.progress, sizeof s.progress), 0);
  EXPECT_TRUE(are_same_bits(s.weights, t.weights) && are_same_bits(s.slots, t.slots));
  EXPECT_TRUE(are_same_bits(s.best_weights, t.best_weights));
  Results histories[2];
  histories[0].epochs = s.history;
  histories[1].epochs = t.history;
  EXPECT_THAT(differences(histories[0], histories[1]), testing::IsEmpty());
}

TEST(Checkpoint, gives_back_every_bit) {
  const Scratch scratch;
  const auto path = scratch / "new folder/c.h5";
  write_checkpoint(path, sample_checkpoint());
  expect_same(read_checkpoint(path), sample_checkpoint());
  // Before the first epoch, with plain SGD.
  auto early = sample_checkpoint();
  early.state.best_weights.clear();
  early.state.slots.clear();
  early.state.history.clear();
  early.feature_mean.clear();
  early.feature_sd.clear();
  early.definition.clear();
  write_checkpoint(path, early);
  expect_same(read_checkpoint(path), early);
}

TEST(Checkpoint, equal_states_give_equal_bytes) {
  const Scratch scratch;
  write_checkpoint(scratch / "a.h5", sample_checkpoint());
  write_checkpoint(scratch / "b.h5", sample_checkpoint());
  EXPECT_TRUE(test::bytes_of(scratch / "a.h5") == test::bytes_of(scratch / "b.h5"));
}

TEST(Checkpoint, that_is_damaged_is_refused_or_whole) {
  const Scratch scratch;
  const auto path = scratch / "c.h5";
  write_checkpoint(path, sample_checkpoint());
  const auto whole = test::bytes_of(path);
  for (const std::size_t length : {whole.size() - 1, whole.size() / 2, std::size_t{300}, std::size_t{0}}) {
    std::filesystem::remove(path);
    test::write_bytes(path, whole.substr(0, length));
    EXPECT_THAT(error_of([&] { (void)read_checkpoint(path); }), HasSubstr("c.h5: is "));
  }
  int num_errors = 0;
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    std::filesystem::remove(path);
    test::write_bytes(path, bytes);
    try {
      expect_same(read_checkpoint(path), sample_checkpoint());
    } catch (const StoreError& error) {
      ++num_errors;
    }
  }
  EXPECT_GT(num_errors, 100);
}

TEST(Checkpoint, keeps_the_old_one_until_the_new_one_is_whole) {
  const Scratch scratch;
  const auto path = scratch / "c.h5";
  write_checkpoint(path, sample_checkpoint());
  auto bad = sample_checkpoint();
  bad.definition["broken"] = "two\nlines";
  EXPECT_THROW(write_checkpoint(path, bad), ContractViolation);
  expect_same(read_checkpoint(path), sample_checkpoint());
  int num_files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(scratch / "")) ++num_files;
  EXPECT_EQ(num_files, 1);
}

TEST(Checkpoint, is_copied_over_another_and_over_itself) {
  const Scratch scratch;
  const auto path = scratch / "c.h5", copy = scratch / "copy.h5";
  write_checkpoint(path, sample_checkpoint());
  test::write_bytes(copy, "half a copy");
  for (int times = 0; times < 2; ++times) copy_checkpoint(path, copy);
  expect_same(read_checkpoint(copy), sample_checkpoint());
  auto next = sample_checkpoint();
  next.state.epoch = 3;
  write_checkpoint(path, next);
  expect_same(read_checkpoint(copy), sample_checkpoint());
  int num_files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(scratch / "")) ++num_files;
  EXPECT_EQ(num_files, 2);
}

TEST(Checkpoint, has_a_name_beside_the_results) {
  EXPECT_EQ(checkpoint_path("out/weather.results.h5", TrialId(12)), "out/weather.results.ckpt/trial-000012.h5");
  EXPECT_EQ(checkpoint_path("r.h5", TrialId(1234567)), "r.ckpt/trial-1234567.h5");
}

}  // namespace
}  // namespace seqsweep::store
