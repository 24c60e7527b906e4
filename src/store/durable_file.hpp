// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace seqsweep::store {

/// Waits until a file's (or folder's) bytes are on the disk. Throws StoreError.
void sync(const std::string& path);
/// The folder that a path lies in; "." for a bare name.
[[nodiscard]] std::string folder_of(const std::string& path);
/// The name of a file that gets its own when it is whole. What lies there, of a process that was killed or because the
/// writing failed, is removed before and after.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Renames a synced file over `to`, durably. Throws StoreError.
void put_in_place(const std::string& from, const std::string& to);

}  // namespace seqsweep::store
