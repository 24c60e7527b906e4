// SPDX-License-Identifier: Apache-2.0
// One byte of each table of a file that is not sealed: what a row holds is noticed to be another, or is not used.
#include <cstring>

#include <gmock/gmock.h>

#include "seqsweep/h5/file.hpp"
#include "seqsweep/store/schema.hpp"

#include "h5/scratch.hpp"
#include "repetitions.hpp"
#include "store/sample.hpp"

namespace seqsweep::store {
namespace {

using test::Scratch;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int num_trials = 3;

LiveState sample_live_state() {
  LiveState state;
  state.written_s = 2e9;
  state.started_s = 1e9;
  state.num_ranks = 4;
  state.num_idle = 1;
  state.stop_reason = "SIGTERM";
  LiveTeam team;
  team.trial = TrialId(2);
  team.from_epoch = 1;
  team.to_epoch = 3;
  team.epochs = 1.5;
  team.num_ranks = 2;
  team.ranks = "11,13";
  team.seconds = 17;
  state.teams = {team};
  return state;
}

// Metrics of a command, so that /metrics has rows as well.
Results sample_with_metrics() {
  auto results = test::sample_results(num_trials);
  for (auto& epoch : results.epochs) epoch.metrics = {{"f1", 0.25 * epoch.epoch}};
  return results;
}

// A file as a stopped sweep leaves it.
void write_stopped(const std::string& path) {
  auto writer = ResultsWriter::create(path, test::sample_header());
  const auto results = sample_with_metrics();
  for (const auto& decision : results.decisions) writer.append(decision);
  for (const auto& epoch : results.epochs) writer.append(epoch);
  for (const auto& segment : results.segments) writer.append(segment);
  for (const auto& leg : results.timing) writer.append(leg);
  for (int trial = 0; trial < num_trials; ++trial) {
    const auto last = test::sample_segment(trial, 1, 3);
    writer.put_trial(test::sample_trial(trial), &last);
  }
  writer.commit();
  writer.show(sample_live_state());
}

/// A table of the file: where its first row lies.
struct Place {
  std::string table;
  std::size_t offset = 0, num_bytes = 0;
};

h5::RowType with_checksum(h5::RowType rows) {
  rows.columns.push_back({"checksum", h5::Kind::i64, rows.row_bytes, 0, "", ""});
  rows.row_bytes += 8;
  return rows;
}

Place place_of(const std::string& path, const std::string& content, const TableFormat& format) {
  const auto file = h5::File::open(path, h5::Access::read);
  const auto rows = format.path == "/trials" ? format.rows : with_checksum(format.rows);
  const auto table = file.open_table(format.path, rows);
  std::string row(rows.row_bytes, '\0');
  table.read(0, std::as_writable_bytes(std::span(row)));
  const auto at = content.find(row);
  EXPECT_NE(at, std::string::npos) << format.path;
  EXPECT_EQ(content.find(row, at + 1), std::string::npos) << format.path << " has its first row twice";
  return {format.path, at, rows.row_bytes};
}

// Calls look(offset within the row) for each byte of the table's first row, while one bit of that byte is another.
template <class Look>
void with_each_byte_flipped(const std::string& path, const std::string& content, const Place& place, Look look) {
  for (std::size_t byte = 0; byte < place.num_bytes; byte += test::stride) {
    auto damaged = content;
    damaged[place.offset + byte] = static_cast<char>(damaged[place.offset + byte] ^ (1 << byte % 8));
    std::filesystem::remove(path);
    test::write_bytes(path, damaged);
    look(byte);
  }
}

class FlippedByte : public testing::Test {
 protected:
  FlippedByte() {
    write_stopped(path);
    content = test::bytes_of(path);
  }
  Scratch scratch;
  std::string path = scratch / "r.h5", content;
};

TEST_F(FlippedByte, of_a_row_that_is_written_once_is_an_error_that_names_table_and_row) {
  for (const auto& format : results_format(test::sample_header().dimensions)) {
    if (format.path == "/trials") continue;
    test::write_bytes(path, content);
    const auto place = place_of(path, content, format);
    with_each_byte_flipped(path, content, place, [&](std::size_t byte) {
      EXPECT_THAT(test::error_of([&] { (void)read_results(path); }), HasSubstr("table '" + format.path + "', row 0"))
          << "byte " << byte;
    });
  }
}

TEST_F(FlippedByte, of_the_numbers_that_say_how_many_rows_count_is_an_error) {
  const std::int64_t rows[] = {3, 9, 27, 9, 6, 6, 3};
  const std::string bytes(reinterpret_cast<const char*>(rows), sizeof rows);
  constexpr std::size_t checksum_bytes = 8;
  const Place place{"/committed", content.find(bytes), sizeof rows + checksum_bytes};
  ASSERT_NE(place.offset, std::string::npos);
  with_each_byte_flipped(path, content, place, [&](std::size_t byte) {
    EXPECT_THAT(test::error_of([&] { (void)read_results(path); }), HasSubstr("'/committed'")) << "byte " << byte;
  });
}

// A view that is overwritten in place has no checksum: nothing that a resume goes by may come from it.
TEST_F(FlippedByte, of_the_view_of_trials_reaches_no_record) {
  const auto place = place_of(path, content, results_format(test::sample_header().dimensions)[0]);
  const auto expected = sample_with_metrics();
  with_each_byte_flipped(path, content, place, [&](std::size_t byte) {
    try {
      auto found = read_results(path);
      found.trials = expected.trials;
      EXPECT_THAT(differences(found, expected), IsEmpty()) << "byte " << byte;
    } catch (const StoreError& error) {
      EXPECT_THAT(error.what(), HasSubstr("r.h5")) << "byte " << byte;
    }
  });
}

TEST_F(FlippedByte, of_what_runs_now_shows_nothing_rather_than_something_else) {
  const auto whole = read_results(path).live;
  ASSERT_TRUE(whole);
  for (const char* reason : {"SIGTERM", "11,13"}) {  // in /now, in /now_teams
    const Place place{reason, content.find(reason), std::strlen(reason)};
    ASSERT_NE(place.offset, std::string::npos);
    with_each_byte_flipped(path, content, place, [&](std::size_t byte) {
      EXPECT_FALSE(read_results(path).live) << reason << ", byte " << byte;
    });
  }
}

}  // namespace
}  // namespace seqsweep::store
