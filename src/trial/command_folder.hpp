// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "seqsweep/trial/segment_runner.hpp"

namespace seqsweep::trial {

/// The files of a trial that is a command, beside the results file. For trial 12:
///
///   RESULTS.ckpt/trial-000012/epoch-000004/   what its program had left when it had trained for 4 epochs
///   RESULTS.ckpt/trial-000012/to-000016.1f0c22a9/ an attempt at the segment that runs to epoch 16: begins as a copy
///   RESULTS.ckpt/trial-000012/to-000016.lines of an attempt that was asked to stop in between: the trial's identity,
///   the
///                                             name of its directory, and what the program printed
///   RESULTS.ckpt/trial-000012/settings.json, output.txt   what it was given; the end of what it wrote
///
/// So a segment that was killed begins again as it began, and one that stopped when asked goes on. Each attempt has a
/// directory of its own: a program whose rank was taken for lost may still write to the one before.
/// Every function throws StoreError where the file system does not do as asked.
class CommandFolder {
 public:
  explicit CommandFolder(const SegmentTask& task);

  /// Makes a directory ready; gives the lines that the program had printed before it was asked to stop.
  [[nodiscard]] std::vector<std::string> begin();
  /// The segment was asked to stop: keeps its directory and what was printed.
  void suspend(const std::vector<std::string>& lines);
  /// The segment ended well: its directory becomes that of `epoch`, and those before go.
  void finish();
  void write(const std::string& name, const std::string& text);

  /// The directory of this attempt, absolute; from begin() on.
  [[nodiscard]] const std::filesystem::path& attempt_folder() const { return attempt_folder_; }
  [[nodiscard]] std::filesystem::path settings_path() const { return folder_ / "settings.json"; }

 private:
  [[nodiscard]] std::string segment_name() const;
  [[nodiscard]] std::filesystem::path lines_path() const;
  [[nodiscard]] std::filesystem::path folder_after(int epoch) const;

  [[nodiscard]] std::filesystem::path new_attempt_folder() const;
  void remove_attempts() const;

  std::filesystem::path folder_, attempt_folder_;
  std::filesystem::path start_;  // of another trial
  std::string identity_;
  int from_epoch_, to_epoch_;
  bool keeps_start_;  // others may still go on from where this segment began
};

}  // namespace seqsweep::trial
