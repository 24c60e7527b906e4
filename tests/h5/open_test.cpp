// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seqsweep/h5/file.hpp"

#include "h5/scratch.hpp"

namespace seqsweep::h5 {
namespace {

using test::bytes_of;
using test::error_of;
using test::Scratch;
using test::write_bytes;
using testing::HasSubstr;

std::string open_error(const std::string& path, Access access = Access::read) {
  return error_of([&] { (void)File::open(path, access); });
}

TEST(Open, says_what_is_wrong_with_a_path) {
  const Scratch scratch;
  EXPECT_THAT(open_error(scratch / "none.h5"), HasSubstr("none.h5: there is no such file"));
  EXPECT_THAT(open_error(scratch / ""), HasSubstr("is a directory"));
  write_bytes(scratch / "empty.h5", "");
  EXPECT_THAT(open_error(scratch / "empty.h5"), HasSubstr("is empty"));
  write_bytes(scratch / "text.h5", std::string(5000, 'x'));
  EXPECT_THAT(open_error(scratch / "text.h5"), HasSubstr("is no HDF5 file (its first bytes are not HDF5's)"));
  EXPECT_FALSE(File::is_hdf5(scratch / "text.h5"));
  EXPECT_FALSE(File::is_hdf5(scratch / "none.h5"));
  EXPECT_THAT(open_error(scratch / "text.h5/below"), HasSubstr("cannot be found (Not a directory)"));
  if (geteuid() != 0) {
    chmod((scratch / "text.h5").c_str(), 0);
    EXPECT_THAT(open_error(scratch / "text.h5"), HasSubstr("cannot be read (Permission denied)"));
  }
}

TEST(Open, says_that_a_file_is_truncated_wherever_it_is_cut) {
  const Scratch scratch;
  {
    File file = File::create(scratch / "whole.h5");
    file.write_array<double>("/a", std::vector<double>(10000, 0.1), {10000}, {.is_compressed = false});
  }
  const std::string whole = bytes_of(scratch / "whole.h5");
  for (const std::size_t length : {whole.size() - 1, whole.size() / 2, std::size_t{100}}) {
    write_bytes(scratch / "cut.h5", whole.substr(0, length));
    EXPECT_THAT(open_error(scratch / "cut.h5"), HasSubstr("is truncated")) << length;
  }
  write_bytes(scratch / "cut.h5", whole.substr(0, 20));
  EXPECT_THAT(open_error(scratch / "cut.h5"), HasSubstr("cannot be opened"));
}

// What h5py's "r+" looks like from outside: the flag of a writer in the superblock, and HDF5's lock.
TEST(Open, a_whole_file_that_another_program_has_open_is_not_called_damaged) {
  const Scratch scratch;
  const std::string path = scratch / "held.h5";
  { File::create(path).write_array<double>("/a", std::vector<double>(3, 0.5), {3}); }
  const std::string whole = bytes_of(path);
  auto held = whole;
  held[11] = '\x01';
  write_bytes(path, held);
  const int other = ::open(path.c_str(), O_RDONLY);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  for (const auto access : {Access::read, Access::read_live, Access::write, Access::append})
    EXPECT_THAT(open_error(path, access), HasSubstr("is open for writing in another program"));
  EXPECT_EQ(bytes_of(path), held) << "what the other program writes was touched";
  close(other);
  EXPECT_THAT(open_error(path), HasSubstr("was being written when its writer ended"));
}

TEST(Create, never_overwrites_and_says_where_it_cannot_write) {
  const Scratch scratch;
  write_bytes(scratch / "precious.h5", "precious");
  EXPECT_THAT(error_of([&] { (void)File::create(scratch / "precious.h5"); }), HasSubstr("exists already"));
  EXPECT_EQ(bytes_of(scratch / "precious.h5"), "precious");
  EXPECT_THAT(error_of([&] { (void)File::create(scratch / "none/a.h5"); }),
              HasSubstr("does not exist; make the folder"));
}

// HDF5 1.10.8 gives images whose superblock has a wrong checksum, if it has one.
TEST(Create, the_image_of_a_file_in_memory_opens_as_a_file) {
  const Scratch scratch;
  File memory = File::create_in_memory();
  const std::vector<double> values(10000, 0.1);
  memory.write_array<double>("/a", values, {10000});
  memory.write_attribute("/", "name", std::string("in memory"));
  write_bytes(scratch / "image.h5", memory.image());
  const File file = File::open(scratch / "image.h5", Access::read);
  EXPECT_EQ(file.read_array<double>("/a"), values);
  EXPECT_EQ(file.read_text("/", "name"), "in memory");
}

}  // namespace
}  // namespace seqsweep::h5
