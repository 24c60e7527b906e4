// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <string>

#include "seqsweep/cluster/world.hpp"

namespace seqsweep::jobs {

/// The exit code of the exception that is being handled, which is printed as one line on standard error, behind
/// `where`; another rank's error is that rank's to print.
[[nodiscard]] int report_current_error(const std::string& where = {});

/// Runs this rank's part of a job between MPI_Init and MPI_Finalize and returns its exit code. Standard output is rank
/// 0's alone. A rank that fails by itself, while others may wait for it, ends them all (World::has_parted()). All that
/// there is to say is said before MPI_Finalize: as soon as one rank exits with a code other than 0, mpirun ends the
/// others.
[[nodiscard]] int run_in_world(const std::function<int(const cluster::World&)>& part);

/// What `work` throws, for World::agree(); nothing where it succeeds.
[[nodiscard]] std::exception_ptr error_of(const std::function<void()>& work);

}  // namespace seqsweep::jobs
