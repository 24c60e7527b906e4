// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace seqsweep::cluster {

/// Whether mpirun or srun started this process as a rank.
[[nodiscard]] bool was_launched();

/// Throws where a launcher started this process as one of several, and MPI sees `world_size` = 1: an mpirun of another
/// MPI, or srun without its plugin. Each process would take itself for rank 0, and all would write the same files. The
/// first of them throws ClusterError, the others ElsewhereError.
void refuse_strangers(int world_size);

}  // namespace seqsweep::cluster
