// SPDX-License-Identifier: Apache-2.0
#include "command_folder.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/store/checkpoint.hpp"

namespace seqsweep::trial {
namespace {

namespace fs = std::filesystem;

// Runs `act`; what the file system refuses becomes a StoreError.
template <class Act>
void on_disk(const fs::path& folder, Act act) {
  try {
    act();
  } catch (const fs::filesystem_error& error) {
    throw StoreError(fmt::format("the files of the trial cannot be kept ({}); check the disk and its permissions",
                                 error.code().message()),
                     folder.string());
  }
}

}  // namespace

CommandFolder::CommandFolder(const SegmentTask& task)
    : folder_(fs::path(task.checkpoint_path).replace_extension()),
      start_(task.start_path),
      identity_(task.identity),
      from_epoch_(task.from_epoch),
      to_epoch_(task.to_epoch),
      keeps_start_(!task.snapshot_folder.empty()) {}

fs::path CommandFolder::segment_folder() const {
  return fs::absolute(folder_ / fmt::format("to-{:06}", to_epoch_));
}

fs::path CommandFolder::lines_path() const {
  return folder_ / fmt::format("to-{:06}.lines", to_epoch_);
}

fs::path CommandFolder::folder_after(int epoch) const {
  return folder_ / store::snapshot_name(epoch);
}

std::vector<std::string> CommandFolder::begin() {
  std::vector<std::string> lines;
  on_disk(folder_, [&] {
    const auto folder = segment_folder();
    if (fs::exists(lines_path())) {
      std::ifstream file(lines_path());
      std::string identity;
      std::getline(file, identity);
      for (std::string line; std::getline(file, line);) lines.push_back(line);
      fs::remove(lines_path());
      if (identity == identity_) return;
      lines.clear();  // of another sweep, or another trial of that number
    }
    fs::remove_all(folder);
    fs::create_directories(folder);
    const auto start = fs::exists(folder_after(from_epoch_)) ? folder_after(from_epoch_) : start_;
    if (!start_.empty() && !fs::exists(start))
      throw StoreError(
          "is missing: the state of another trial that this one goes on from; begin anew with another results "
          "file",
          start.string());
    if (fs::exists(start)) fs::copy(start, folder, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  });
  return lines;
}

void CommandFolder::suspend(const std::vector<std::string>& lines) {
  const auto name = lines_path().filename().string();
  write(name + ".tmp", identity_ + "\n" + join(lines, "\n"));
  on_disk(folder_, [&] { fs::rename(folder_ / (name + ".tmp"), folder_ / name); });
}

void CommandFolder::finish() {
  on_disk(folder_, [&] {
    fs::remove_all(folder_after(to_epoch_));
    fs::rename(segment_folder(), folder_after(to_epoch_));
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const bool is_needed =
          entry.path() == folder_after(to_epoch_) || (keeps_start_ && entry.path() == folder_after(from_epoch_));
      if (entry.is_directory() && !is_needed) fs::remove_all(entry.path());
    }
  });
}

void CommandFolder::write(const std::string& name, const std::string& text) {
  on_disk(folder_, [&] { fs::create_directories(folder_); });
  std::ofstream file(folder_ / name, std::ios::binary);
  file << text;
  if (!file.flush())
    throw StoreError("cannot be written; check the disk and its permissions", (folder_ / name).string());
}

}  // namespace seqsweep::trial
