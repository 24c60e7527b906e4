// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "seqsweep/h5/file.hpp"
#include "seqsweep/search/space.hpp"
#include "seqsweep/store/records.hpp"

// The format page: what lies in a results file and in a checkpoint. Version 1.
//
// Every table is a one-dimensional data set of compound rows, read by pandas.DataFrame(file["epochs"][:]). Its
// attribute "description" says what a row is, "columns" has a line for each column with unit and meaning;
// src/store/schema.cpp defines them, for writer and reader alike. Integers are int64, numbers float64 (NaN: does not
// apply, or unknown yet), words and texts zero-padded UTF-8 of a fixed length (longer ones are cut).
//
// RESULTS.h5
//   /trials           a row per trial, row number = trial; the last columns are the dimensions of the search
//   /epochs           a row per finished epoch of a trial
//   /gradient_flow    how much of the loss gradient arrives how far back in time, after an epoch
//   /metrics          a row per number that a command printed, where the trials are commands
//   /segments         what was decided: train a trial from here to there, and why
//   /segment_results  what came of it
//                     With several objectives /trials and /segment_results have, after best_epoch, a column for each
//                     but the first, with its name in sweep.metric: what it was at best_epoch
//   /timing           where and when it ran; the only table that may differ between two runs of the same config
//   /dimensions       the search space: attributes "000", "001" … are lists [key, kind, arguments …],
//                     "000.if" lists [key, values …] on which the dimension depends
//   /committed        of a live file only: one row with the number of rows that count in each table
//   /now, /now_teams  of a live file only: who works on what at the moment, about once a second; a view like /trials,
//                     and there may be none
// Attributes of the root
//   seqsweep "results of a hyperparameter sweep", format_version, sealed (0 or 1);
//   definition        all settings that make the results, "section.key = value" lines, sorted
//   description       these lines in short, for those who meet the file elsewhere
//   metric, goal, trials (the budget);
//   dataset_name, dataset_fingerprint, dataset_provenance (the command and sources that made it),
//   dataset_description (its contents: lines of text);
//   further_metrics, further_goals    lists, only with several objectives: of those after the first;
//   validation_floor, test_floor   what the trivial rule `floor_rule` scores: [loss, accuracy, mae, rmse, r2]
//   program_version, git_revision, instruction_set.
//
// A *live* file is appended to under SWMR: readers may look at any time (h5py: libver="latest", swmr=True). First the
// rows of a table are flushed, then their new number in /committed; rows beyond that number may be torn and do not
// count. The last column of each table but /trials is a checksum of the row. Rows come in the order in which they
// arrived, and may be there twice where work was repeated: the first one holds (repeated work gives the same bits).
// /trials is overwritten in place as trials go on. A *sealed* file has each row once and in canonical order: trials by
// number; epochs and segment_results by trial and epoch; gradient_flow also by layer and distance, metrics by name;
// segments as decided; timing by start. It is compressed, every chunk has a checksum, and but for /timing it holds
// nothing of clock, host or path (what dataset_provenance names is part of the data set).
//
// RESULTS.ckpt/trial-000012.h5 (a checkpoint, not compressed, with checksums)
//   /weights/NAME     the best epoch's tensors (before the first finished epoch: the current ones) by PyTorch's names,
//   in
//                     PyTorch's shapes and gate order, float32; attributes offset [elements] and is_bias (0 or 1).
//                     Attributes of the group: tensors (names in order), size [elements]
//   /state            weights [P], slots [num_slots × P] (the optimizer's memory) as they are now. Attributes: epoch,
//   batch,
//                     step, has_best, best_epoch, best_value, loss_sum, count, norm_sum, norm_max, clipped_steps
//   /normalisation    feature_mean, feature_sd [D], target_mean, target_sd [K]: normalised = (raw - mean) / sd
//   /history, /gradient_flow   as /epochs and /gradient_flow above, of this trial
// Attributes of the root: seqsweep "checkpoint of one trial", format_version, trial, point, definition, dataset_name,
// dataset_fingerprint, and the network's spec as network.cell, network.hidden_size …
namespace seqsweep::store {

constexpr int format_version = 1;
constexpr const char* results_kind = "results of a hyperparameter sweep";
constexpr const char* checkpoint_kind = "checkpoint of one trial";

/// One table of a results file.
struct TableFormat {
  std::string path;
  std::string description;
  h5::RowType rows;
};

/// Every table of a results file of this search space and these further metrics, but /committed.
[[nodiscard]] std::vector<TableFormat> results_format(std::span<const search::Dimension> dimensions,
                                                      std::span<const FurtherMetric> further_metrics = {});

}  // namespace seqsweep::store
