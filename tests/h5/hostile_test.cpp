// SPDX-License-Identifier: Apache-2.0
// Files that HDF5 reads without complaint, and that would have it open other files or take all memory.
#include <gmock/gmock.h>
#include <hdf5.h>

#include "seqsweep/h5/file.hpp"

#include "h5/scratch.hpp"
#include "h5/table_rows.hpp"

namespace seqsweep::h5 {
namespace {

using test::Scratch;

// An array of the file's own making, by HDF5's calls: 1000 numbers that lie as `properties` say.
void make_array(const std::string& path, hid_t properties) {
  const Handle file(H5Fcreate(path.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  const hsize_t extent = 1000;
  const Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
  const Handle array(H5Dcreate2(file.id(), "a", H5T_NATIVE_DOUBLE, space.id(), H5P_DEFAULT, properties, H5P_DEFAULT),
                     H5Dclose);
}

// HDF5 would open whatever the file names; a pipe would block for ever.
TEST(Hostile, numbers_in_other_files_are_refused) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_external(properties.id(), "/dev/zero", 0, H5F_UNLIMITED);
  make_array(path, properties.id());
  EXPECT_THAT(test::error_of([&] { (void)File::open(path, Access::read).read_array<double>("/a"); }),
              testing::HasSubstr("'/a' lies in other files, which are not read"));
}

TEST(Hostile, a_link_to_another_file_leads_nowhere) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  make_array(scratch / "other.h5", H5P_DEFAULT);
  {
    const Handle file(H5Fcreate(path.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    H5Lcreate_external((scratch / "other.h5").c_str(), "/a", file.id(), "a", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_NE(test::error_of([&] { (void)File::open(path, Access::read).read_array<double>("/a"); }), "");
}

TEST(Hostile, a_huge_chunk_takes_no_memory) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const hsize_t chunk = 500'000'000;
  H5Pset_chunk(properties.id(), 1, &chunk);
  {
    const Handle file(H5Fcreate(path.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    const hsize_t extent = 1000, limit = H5S_UNLIMITED;
    const Handle space(H5Screate_simple(1, &extent, &limit), H5Sclose);
    const Handle array(
        H5Dcreate2(file.id(), "a", H5T_NATIVE_DOUBLE, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Dclose);
  }
  EXPECT_THAT(test::error_of([&] { (void)File::open(path, Access::read).read_array<double>("/a"); }),
              testing::HasSubstr("'/a' has chunks of 4.0 GB"));
}

}  // namespace
}  // namespace seqsweep::h5
