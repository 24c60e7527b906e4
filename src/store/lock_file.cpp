// SPDX-License-Identifier: Apache-2.0
#include "lock_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::store {
namespace {

std::string this_host() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return name;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Fields of /proc/PID/stat: the state, and the start in ticks since boot, which tells two lives of one pid apart.
struct Process {
  char state = 'X';
  std::string started;
};

Process process(const std::string& pid) {
  // "pid (name) state ppid … starttime": the name may hold anything, so count from its closing bracket.
  const std::string stat = bytes_of("/proc/" + pid + "/stat");
  const auto bracket = stat.rfind(')');
  if (bracket == std::string::npos) return {};
  const auto fields = split(std::string_view(stat).substr(bracket + 2), ' ');
  constexpr std::size_t state_field = 0, start_field = 19;
  if (fields.size() <= start_field || fields[state_field].empty()) return {};
  return {fields[state_field][0], fields[start_field]};
}

std::string own_content() {
  const std::string pid = std::to_string(getpid());
  return fmt::format("host={} pid={} started={} slurm_job={} slurm_restart={}\n", this_host(), pid,
                     process(pid).started, environment("SLURM_JOB_ID"), environment("SLURM_RESTART_COUNT"));
}

std::map<std::string, std::string> fields_of(const std::string& content) {
  std::map<std::string, std::string> fields;
  for (const auto& part : split(trim(content), ' '))
    if (const auto sign = part.find('='); sign != std::string::npos)
      fields[part.substr(0, sign)] = part.substr(sign + 1);
  return fields;
}

bool is_earlier_life_of_this_job(const std::map<std::string, std::string>& holder) {
  const auto job = environment("SLURM_JOB_ID");
  if (job.empty() || holder.at("slurm_job") != job) return false;
  const auto restarts = [](const std::string& text) { return parse_integer(text).value_or(0); };
  return restarts(holder.at("slurm_restart")) < restarts(environment("SLURM_RESTART_COUNT"));
}

constexpr std::array fields_of_process = {"host", "pid", "started"};

bool names_a_process(const std::map<std::string, std::string>& holder) {
  return std::all_of(fields_of_process.begin(), fields_of_process.end(),
                     [&](const char* field) { return holder.contains(field); });
}

bool has_ended(const std::map<std::string, std::string>& holder) {
  const auto pid = parse_integer(holder.at("pid"));
  if (!pid || holder.at("host") != this_host()) return false;
  if (kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH) return true;
  const auto now = process(holder.at("pid"));
  return now.state == 'Z' || (!now.started.empty() && now.started != holder.at("started"));
}

// Whether the lock may be taken over; throws StoreError where not.
void check_is_stale(const std::string& results_path, const std::string& lock_path) {
  const auto holder = fields_of(bytes_of(lock_path));
  for (const auto* field : {"host", "pid", "started", "slurm_job", "slurm_restart"})
    if (!holder.contains(field))
      throw StoreError(
          fmt::format("is locked, but '{}' does not say by whom; if no sweep writes it, remove that file", lock_path),
          results_path);
  if (is_earlier_life_of_this_job(holder) || has_ended(holder)) return;
  const auto by = fmt::format("process {} on host '{}'", holder.at("pid"), holder.at("host"));
  if (holder.at("host") == this_host())
    throw StoreError(
        fmt::format("is in use by another sweep ({}); wait for it or stop it, or choose another output", by),
        results_path);
  throw StoreError(fmt::format("is in use by another sweep ({}), or was when that host failed; if it does not run any "
                               "more, remove '{}' and start again",
                               by, lock_path),
                   results_path);
}

void write_new(const std::string& path, const std::string& content) {
  const int file = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  const bool is_written =
      file >= 0 && write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  const int problem = errno;
  if (file >= 0) close(file);
  if (!is_written) throw StoreError(fmt::format("cannot be made ({}); check its folder", std::strerror(problem)), path);
}

/// Holds flock() on a file while it lives: only one process at a time may take a stale lock over.
class Guard {
 public:
  explicit Guard(const std::string& path) : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (file_ >= 0) flock(file_, LOCK_EX);
  }
  ~Guard() {
    if (file_ >= 0) close(file_);
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  [[nodiscard]] bool is_still(const std::string& path) const {
    struct stat held {
    }, found{};
    return file_ >= 0 && fstat(file_, &held) == 0 && stat(path.c_str(), &found) == 0 && held.st_ino == found.st_ino &&
           held.st_dev == found.st_dev;
  }

 private:
  int file_;
};

}  // namespace

std::optional<WriterProcess> writer_of(const std::string& path) {
  const auto holder = fields_of(bytes_of(path + ".lock"));
  if (!names_a_process(holder)) return std::nullopt;
  using Life = WriterProcess::Life;
  const bool is_here = holder.at("host") == this_host();
  return WriterProcess{has_ended(holder) ? Life::ended
                       : is_here         ? Life::runs
                                         : Life::unknown,
                       holder.at("host"), holder.at("pid")};
}

void remove_lock_of_ended_writer(const std::string& path) {
  const std::string lock_path = path + ".lock";
  const Guard guard(lock_path);
  if (!guard.is_still(lock_path)) return;
  const auto holder = fields_of(bytes_of(lock_path));
  if (names_a_process(holder) && has_ended(holder)) unlink(lock_path.c_str());
}

LockFile::LockFile(const std::string& results_path)
    : path_(results_path + ".lock"), content_(own_content()), process_(getpid()) {
  // A lock appears with its content or not at all: as a hard link to a file of our own.
  const std::string own = fmt::format("{}.{}.{}", path_, this_host(), process_);
  unlink(own.c_str());
  write_new(own, content_);
  try {
    for (;;) {
      if (link(own.c_str(), path_.c_str()) == 0) break;
      if (errno != EEXIST && access(path_.c_str(), F_OK) != 0) {  // a file system without hard links
        write_new(path_, content_);
        break;
      }
      const Guard guard(path_);
      if (!guard.is_still(path_)) continue;  // released or taken over in the meantime
      check_is_stale(results_path, path_);
      if (std::rename(own.c_str(), path_.c_str()) == 0) return;
    }
  } catch (...) {
    unlink(own.c_str());
    throw;
  }
  unlink(own.c_str());
}

LockFile::~LockFile() {
  if (getpid() == process_ && bytes_of(path_) == content_) unlink(path_.c_str());
}

}  // namespace seqsweep::store
