// SPDX-License-Identifier: Apache-2.0
#include "node_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

#include <unistd.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::jobs {
namespace {

namespace fs = std::filesystem;

constexpr double unlimited = std::numeric_limits<double>::infinity();

// A file that is not there limits nothing, nor does the word "max".
double limit_in(const fs::path& path) {
  std::ifstream file(path);
  std::string text;
  file >> text;
  return parse_real(text).value_or(unlimited);
}

double least_limit(const fs::path& hierarchy, fs::path group, const char* file) {
  double least = limit_in(hierarchy / file);
  for (group = group.relative_path(); !group.empty(); group = group.parent_path())
    least = std::min(least, limit_in(hierarchy / group / file));
  return least;
}

double granted_by_slurm() {
  constexpr double bytes_per_mb = 1024 * 1024;
  const char* text = std::getenv("SLURM_MEM_PER_NODE");
  const auto granted_mb = text == nullptr ? std::nullopt : parse_real(text);
  return granted_mb && *granted_mb > 0 ? *granted_mb * bytes_per_mb : unlimited;  // 0: all of the node's
}

}  // namespace

// Lines are HIERARCHY:CONTROLLERS:GROUP; version 2 is hierarchy 0, without controllers.
double control_group_bytes(const fs::path& proc_cgroup, const fs::path& mount) {
  double least = unlimited;
  std::ifstream file(proc_cgroup);
  for (std::string line; std::getline(file, line);) {
    const auto parts = split(line, ':');
    if (parts.size() < 3) continue;
    if (parts[0] == "0") least = std::min(least, least_limit(mount, parts[2], "memory.max"));
    if (parts[1] == "memory") least = std::min(least, least_limit(mount / "memory", parts[2], "memory.limit_in_bytes"));
  }
  return least;
}

double node_memory_bytes() {
  const double physical = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  return std::min({physical, granted_by_slurm(), control_group_bytes("/proc/self/cgroup", "/sys/fs/cgroup")});
}

}  // namespace seqsweep::jobs
