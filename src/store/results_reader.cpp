// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <thread>

#include "header_io.hpp"
#include "live_state.hpp"
#include "record_checks.hpp"
#include "tables.hpp"

namespace seqsweep::store {
namespace {

/// How many rows of each table count; nothing of a sealed file, where all do.
std::optional<Committed> read_committed(const h5::File& file) {
  if (is_sealed(file)) return std::nullopt;
  constexpr int most_looks = 10;
  for (int look = 1;; ++look) try {
      const auto rows = read_records(file, committed_rows());
      if (rows.size() == 1) return rows[0];
      throw StoreError("does not say how many rows count ('/committed'); it is damaged", file.path());
    } catch (const StoreError&) {
      if (look == most_looks) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // its writer was in the middle of the row
    }
}

// The curves as the Study keeps them, but in the metric's own sense.
std::vector<search::TrialRecord> trial_records(const std::vector<TrialRow>& rows, const Results& results) {
  const bool is_minimized = results.header.goal == search::Goal::minimize;
  const double worst = std::numeric_limits<double>::infinity() * (is_minimized ? 1 : -1);
  std::vector<search::TrialRecord> trials;
  std::map<TrialId, std::size_t> index;
  for (const auto& row : rows) {
    index.emplace(row.trial, trials.size());
    search::TrialRecord trial;
    trial.id = row.trial;
    trial.point = row.point;
    trial.state = row.state;
    trial.reason = row.reason;
    trial.parent = row.parent;
    trials.push_back(std::move(trial));
  }
  for (const auto& segment : results.segments) {
    const bool has_value = segment.ending == search::Ending::reached || segment.ending == search::Ending::exhausted;
    if (const auto found = index.find(segment.trial); found != index.end())
      trials[found->second].curve.push_back({segment.last_epoch, has_value ? segment.value : worst});
  }
  for (auto& trial : trials)
    std::stable_sort(trial.curve.begin(), trial.curve.end(),
                     [](const auto& a, const auto& b) { return a.epoch < b.epoch; });
  return trials;
}

// The first row of this trial or a later one, in a table that is in order of trials.
template <class Row>
std::size_t first_row_from(int trial, const h5::File& file, const h5::Table& table, const RowFormat<Row>& format) {
  std::size_t first = 0, end = table.num_rows();
  while (first < end) {
    const std::size_t middle = first + (end - first) / 2;
    const bool is_before = read_rows(file, table, format, middle, middle + 1)[0].trial.value < trial;
    (is_before ? first : end) = is_before ? middle + 1 : middle;
  }
  return first;
}

// The rows of one trial; those of a sealed file lie together.
template <class Row>
std::vector<Row> rows_of(TrialId trial, const h5::File& file, const RowFormat<Row>& format,
                         std::optional<std::int64_t> num_rows) {
  if (num_rows) return read_records(file, format, num_rows);
  const h5::Table table = file.open_table(format.path, format.type);
  const auto first = first_row_from(trial.value, file, table, format);
  const auto end = first_row_from(trial.value + 1, file, table, format);
  return read_rows(file, table, format, first, std::max(first, end));
}

std::optional<std::int64_t> count_in(const std::optional<Committed>& committed, std::int64_t Committed::*table) {
  return committed ? std::optional((*committed).*table) : std::nullopt;
}

}  // namespace

Results read_results(const std::string& path, Parts parts) {
  const auto file = h5::File::open(path, h5::Access::read);
  check_kind(file, results_kind);
  // First: a live file may grow while it is read.
  const auto committed = read_committed(file);
  const auto count_of = [&](std::int64_t Committed::*table) { return count_in(committed, table); };
  Results results;
  results.header = read_header(file);
  results.is_sealed = !committed;
  if (parts == Parts::header) return results;
  const Tables tables(results.header, committed ? TableUse::live : TableUse::sealed);
  results.decisions = read_records(file, tables.segments, count_of(&Committed::segments));
  results.segments = read_records(file, tables.segment_results, count_of(&Committed::segment_results));
  results.timing = read_records(file, tables.timing, count_of(&Committed::timing));
  const auto trials = read_records(file, tables.trials, count_of(&Committed::trials));
  if (parts != Parts::without_epochs) results.epochs = read_records(file, tables.epochs, count_of(&Committed::epochs));
  check_records(results, trials, path);
  drop_repeats(results);
  if (parts == Parts::all) {
    attach(read_records(file, tables.gradient_flow, count_of(&Committed::gradient_flow)), results.epochs);
    attach(read_records(file, tables.metrics, count_of(&Committed::metrics)), results.epochs);
  }
  results.trials = trial_records(trials, results);
  if (committed) results.live = read_live_state(file);
  return results;
}

void read_details(const std::string& path, TrialId trial, Results& results) {
  const auto file = h5::File::open(path, h5::Access::read);
  check_kind(file, results_kind);
  const auto committed = read_committed(file);
  const Tables tables(results.header, committed ? TableUse::live : TableUse::sealed);
  std::vector<EpochRecord> of_trial;
  for (auto& epoch : results.epochs)
    if (epoch.trial == trial) of_trial.push_back(std::move(epoch));
  const auto count_of = [&](std::int64_t Committed::*table) { return count_in(committed, table); };
  attach(rows_of(trial, file, tables.gradient_flow, count_of(&Committed::gradient_flow)), of_trial);
  attach(rows_of(trial, file, tables.metrics, count_of(&Committed::metrics)), of_trial);
  auto next = of_trial.begin();
  for (auto& epoch : results.epochs)
    if (epoch.trial == trial) epoch = std::move(*next++);
}

}  // namespace seqsweep::store
