// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "seqsweep/search/trial_record.hpp"
#include "seqsweep/search/unit_cube.hpp"

namespace seqsweep::search {

/// A trial that an earlier sweep trained, to learn from.
struct PriorTrial {
  Point point;
  std::vector<Measurement> curve;  ///< to be minimised, epochs rising; empty: it diverged or failed
  Objectives objectives = {};      ///< as of the last measurement; empty: the last of the curve is the only one
};

/// What the search knows at some virtual time: the trials begun so far and what was measured of them. Samplers see
/// nothing else.
///
/// Trials stand in rows: first those of earlier sweeps, then those of this one in order of id.
class History {
 public:
  /// What a trial came to at a level of training.
  struct Observation {
    double value = 0;  ///< best so far, to be minimised; +infinity: diverged or failed
    std::size_t row = 0;
    auto operator<=>(const Observation&) const = default;
  };
  /// Trials that can be compared: all were measured after `epoch` epochs, or ended before (early stopping, divergence).
  struct Level {
    int epoch = 0;
    std::vector<Observation> observations;  ///< best first, ties by row
    std::size_t num_unsorted = 0;           ///< at its end; none where a sampler sees it
  };

  explicit History(SearchSpace space, std::span<const PriorTrial> prior = {});

  [[nodiscard]] const UnitCube& cube() const { return cube_; }
  [[nodiscard]] std::size_t num_rows() const { return num_prior_ + trials_.size(); }
  /// Of a trial of any sweep: its coordinates in the cube.
  [[nodiscard]] std::span<const double> coordinates(std::size_t row) const {
    return {coordinates_.data() + row * cube_.size(), cube_.size()};
  }
  /// Of a trial of any sweep: as of its last measurement; empty while nothing is measured.
  [[nodiscard]] const Objectives& objectives(std::size_t row) const {
    return row < num_prior_ ? prior_objectives_[row] : trials_[row - num_prior_].objectives;
  }
  /// This sweep's trials, by id.
  [[nodiscard]] std::span<const TrialRecord> trials() const { return trials_; }
  [[nodiscard]] std::size_t row_of(TrialId trial) const { return num_prior_ + static_cast<std::size_t>(trial.value); }
  /// Nothing for a trial of an earlier sweep.
  [[nodiscard]] const TrialRecord* trial(std::size_t row) const {
    return row < num_prior_ ? nullptr : &trials_[row - num_prior_];
  }

  /// The highest level with at least `enough` observations; where there is none, the one with the most (the highest of
  /// equals). Nothing while nothing was measured. Valid until the next change.
  [[nodiscard]] const Level* level_with(std::size_t enough) const;
  /// Rows of trials that run and were never measured: points in flight.
  [[nodiscard]] std::vector<std::size_t> unmeasured() const;

  // What the Study does.
  TrialRecord& begin(Point point, const Parent& parent = {});
  [[nodiscard]] TrialRecord& record(TrialId trial) { return trials_[static_cast<std::size_t>(trial.value)]; }
  /// Takes the last measurement of this trial's curve into its level. `is_exhausted`: it would improve no more, so it
  /// counts on all higher levels, too.
  void measured(TrialId trial, bool is_exhausted);

 private:
  struct Ended {
    int epoch;
    Observation observation;
  };
  static void add(Level& level, const Observation& observation);
  static void sort(Level& level);
  void add_row(const Point& point);
  void insert(int epoch, Observation observation);
  void end(int epoch, Observation observation);

  UnitCube cube_;
  std::size_t num_prior_ = 0;
  std::vector<Objectives> prior_objectives_;
  std::vector<TrialRecord> trials_;
  std::vector<double> coordinates_;      // [rows × dimensions]
  mutable std::map<int, Level> levels_;  // by epoch; sorted when they are looked at
  std::vector<Ended> ended_;             // they count on every level above the one where they ended
};

}  // namespace seqsweep::search
