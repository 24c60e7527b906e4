// SPDX-License-Identifier: Apache-2.0
#include "durable_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::store {

void sync(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_synced =
      file >= 0 && (fsync(file) == 0 || errno == EINVAL);  // EINVAL: some file systems sync no folders
  const int problem = errno;
  if (file >= 0) close(file);
  if (!is_synced)
    throw StoreError(
        fmt::format("cannot be brought to the disk ({}); check the disk and its free space", std::strerror(problem)),
        path);
}

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

TemporaryFile::TemporaryFile(std::string path) : path_(std::move(path)) {
  unlink(path_.c_str());
}

TemporaryFile::~TemporaryFile() {
  unlink(path_.c_str());
}

void put_in_place(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    throw StoreError(
        fmt::format("cannot be renamed to '{}' ({}); check the permissions of its folder", to, std::strerror(errno)),
        from);
  sync(folder_of(to));
}

}  // namespace seqsweep::store
