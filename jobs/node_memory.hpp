// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace seqsweep::jobs {

/// [bytes] What the processes of this job may use on this node: its memory, or what Slurm (SLURM_MEM_PER_NODE) or a
/// control group grants of it, whichever is least.
[[nodiscard]] double node_memory_bytes();

/// [bytes] The least limit of the control groups, of version 1 and 2, that the process is in: those that
/// `proc_cgroup` (as /proc/self/cgroup) names below `mount` (as /sys/fs/cgroup), and all above them. Infinite: none.
[[nodiscard]] double control_group_bytes(const std::filesystem::path& proc_cgroup, const std::filesystem::path& mount);

}  // namespace seqsweep::jobs
