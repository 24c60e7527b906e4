// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>

#include <sys/stat.h>

#include "seqsweep/core/leave_behind.hpp"

#include "durable_file.hpp"
#include "header_io.hpp"
#include "live_state.hpp"
#include "lock_file.hpp"
#include "seal.hpp"
#include "tables.hpp"

namespace seqsweep::store {
namespace {

/// A table of a live file and the rows that wait for the next commit.
template <class Record>
class LiveTable {
 public:
  LiveTable(const RowFormat<Record>& format, const h5::File& file)
      : format_(&format), table_(file.open_table(format.path, format.type)) {}

  void append(const Record& record) { format_->encode(record, waiting_); }
  /// Row `row` becomes `record`; it may be the next one.
  void put(std::size_t row, const Record& record) {
    const std::size_t row_bytes = format_->type.row_bytes, known = table_.num_rows();
    SEQSWEEP_EXPECT(row <= known + waiting_.size() / row_bytes, "trials are recorded in the order of their numbers");
    std::vector<std::byte> bytes;
    format_->encode(record, bytes);
    if (row < known) {
      changed_[row] = std::move(bytes);
    } else {
      waiting_.resize(std::max(waiting_.size(), (row - known + 1) * row_bytes));
      std::copy(bytes.begin(), bytes.end(), waiting_.begin() + static_cast<std::ptrdiff_t>((row - known) * row_bytes));
    }
  }
  /// Returns how many rows there are now, all of them flushed.
  std::int64_t flush() {
    if (!waiting_.empty() || !changed_.empty()) {
      if (!waiting_.empty()) table_.append(waiting_);
      overwrite_changed();
      table_.flush();
      waiting_.clear();
      changed_.clear();
    }
    return static_cast<std::int64_t>(table_.num_rows());
  }

 private:
  // Neighbouring rows at once: each call costs HDF5 as much as hundreds of rows.
  void overwrite_changed() {
    std::vector<std::byte> rows;
    for (auto next = changed_.begin(); next != changed_.end();) {
      const std::size_t first = next->first;
      std::size_t end = first;
      rows.clear();
      for (; next != changed_.end() && next->first == end; ++next, ++end)
        rows.insert(rows.end(), next->second.begin(), next->second.end());
      table_.overwrite(first, rows);
    }
  }

  const RowFormat<Record>* format_;
  h5::Table table_;
  std::vector<std::byte> waiting_;
  std::map<std::size_t, std::vector<std::byte>> changed_;
};

bool exists(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

template <class Record>
std::int64_t write_live(h5::File& file, const RowFormat<Record>& format, std::span<const Record> records) {
  write_table(file, format, records, TableUse::live);
  return static_cast<std::int64_t>(records.size());
}

void write_live_file(const std::string& path, const Tables& tables, const Results& so_far) {
  auto file = h5::File::create(path, h5::Space::paged);
  constexpr bool is_sealed = false;
  write_header(file, so_far.header, is_sealed);
  Committed now;
  now.trials = write_live<TrialRow>(file, tables.trials, trial_rows(so_far));
  now.epochs = write_live<EpochRecord>(file, tables.epochs, so_far.epochs);
  now.gradient_flow = write_live<FlowRow>(file, tables.gradient_flow, flow_rows(so_far.epochs));
  now.metrics = write_live<MetricRow>(file, tables.metrics, metric_rows(so_far.epochs));
  now.segments = write_live<search::Segment>(file, tables.segments, so_far.decisions);
  now.segment_results = write_live<SegmentRecord>(file, tables.segment_results, so_far.segments);
  now.timing = write_live<TimingRecord>(file, tables.timing, so_far.timing);
  write_live<Committed>(file, committed_rows(), {&now, 1});
  create_live_state(file);
  file.close();
  sync(path);
}

/// Puts a live file with what is known so far in the place of `path`, opened to append. It is open before it has its
/// name, so that under this name it is always a file that readers can open.
h5::File new_live_file(const std::string& path, const Tables& tables, const Results& so_far) {
  const TemporaryFile temporary(path + ".new");
  write_live_file(temporary.path(), tables, so_far);
  auto file = h5::File::open(temporary.path(), h5::Access::append);
  file.rename(path);
  sync(folder_of(path));
  return file;
}

}  // namespace

struct ResultsWriter::Body {
  /// Writes what is known so far to a new file and puts it in the place of `path_`.
  Body(std::unique_ptr<LockFile> lock_, const std::string& path_, const Results& so_far)
      : lock(std::move(lock_)),
        path(path_),
        formats(so_far.header, TableUse::live),
        file(new_live_file(path_, formats, so_far)),
        trials(formats.trials, file),
        epochs(formats.epochs, file),
        gradient_flow(formats.gradient_flow, file),
        metrics(formats.metrics, file),
        segments(formats.segments, file),
        segment_results(formats.segment_results, file),
        timing(formats.timing, file),
        committed_format(committed_rows()),
        committed(file.open_table(committed_format.path, committed_format.type)),
        live_state(file) {}

  void put(const TrialRow& row) {
    SEQSWEEP_EXPECT(row.trial.value >= 0, "a trial without a number");
    trials.put(static_cast<std::size_t>(row.trial.value), row);
  }

  void append(const EpochRecord& record) {
    epochs.append(record);
    for (const auto& row : flow_rows({&record, 1})) gradient_flow.append(row);
    for (const auto& row : metric_rows({&record, 1})) metrics.append(row);
  }

  void commit() {
    Committed now;
    now.trials = trials.flush();
    now.epochs = epochs.flush();
    now.gradient_flow = gradient_flow.flush();
    now.metrics = metrics.flush();
    now.segments = segments.flush();
    now.segment_results = segment_results.flush();
    now.timing = timing.flush();
    committed.overwrite(0, committed_format.encode(std::span<const Committed>(&now, 1)));
    committed.flush();
  }

  std::unique_ptr<LockFile> lock;  // outlives the file
  std::string path;
  Tables formats;
  h5::File file;
  LiveTable<TrialRow> trials;
  LiveTable<EpochRecord> epochs;
  LiveTable<FlowRow> gradient_flow;
  LiveTable<MetricRow> metrics;
  LiveTable<search::Segment> segments;
  LiveTable<SegmentRecord> segment_results;
  LiveTable<TimingRecord> timing;
  RowFormat<Committed> committed_format;
  h5::Table committed;
  LiveStateTables live_state;
};

ResultsWriter::ResultsWriter(std::unique_ptr<Body> body) : body_(std::move(body)) {}
ResultsWriter::~ResultsWriter() = default;
ResultsWriter::ResultsWriter(ResultsWriter&&) noexcept = default;
ResultsWriter& ResultsWriter::operator=(ResultsWriter&&) noexcept = default;

ResultsWriter ResultsWriter::create(const std::string& path, const ResultsHeader& header) {
  if (!std::filesystem::is_directory(folder_of(path)))
    throw StoreError(
        fmt::format("cannot be made, its folder '{}' does not exist; make the folder first", folder_of(path)), path);
  auto lock = std::make_unique<LockFile>(path);
  if (exists(path)) throw StoreError("exists already and is not overwritten; choose another name, or remove it", path);
  Results nothing;
  nothing.header = header;
  return ResultsWriter(std::make_unique<Body>(std::move(lock), path, nothing));
}

ResultsWriter ResultsWriter::resume(const std::string& path, Results& so_far,
                                    const std::function<void(Results&)>& amend) {
  if (!exists(path)) throw StoreError("there is no such file; check the path", path);
  auto lock = std::make_unique<LockFile>(path);
  so_far = read_results(path);
  if (amend) amend(so_far);
  return ResultsWriter(std::make_unique<Body>(std::move(lock), path, so_far));
}

ResultsWriter::Body& ResultsWriter::body() {
  SEQSWEEP_EXPECT(body_ != nullptr, "a results file is written that is sealed, or could not be written");
  return *body_;
}

void ResultsWriter::append(const search::Segment& decision) {
  body().segments.append(decision);
}
void ResultsWriter::append(const EpochRecord& record) {
  body().append(record);
}
void ResultsWriter::append(const SegmentRecord& record) {
  body().segment_results.append(record);
}
void ResultsWriter::append(const TimingRecord& record) {
  body().timing.append(record);
}
void ResultsWriter::put_trial(const search::TrialRecord& trial, const SegmentRecord* last_segment) {
  body().put(row_of(trial, last_segment));
}

void ResultsWriter::commit() {
  try {
    body().commit();
  } catch (const StoreError&) {
    abandon();
    throw;
  }
}

void ResultsWriter::show(const LiveState& state) {
  try {
    body().live_state.put(state);
  } catch (const StoreError&) {
    abandon();
    throw;
  }
}

void ResultsWriter::seal(const Results& final) {
  try {
    const TemporaryFile temporary(body().path + ".sealed");
    write_sealed(temporary.path(), final);
    put_in_place(temporary.path(), body().path);
  } catch (const StoreError&) {
    abandon();
    throw;
  }
  body_.reset();
}

// Where one write failed others may succeed: closing the file would leave some of what belongs together. So nothing of
// HDF5's is closed, and the file stays as if its writer had been killed.
void ResultsWriter::abandon() {
  const auto lock = std::move(body_->lock);
  leave_behind(std::move(body_));
}

}  // namespace seqsweep::store
