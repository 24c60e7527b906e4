// SPDX-License-Identifier: Apache-2.0
// In which order files come to the disk, and what becomes of a disk that lies. Loss of power cannot be tried here; the
// order of the calls is all that protects against it.
#include <algorithm>
#include <cstring>

#include <gmock/gmock.h>

#include "h5/scratch.hpp"
#include "store/recorded_disk.hpp"
#include "store/sample.hpp"

namespace seqsweep::store {
namespace {

using test::RecordedDisk;
using test::sample_header;
using test::sample_results;
using test::Scratch;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Disk, has_a_checkpoint_whole_before_it_gets_its_name) {
  const Scratch scratch;
  const RecordedDisk disk(scratch / "");
  write_checkpoint(scratch / "c.h5", test::sample_checkpoint());
  EXPECT_THAT(disk.events(), ElementsAre("write c.h5.*.tmp", "sync c.h5.*.tmp", "rename c.h5.*.tmp c.h5", "sync ."));
}

TEST(Disk, has_a_copy_of_a_checkpoint_under_its_name_when_it_is_made) {
  const Scratch scratch;
  write_checkpoint(scratch / "c.h5", test::sample_checkpoint());
  const RecordedDisk disk(scratch / "");
  copy_checkpoint(scratch / "c.h5", scratch / "d.h5");
  EXPECT_THAT(disk.events(), ElementsAre("link c.h5 c.h5.*.tmp", "rename c.h5.*.tmp d.h5", "sync ."));
}

TEST(Disk, has_a_live_file_whole_before_it_gets_its_name_and_its_lock_before_that) {
  const Scratch scratch;
  const RecordedDisk disk(scratch / "");
  const auto writer = ResultsWriter::create(scratch / "r.h5", sample_header());
  EXPECT_THAT(disk.events(),
              ElementsAre("write r.h5.lock.*", "link r.h5.lock.* r.h5.lock", "write r.h5.new", "sync r.h5.new",
                          "write r.h5.new",  // opened to append: it has to be before it has its name
                          "rename r.h5.new r.h5", "sync ."));
}

TEST(Disk, has_a_sealed_file_whole_before_it_takes_the_live_one_s_name) {
  const Scratch scratch;
  auto writer = ResultsWriter::create(scratch / "r.h5", sample_header());
  test::append_sample(writer, {0, 1});
  RecordedDisk disk(scratch / "");
  writer.seal(sample_results(2));
  auto events = disk.events();
  ASSERT_GE(events.size(), 4U);
  events.resize(4);  // then the live file, which has lost its name, is closed
  EXPECT_THAT(events, ElementsAre("write r.h5.sealed", "sync r.h5.sealed", "rename r.h5.sealed r.h5", "sync ."));
}

// The eight numbers of the row of /committed after append_sample() of five trials, but for the checksum.
std::size_t offset_of_committed(const std::string& content) {
  const std::int64_t rows[] = {5, 15, 45, 0, 10, 10, 5};
  const std::string bytes(reinterpret_cast<const char*>(rows), sizeof rows);
  const auto at = content.find(bytes);
  EXPECT_NE(at, std::string::npos);
  EXPECT_EQ(content.find(bytes, at + 1), std::string::npos) << "it could be confused with another";
  return at;
}

TEST(Disk, has_all_rows_before_the_number_that_says_how_many_count) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  auto writer = ResultsWriter::create(path, sample_header());
  RecordedDisk disk(scratch / "");
  test::append_sample(writer, {0, 1, 2, 3, 4});
  const auto writes = disk.writes();
  const auto at = offset_of_committed(test::bytes_of(path));
  const auto is_of_number = [at](const test::RecordedWrite& w) {
    return w.offset <= at && at < w.offset + w.num_bytes;
  };
  ASSERT_FALSE(writes.empty());
  EXPECT_TRUE(is_of_number(writes.back())) << "something was written behind it";
  EXPECT_EQ(std::count_if(writes.begin(), writes.end(), is_of_number), 2) << "once for each of two commits";
}

std::vector<std::string> header_differences(const ResultsHeader& a, const ResultsHeader& b) {
  std::vector<std::string> fields;
  const auto check = [&](const char* field, bool is_same) {
    if (!is_same) fields.emplace_back(field);
  };
  check("definition", a.definition == b.definition);
  check("metric", a.metric == b.metric && a.goal == b.goal && a.further_metrics == b.further_metrics);
  check("trials", a.trials == b.trials);
  check("dataset", a.dataset_name == b.dataset_name && a.dataset_fingerprint == b.dataset_fingerprint &&
                       a.dataset_provenance == b.dataset_provenance && a.dataset_description == b.dataset_description);
  check("floors", a.floor_rule == b.floor_rule && a.validation_floor.loss == b.validation_floor.loss &&
                      a.validation_floor.mae == b.validation_floor.mae && a.test_floor.rmse == b.test_floor.rmse);
  check("program", a.program_version == b.program_version && a.git_revision == b.git_revision &&
                       a.instruction_set == b.instruction_set);
  return fields;
}

// Every write of the sealed file, at its first, middle and last byte: noticed before the live file is gone, or
// harmless.
TEST(Disk, that_reads_back_other_bytes_than_were_written_is_noticed_before_the_live_file_is_gone) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  constexpr std::size_t first = 0, middle = 499'979, last = static_cast<std::size_t>(-1);
  int num_noticed = 0, num_harmless = 0;
  for (std::size_t nth = 0;; ++nth) {
    bool has_lied = false;
    for (const auto at : {first, middle, last}) {
      std::filesystem::remove(path);
      auto writer = ResultsWriter::create(path, sample_header());
      test::append_sample(writer, {0, 1});
      RecordedDisk disk(scratch / "");
      disk.lie(".sealed", nth, at);
      bool is_noticed = false;
      try {
        writer.seal(sample_results(2));
      } catch (const StoreError&) {
        is_noticed = true;
      }
      has_lied = disk.has_lied();
      if (!has_lied) break;
      const auto found = read_results(path);
      EXPECT_EQ(found.is_sealed, !is_noticed) << "write " << nth << ", byte " << at;
      EXPECT_THAT(differences(found, sample_results(2)), IsEmpty()) << "write " << nth << ", byte " << at;
      EXPECT_THAT(header_differences(found.header, sample_header()), IsEmpty()) << "write " << nth << ", byte " << at;
      EXPECT_FALSE(std::filesystem::exists(path + ".sealed"));
      ++(is_noticed ? num_noticed : num_harmless);
    }
    if (!has_lied) break;
  }
  EXPECT_GT(num_noticed, 20) << num_harmless << " were harmless";
}

}  // namespace
}  // namespace seqsweep::store
