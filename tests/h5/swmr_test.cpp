// SPDX-License-Identifier: Apache-2.0
// What was measured of HDF5 1.10 under SWMR and kill -9, pinned.
#include <cstdio>
#include <cstdlib>

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include "h5/scratch.hpp"
#include "h5/table_rows.hpp"

namespace seqsweep::h5 {
namespace {

using test::append;
using test::read_rows;
using test::row_type;
using test::rows;
using test::Scratch;

/// Runs `action` in a child process that is then killed.
template <class Action>
void killed(Action action) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      action();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
      _exit(1);
    }
    raise(SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

void append_flushed(const std::string& path, std::int64_t from, std::int64_t to) {
  File file = File::open(path, Access::write);
  Table table = file.open_table("/rows", row_type());
  file.start_swmr();
  for (auto i = from; i < to; ++i) {
    append(table, rows(i, i + 1));
    table.flush();
  }
  raise(SIGKILL);
}

TEST(Swmr, every_flushed_row_survives_kill_after_kill) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  {
    File file = File::create(path);
    (void)file.create_table("/rows", row_type(), 64, false);
  }
  for (std::int64_t life = 0; life < 10; ++life) {
    killed([&] { append_flushed(path, life * 37, life * 37 + 37); });
    const auto all = rows(0, life * 37 + 37);
    // As a reader, at once, before any recovery …
    for (const Access access : {Access::read, Access::read_live})
      EXPECT_TRUE(read_rows(File::open(path, access).open_table("/rows", row_type())) == all) << life;
  }
  // … and as a writer, recovered: afterwards it is a plain file again.
  File::open(path, Access::write).close();
  const File file = File::open(path, Access::read);
  EXPECT_TRUE(read_rows(file.open_table("/rows", row_type())) == rows(0, 370));
  EXPECT_EQ(std::system(("h5dump -H " + path + " > /dev/null 2>&1").c_str()), 0);
}

TEST(Swmr, readers_see_rows_grow_and_do_not_hinder_the_writer) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  File writer = File::create(path);
  Table table = writer.create_table("/rows", row_type(), 64, false);
  writer.start_swmr();
  append(table, rows(0, 5));
  table.flush();
  const auto count_in_child = [&] {
    const pid_t child = fork();
    if (child == 0) {
      try {
        _exit(static_cast<int>(File::open(path, Access::read).open_table("/rows", row_type()).num_rows()));
      } catch (const std::exception& error) {
        std::fprintf(stderr, "child: %s\n", error.what());
        _exit(255);
      }
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  EXPECT_EQ(count_in_child(), 5);
  append(table, rows(5, 90));
  table.flush();
  EXPECT_EQ(count_in_child(), 90);
}

TEST(Swmr, a_file_is_renamed_while_it_is_written) {
  const Scratch scratch;
  File file = File::create(scratch / "a.h5");
  Table table = file.create_table("/rows", row_type(), 64, false);
  file.start_swmr();
  file.rename(scratch / "b.h5");
  append(table, rows(0, 5));
  file.close();
  EXPECT_EQ(File::open(scratch / "b.h5", Access::read).open_table("/rows", row_type()).num_rows(), 5U);
  EXPECT_FALSE(std::filesystem::exists(scratch / "a.h5"));
}

}  // namespace
}  // namespace seqsweep::h5
