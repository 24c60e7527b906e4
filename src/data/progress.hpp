// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace seqsweep::data {

/// A bar on standard error, if that is a terminal and the work takes more than a second. It wipes itself when it goes.
class Progress {
 public:
  explicit Progress(std::string label);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(double share);  ///< 0 … 1

 private:
  std::string label_;
  std::chrono::steady_clock::time_point start_, last_;
  bool is_terminal_, is_shown_ = false;
};

}  // namespace seqsweep::data
