// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seqsweep/core/error.hpp"

#include "checked.hpp"
#include "types.hpp"

namespace seqsweep::h5 {
namespace {

constexpr std::array<unsigned char, 8> signature = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
constexpr std::size_t version_byte = 8, status_byte = 11;  // of the superblock, format specification III.A, version 3
constexpr unsigned char is_open_for_writing = 0x01, is_open_for_swmr = 0x04;

// The first 12 bytes of the superblock (behind a user block, if there is one); all zero where there is none.
std::array<unsigned char, 12> superblock(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  for (std::streamoff at = 0;; at = at == 0 ? 512 : at * 2) {
    std::array<unsigned char, 12> head{};
    if (!file.seekg(at) || !file.read(reinterpret_cast<char*>(head.data()), head.size())) return {};
    if (std::memcmp(head.data(), signature.data(), signature.size()) == 0) return head;
  }
}

/// HDF5's own flags for "a writer has this file open", which a killed writer leaves set.
unsigned char writer_flags(const std::string& path) {
  const auto head = superblock(path);
  return head[version_byte] >= 3 ? head[status_byte] & (is_open_for_writing | is_open_for_swmr) : 0;
}

// Refuses where another program has the file open for writing and locks it, as HDF5 does unless it is told not to: such
// a file looks as one whose writer was killed.
void check_has_no_writer(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  const bool is_locked = flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(file);
  if (is_locked)
    throw StoreError("is open for writing in another program (h5py, for example); close it there first", path);
}

enum class Sees { finished_files, live_files };

Handle access_properties(const std::string& path, Sees sees = Sees::finished_files) {
  Handle access = owned(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "prepare", path, "/");
  checked(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110), "prepare", path, "/");
  // With the File go its arrays and tables: nothing keeps a file open behind our back.
  checked(H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG), "prepare", path, "/");
  constexpr bool use_locks = false, ignore_disabled_locks = true;
  checked(H5Pset_file_locking(access.id(), use_locks, ignore_disabled_locks), "prepare", path, "/");
  // A SWMR reader that meets a bad checksum looks again, after naps that double from 1 ns: by default 100 times, which
  // is for ever where the file is damaged. 24 times are 20 ms, and a writer is between two states for microseconds.
  const unsigned num_attempts = sees == Sees::live_files ? 24 : 1;
  checked(H5Pset_metadata_read_attempts(access.id(), num_attempts), "prepare", path, "/");
  return access;
}

// Speaks before HDF5 would, and more clearly.
void check_is_readable_hdf5(const std::string& path, bool is_to_be_written) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0)
    throw StoreError(errno == ENOENT ? "there is no such file; check the path"
                                     : fmt::format("cannot be found ({}); check the path", std::strerror(errno)),
                     path);
  if (S_ISDIR(status.st_mode)) throw StoreError("is a directory, not an HDF5 file; name a file in it", path);
  if (!S_ISREG(status.st_mode)) throw StoreError("is no regular file; name an HDF5 file", path);
  if (access(path.c_str(), is_to_be_written ? R_OK | W_OK : R_OK) != 0)
    throw StoreError(fmt::format("cannot be {} ({}); change its permissions", is_to_be_written ? "written" : "read",
                                 std::strerror(errno)),
                     path);
  if (status.st_size == 0) throw StoreError("is empty, no HDF5 file; check the path, or make the file again", path);
  if (!File::is_hdf5(path))
    throw StoreError("is no HDF5 file (its first bytes are not HDF5's); check the path, or import the file first",
                     path);
}

// What h5clear -s --increment=0 does, in one opening. Clearing the flags alone would leave the end of the file where
// the superblock last saw it, and the next writer would overwrite the rows behind.
void recover(const std::string& path) {
  const Handle access = access_properties(path);
  const hbool_t yes = true;
  checked(H5Pset(access.id(), "clear_status_flags", &yes), "prepare the recovery of", path, "/");
  checked(H5Pset(access.id(), "skip_eof_check", &yes), "prepare the recovery of", path, "/");
  const Handle file = owned(H5Fopen(path.c_str(), H5F_ACC_RDWR, access.id()), H5Fclose, "recover", path, "/");
  checked(H5Fincrement_filesize(file.id(), 0), "recover the length of", path, "/");
}

[[noreturn]] void fail_to_open(const std::string& path) {
  if (is_refused_by_system()) throw StoreError("cannot be opened " + explanation(), path);
  const std::string why = reason();
  if (why.find("truncated file") != std::string::npos)
    throw StoreError(fmt::format("is truncated (HDF5: {}); make or copy the file again", why), path);
  check_has_no_writer(path);
  if (writer_flags(path) != 0)
    throw StoreError("was being written when its writer ended, and is not whole; make or copy the file again", path);
  throw StoreError(
      fmt::format("cannot be opened, it is damaged or of an unknown kind (HDF5: {}); make or copy the file "
                  "again",
                  why),
      path);
}

}  // namespace

bool File::is_hdf5(const std::string& path) {
  return superblock(path)[0] == signature[0];
}

File File::create(const std::string& path, Space space) {
  silence();
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0)
    throw StoreError("exists already and is not overwritten; choose another name, or remove it", path);
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder))
    throw StoreError(
        fmt::format("cannot be made, its folder '{}' does not exist; make the folder first", folder.string()), path);
  const Handle access = access_properties(path);
  const Handle creation = timeless(H5P_FILE_CREATE, path, "/");
  if (space == Space::paged) {
    constexpr bool keep_free_space = false;
    checked(H5Pset_file_space_strategy(creation.id(), H5F_FSPACE_STRATEGY_PAGE, keep_free_space, 1), "prepare", path,
            "/");
    checked(H5Pset_file_space_page_size(creation.id(), 4096), "prepare", path, "/");
  }
  File file;
  file.is_paged_ = space == Space::paged;
  file.path_ = path;
  const hid_t id = H5Fcreate(path.c_str(), H5F_ACC_EXCL, creation.id(), access.id());
  if (id < 0) {
    const std::string why = explanation();
    unlink(path.c_str());  // it may be there without content
    throw StoreError("cannot be made " + why, path);
  }
  file.file_ = Handle(id, H5Fclose);
  return file;
}

File File::create_in_memory() {
  silence();
  File file;
  file.path_ = "a file in memory";
  const Handle access = access_properties(file.path_);
  // The oldest superblock is the only one without a checksum, and HDF5 1.10 gives images with a wrong one.
  checked(H5Pset_libver_bounds(access.id(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V110), "prepare", file.path_, "/");
  constexpr std::size_t growth_bytes = 1 << 20;
  constexpr bool is_written_to_disk = false;
  checked(H5Pset_fapl_core(access.id(), growth_bytes, is_written_to_disk), "prepare", file.path_, "/");
  const Handle creation = timeless(H5P_FILE_CREATE, file.path_, "/");
  file.file_ =
      owned(H5Fcreate(file.path_.c_str(), H5F_ACC_EXCL, creation.id(), access.id()), H5Fclose, "make", file.path_, "/");
  return file;
}

File File::open(const std::string& path, Access access) {
  silence();
  // A file has no business in other files: its links to them (to a pipe, say, which would block) lead nowhere.
  if (H5Lis_registered(H5L_TYPE_EXTERNAL) > 0) H5Lunregister(H5L_TYPE_EXTERNAL);
  const bool is_to_be_written = access == Access::write || access == Access::append;
  check_is_readable_hdf5(path, is_to_be_written);
  const unsigned char flags = writer_flags(path);
  if (is_to_be_written) check_has_no_writer(path);
  if (is_to_be_written && flags != 0) recover(path);

  File file;
  file.path_ = path;
  const auto properties = access_properties(path);
  const auto live_properties = access_properties(path, Sees::live_files);
  const auto open_as = [&](bool is_live) {
    const unsigned mode = access == Access::append ? H5F_ACC_RDWR | H5F_ACC_SWMR_WRITE
                          : is_to_be_written       ? H5F_ACC_RDWR
                          : is_live                ? H5F_ACC_RDONLY | H5F_ACC_SWMR_READ
                                                   : H5F_ACC_RDONLY;
    return H5Fopen(path.c_str(), mode, is_live ? live_properties.id() : properties.id());
  };
  const bool is_live = access == Access::read_live || (access == Access::read && (flags & is_open_for_swmr) != 0);
  hid_t id = open_as(is_live);
  // Between the look at the flags and the opening a writer may have begun or ended.
  if (id < 0 && access == Access::read && writer_flags(path) != flags) id = open_as(!is_live);
  if (id < 0) fail_to_open(path);
  file.file_ = Handle(id, H5Fclose);
  return file;
}

}  // namespace seqsweep::h5
