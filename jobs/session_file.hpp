// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "seqsweep/store/results_file.hpp"

#include "sweep_session.hpp"

namespace seqsweep::jobs {

/// Whether the results file is there, of this sweep, sealed and not short of a trial.
[[nodiscard]] bool is_finished_already(const SweepSession& session);

/// What a resume would do first where the results file is there: the number of logical workers that it began with is
/// kept, and what cannot go on is refused. Changes no file.
void take_up(SweepSession& session);

/// Creates the results file, or opens the one that is there if it belongs to this sweep. A file's number of logical
/// workers is kept where the config leaves it open. Throws StoreError or ConfigError with the keys that differ.
[[nodiscard]] store::ResultsWriter open_results(SweepSession& session, store::Results& so_far);

/// The number of logical workers stays that of the file where the config leaves it open. Gives the config's own where
/// that is another.
std::optional<int> adopt_concurrency(SweepSession& session, const store::Results& found);
/// Throws ConfigError where the file belongs to another sweep. When a sweep ends is no part of what it is.
void refuse_another_sweep(const SweepSession& session, const store::Results& found);

/// Takes the replicates out of what was recorded.
void drop_replicates(store::Results& results);

}  // namespace seqsweep::jobs
