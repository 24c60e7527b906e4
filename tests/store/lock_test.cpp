// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/wait.h>

#include "h5/scratch.hpp"
#include "store/sample.hpp"

namespace seqsweep::store {
namespace {

using test::bytes_of;
using test::error_of;
using test::Scratch;
using test::write_bytes;
using testing::AllOf;
using testing::HasSubstr;

class Lock : public testing::Test {
 protected:
  Lock() { ResultsWriter::create(path, test::sample_header()); }
  void resume() {
    Results so_far;
    ResultsWriter::resume(path, so_far);
  }
  void held_by(const std::string& content) { write_bytes(lock, content); }

  Scratch scratch;
  std::string path = scratch / "r.h5", lock = path + ".lock";
};

std::string this_host() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return name;
}

TEST_F(Lock, keeps_a_second_writer_away_and_goes_with_the_first) {
  EXPECT_FALSE(std::filesystem::exists(lock));
  {
    Results so_far;
    const auto writer = ResultsWriter::resume(path, so_far);
    EXPECT_THAT(bytes_of(lock), HasSubstr("host=" + this_host() + " pid=" + std::to_string(getpid())));
    EXPECT_THAT(error_of([&] { resume(); }),
                AllOf(HasSubstr("r.h5: is in use by another sweep (process " + std::to_string(getpid())),
                      HasSubstr("wait for it or stop it")));
  }
  EXPECT_FALSE(std::filesystem::exists(lock));
  resume();
}

TEST_F(Lock, of_a_process_that_has_ended_is_taken_over) {
  const pid_t child = fork();
  if (child == 0) {
    Results so_far;
    const auto writer = ResultsWriter::resume(path, so_far);
    _exit(0);  // without destructors, as if killed
  }
  siginfo_t info;
  waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
  EXPECT_THAT(bytes_of(lock), HasSubstr("pid=" + std::to_string(child)));
  resume();  // while it is a zombie
  EXPECT_FALSE(std::filesystem::exists(lock));
  waitpid(child, nullptr, 0);
  held_by("host=" + this_host() + " pid=" + std::to_string(child) + " started=1 slurm_job= slurm_restart=\n");
  resume();
  // The number of a process that lives, but began at another time.
  held_by("host=" + this_host() + " pid=" + std::to_string(getpid()) + " started=1 slurm_job= slurm_restart=\n");
  resume();
}

TEST_F(Lock, of_another_host_is_respected_and_the_message_says_what_to_do) {
  held_by("host=elsewhere pid=1 started=1 slurm_job= slurm_restart=\n");
  EXPECT_THAT(error_of([&] { resume(); }),
              AllOf(HasSubstr("process 1 on host 'elsewhere'"), HasSubstr("remove '" + lock + "' and start again")));
  EXPECT_TRUE(std::filesystem::exists(lock));
  held_by("");
  EXPECT_THAT(error_of([&] { resume(); }), HasSubstr("does not say by whom"));
}

TEST_F(Lock, of_an_earlier_life_of_the_same_slurm_job_is_taken_over_from_any_host) {
  held_by("host=elsewhere pid=1 started=1 slurm_job=77 slurm_restart=\n");
  setenv("SLURM_JOB_ID", "77", 1);
  EXPECT_THAT(error_of([&] { resume(); }), HasSubstr("is in use"));  // of this very life
  setenv("SLURM_RESTART_COUNT", "1", 1);
  resume();
  unsetenv("SLURM_JOB_ID");
  unsetenv("SLURM_RESTART_COUNT");
  EXPECT_FALSE(std::filesystem::exists(lock));
}

TEST_F(Lock, a_stale_one_is_taken_over_by_one_of_many) {
  held_by("host=" + this_host() + " pid=999999999 started=1 slurm_job= slurm_restart=\n");
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    try {
      Results so_far;
      const auto writer = ResultsWriter::resume(path, so_far);
      usleep(300'000);  // longer than all others need to try
      _exit(1);
    } catch (const StoreError&) {
      _exit(0);
    }
  }
  int num_winners = 0;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    num_winners += WEXITSTATUS(status);
  }
  EXPECT_EQ(num_winners, 1);
}

}  // namespace
}  // namespace seqsweep::store
