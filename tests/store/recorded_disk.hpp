// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace seqsweep::test {

/// One write to a file of the scratch folder.
struct RecordedWrite {
  std::string file;  ///< its name
  std::size_t offset = 0, num_bytes = 0;
};

/// What this process does to the files of one folder while this lives: recorded_disk.cpp stands between the program,
/// HDF5 included, and the system. One at a time.
class RecordedDisk {
 public:
  explicit RecordedDisk(const std::string& folder);
  ~RecordedDisk();
  RecordedDisk(const RecordedDisk&) = delete;
  RecordedDisk& operator=(const RecordedDisk&) = delete;

  /// "write a.tmp", "sync a.tmp", "rename a.tmp a", "link a b", "sync .": in order; writes that follow each other in
  /// one file are one. Host and process in a name are shown as "*".
  [[nodiscard]] std::vector<std::string> events() const;
  [[nodiscard]] std::vector<RecordedWrite> writes() const;
  void forget();

  /// Of the writes to files whose names end so, from now on, number `nth` (0: the first) stores one bit otherwise, in
  /// byte `at` of it (modulo its size), and says that it was written.
  void lie(const std::string& ending, std::size_t nth, std::size_t at);
  [[nodiscard]] bool has_lied() const;
};

}  // namespace seqsweep::test
