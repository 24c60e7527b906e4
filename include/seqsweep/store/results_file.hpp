// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "seqsweep/search/space.hpp"
#include "seqsweep/search/study.hpp"
#include "seqsweep/store/records.hpp"

namespace seqsweep::store {

/// What a results file says about its sweep as a whole.
struct ResultsHeader {
  std::map<std::string, std::string> definition;  ///< canonical "section.key" → text: all that makes the results
  std::vector<search::Dimension> dimensions;      ///< columns of /trials, in order
  std::string metric = "loss";                    ///< "val_loss", "val_accuracy" …
  search::Goal goal = search::Goal::minimize;
  std::vector<FurtherMetric> further_metrics;  ///< columns of /trials and /segment_results, in order
  int trials = 0;                              ///< the budget
  std::string dataset_name;
  std::string dataset_fingerprint;
  std::string dataset_provenance;       ///< the command and sources that made it
  std::string dataset_description;      ///< its contents, as `dataset info` prints them: lines of text
  Scores validation_floor, test_floor;  ///< of the trivial rule
  std::string floor_rule;               ///< "mean", "majority class", "persistence"
  std::string program_version, git_revision, instruction_set;
};

/// All that a results file holds, in memory.
struct Results {
  ResultsHeader header;
  bool is_sealed = false;
  std::vector<search::TrialRecord> trials;  ///< as far as recorded; values in the metric's own sense
  std::vector<search::Segment> decisions;
  std::vector<EpochRecord> epochs;
  std::vector<SegmentRecord> segments;
  std::vector<TimingRecord> timing;
  std::optional<LiveState> live;  ///< as last shown, of a file that is not sealed
};

/// The results file of a running sweep: one writer (the coordinator), any number of readers.
///
/// Append-only under SWMR. A record is *acknowledged* once `commit()` has returned: it survives kill -9 at any time.
/// An own lock file beside it (RESULTS.h5.lock, host and pid) keeps a second sweep away.
class ResultsWriter {
 public:
  /// A new results file. Throws StoreError where `path` exists.
  static ResultsWriter create(const std::string& path, const ResultsHeader& header);
  /// Goes on with a file that a sweep left, killed, stopped or sealed; its acknowledged records are put into `so_far`
  /// (each trial–epoch and trial–segment once). They are written anew to a live file, which then replaces the one
  /// found: until then that stays as it was. `amend` may change what is taken over (a larger budget in the header,
  /// records that it makes void), but not the dimensions. Throws StoreError where it is no results file, of another
  /// format version, or in use.
  static ResultsWriter resume(const std::string& path, Results& so_far,
                              const std::function<void(Results&)>& amend = nullptr);
  ~ResultsWriter();
  ResultsWriter(ResultsWriter&&) noexcept;
  ResultsWriter& operator=(ResultsWriter&&) noexcept;

  void append(const search::Segment& decision);  ///< to /segments, as decided
  void append(const EpochRecord& record);        ///< to /epochs and /gradient_flow
  void append(const SegmentRecord& record);      ///< to /segment_results
  void append(const TimingRecord& record);
  /// The row of a trial in /trials, appended (its id is the next row) or overwritten. Its numbers are those of
  /// `last_segment` (null: none yet); of `trial` only id, point, state and reason are written.
  void put_trial(const search::TrialRecord& trial, const SegmentRecord* last_segment);
  /// Makes all that was appended durable against kill -9. (Until then it is in memory only.) Where that fails
  /// (StoreError), all that was committed before is safe, and this writer is of no more use.
  void commit();
  /// Lets readers see what runs now. Errors as with commit(); a later resume does not take it over.
  void show(const LiveState& state);

  /// Rewrites the file in canonical order, compressed and with checksums, verifies it, and renames it into place.
  /// `final` holds exactly what belongs to the sweep (nothing that its Study did not decide). Ends the writing: the
  /// live file is closed, its lock removed.
  void seal(const Results& final);

 private:
  struct Body;
  explicit ResultsWriter(std::unique_ptr<Body> body);
  Body& body();
  void abandon();
  std::unique_ptr<Body> body_;
};

/// The process that writes a results file, as the lock file beside it says.
struct WriterProcess {
  enum class Life { runs, ended, unknown } life = Life::unknown;  ///< unknown: it is on another host
  std::string host, pid;
};
/// Nothing where no process holds the file.
[[nodiscard]] std::optional<WriterProcess> writer_of(const std::string& path);
/// Removes the lock of a process on this host that was killed, as between sealing the file and removing its lock.
/// Leaves any other lock alone.
void remove_lock_of_ended_writer(const std::string& path);

enum class Parts {
  all,
  without_details,  ///< epochs without gradient_flow and metrics: less to read
  without_epochs,   ///< leaves Results::epochs empty: much less to read
  header,           ///< nothing but the header and is_sealed
};

/// Reads a results file, live or sealed, each record once. A trial's curve comes from the recorded segments. Throws
/// StoreError with what is wrong.
[[nodiscard]] Results read_results(const std::string& path, Parts parts = Parts::all);

/// Gives the epochs of one trial their gradient_flow and metrics, which were left out when `results` were read.
void read_details(const std::string& path, TrialId trial, Results& results);

/// The last recorded segment of each trial, by trial number; null where there is none, and no longer than needed.
[[nodiscard]] std::vector<const SegmentRecord*> last_segments(const Results& results);

/// The differences between two results files, one line each, /timing and program version apart; empty: equal bit for
/// bit (NaN equals NaN). At most `limit` lines, then one that says how many more.
[[nodiscard]] std::vector<std::string> differences(const Results& a, const Results& b, std::size_t limit = 20);

}  // namespace seqsweep::store
