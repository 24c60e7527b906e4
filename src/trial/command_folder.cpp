// SPDX-License-Identifier: Apache-2.0
#include "command_folder.hpp"

#include <fstream>
#include <random>

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

std::string CommandFolder::segment_name() const {
  return fmt::format("to-{:06}", to_epoch_);
}

fs::path CommandFolder::lines_path() const {
  return folder_ / (segment_name() + ".lines");
}

fs::path CommandFolder::new_attempt_folder() const {
  fs::create_directories(folder_);
  std::random_device dice;
  for (;;) {
    auto path = fs::absolute(folder_ / fmt::format("{}.{:08x}", segment_name(), dice()));
    if (fs::create_directory(path)) return path;
  }
}

void CommandFolder::remove_attempts() const {
  if (!fs::exists(folder_)) return;
  for (const auto& entry : fs::directory_iterator(folder_))
    if (entry.is_directory() && entry.path().filename().string().starts_with("to-")) fs::remove_all(entry.path());
}

fs::path CommandFolder::folder_after(int epoch) const {
  return folder_ / store::snapshot_name(epoch);
}

std::vector<std::string> CommandFolder::begin() {
  std::vector<std::string> lines;
  on_disk(folder_, [&] {
    if (fs::exists(lines_path())) {
      std::ifstream file(lines_path());
      std::string identity, name;
      std::getline(file, identity);
      std::getline(file, name);
      for (std::string line; std::getline(file, line);) lines.push_back(line);
      fs::remove(lines_path());
      attempt_folder_ = fs::absolute(folder_ / name);
      if (identity == identity_ && !name.empty() && fs::exists(attempt_folder_)) return;
      lines.clear();  // of another sweep, or another trial of that number
    }
    remove_attempts();
    attempt_folder_ = new_attempt_folder();
    const auto start = fs::exists(folder_after(from_epoch_)) ? folder_after(from_epoch_) : start_;
    if (!start_.empty() && !fs::exists(start))
      throw StoreError(
          "is missing: the state of another trial that this one goes on from; begin anew with another results "
          "file",
          start.string());
    if (fs::exists(start))
      fs::copy(start, attempt_folder_, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  });
  return lines;
}

void CommandFolder::suspend(const std::vector<std::string>& lines) {
  const auto name = lines_path().filename().string();
  write(name + ".tmp", identity_ + "\n" + attempt_folder_.filename().string() + "\n" + join(lines, "\n"));
  on_disk(folder_, [&] { fs::rename(folder_ / (name + ".tmp"), folder_ / name); });
}

void CommandFolder::finish() {
  on_disk(folder_, [&] {
    fs::remove_all(folder_after(to_epoch_));
    fs::rename(attempt_folder_, folder_after(to_epoch_));
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
