// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace seqsweep::store {

/// RESULTS.h5.lock beside a results file: who writes it. Held until it is destroyed.
///
/// The lock of a process of this host that has ended is taken over, as is that of an earlier life of the same Slurm job
/// (requeued, so that life is over wherever it was). Of a process on another host nothing can be known: it is
/// respected.
class LockFile {
 public:
  /// Throws StoreError with the holder and what to do where the results file is in use.
  explicit LockFile(const std::string& results_path);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  std::string path_, content_;
  int process_ = 0;
};

}  // namespace seqsweep::store
