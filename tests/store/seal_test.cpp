// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include <gmock/gmock.h>

#include "seqsweep/h5/file.hpp"

#include "h5/scratch.hpp"
#include "store/sample.hpp"

namespace seqsweep::store {
namespace {

using test::append_sample;
using test::sample_results;
using test::Scratch;
using testing::IsEmpty;

// A live file of these trials, sealed; its timings differ with `clock_s`.
void write_sealed_sample(const std::string& path, const std::vector<int>& order, double clock_s) {
  auto writer = ResultsWriter::create(path, test::sample_header());
  append_sample(writer, order);
  auto final = read_results(path);
  for (auto& leg : final.timing) leg.started_s += clock_s;
  writer.seal(final);
}

TEST(Seal, equal_content_gives_equal_files_in_whatever_order_it_arrived) {
  const Scratch scratch;
  write_sealed_sample(scratch / "a.h5", {0, 1, 2, 3, 4, 5}, 0);
  write_sealed_sample(scratch / "b.h5", {5, 3, 1, 0, 2, 4}, 0);
  write_sealed_sample(scratch / "c.h5", {5, 3, 1, 0, 2, 4}, 12.5);
  EXPECT_TRUE(test::bytes_of(scratch / "a.h5") == test::bytes_of(scratch / "b.h5"));
  const auto h5diff = [&](const std::string& options) {
    return std::system(
        ("h5diff " + options + " " + scratch / "a.h5" + " " + (scratch / "c.h5") + " > /dev/null").c_str());
  };
  EXPECT_EQ(h5diff("--exclude-path /timing"), 0);
  EXPECT_NE(h5diff(""), 0);
}

TEST(Seal, gives_back_everything_and_leaves_no_other_file) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  write_sealed_sample(path, {2, 1, 0}, 0);
  const auto found = read_results(path);
  EXPECT_TRUE(found.is_sealed);
  EXPECT_THAT(differences(found, sample_results(3)), IsEmpty());
  EXPECT_EQ(found.decisions.back().trial, TrialId(0));  // in the order of decision
  int num_files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(scratch / "")) ++num_files;
  EXPECT_EQ(num_files, 1);
}

TEST(Seal, a_sealed_file_goes_on_and_is_sealed_again) {
  const Scratch scratch;
  write_sealed_sample(scratch / "once.h5", {0, 1, 2, 3, 4}, 0);
  write_sealed_sample(scratch / "twice.h5", {0, 1}, 0);
  Results so_far;
  auto writer = ResultsWriter::resume(scratch / "twice.h5", so_far);
  EXPECT_THAT(differences(so_far, sample_results(2)), IsEmpty());
  EXPECT_FALSE(read_results(scratch / "twice.h5").is_sealed);
  writer.seal(sample_results(5));
  EXPECT_TRUE(test::bytes_of(scratch / "once.h5") == test::bytes_of(scratch / "twice.h5"));
}

TEST(Seal, a_damaged_row_is_noticed) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  write_sealed_sample(path, {0, 1, 2}, 0);
  const auto whole = test::bytes_of(path);
  int num_errors = 0;
  for (std::size_t at = 100; at < whole.size(); at += 211) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    std::filesystem::remove(path);  // rewriting a file in place may wait for the disk
    test::write_bytes(path, bytes);
    try {
      EXPECT_THAT(differences(read_results(path), sample_results(3)), IsEmpty()) << at;
    } catch (const StoreError&) {
      ++num_errors;
    }
  }
  EXPECT_GT(num_errors, 30);
}

}  // namespace
}  // namespace seqsweep::store
