// SPDX-License-Identifier: Apache-2.0
// What a job may use of a node's memory.
#include "node_memory.hpp"

#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace seqsweep::jobs {
namespace {

namespace fs = std::filesystem;

class ControlGroups : public ::testing::Test {
 protected:
  ControlGroups() { fs::create_directories(folder); }
  ~ControlGroups() override { fs::remove_all(folder); }

  fs::path write(const fs::path& name, const std::string& text) {
    const auto path = folder / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text << '\n';
    return path;
  }
  double bytes(const std::string& proc_cgroup) { return control_group_bytes(write("proc", proc_cgroup), folder); }

  fs::path folder = fs::path(::testing::TempDir()) / ("groups-" + std::to_string(getpid()));
};

TEST_F(ControlGroups, without_limits_grant_everything) {
  write("job/memory.max", "max");
  EXPECT_EQ(bytes("0::/job"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(bytes("0::/"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(bytes("not a line of that file"), std::numeric_limits<double>::infinity());
}

TEST_F(ControlGroups, limit_all_groups_within) {
  write("slurm/job_7/memory.max", "3000");
  write("slurm/job_7/step_0/memory.max", "max");
  write("slurm/job_8/memory.max", "1000");
  EXPECT_EQ(bytes("0::/slurm/job_7/step_0"), 3000);
}

TEST_F(ControlGroups, of_version_1_have_a_hierarchy_of_their_own) {
  write("memory/slurm/job_7/memory.limit_in_bytes", "5000");
  write("cpu/slurm/job_7/memory.limit_in_bytes", "1");
  EXPECT_EQ(bytes("12:cpu:/slurm/job_7\n4:memory:/slurm/job_7\n0::/"), 5000);
}

TEST(NodeMemory, is_no_more_than_slurm_grants) {
  const double whole = node_memory_bytes();
  setenv("SLURM_MEM_PER_NODE", "16", /*overwrite=*/1);
  EXPECT_EQ(node_memory_bytes(), 16.0 * 1024 * 1024);
  setenv("SLURM_MEM_PER_NODE", "0", /*overwrite=*/1);
  EXPECT_EQ(node_memory_bytes(), whole) << "0 stands for all of the node's memory";
  unsetenv("SLURM_MEM_PER_NODE");
}

}  // namespace
}  // namespace seqsweep::jobs
