// SPDX-License-Identifier: Apache-2.0
// Calls of libc, as this program and the libraries that it uses find them first.
#include "store/recorded_disk.hpp"

#include <array>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <optional>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

namespace seqsweep::test {
namespace {

struct Lie {
  std::string ending;
  std::size_t nth = 0, at = 0;
  bool is_told = false;
};

struct Record {
  std::mutex mutex;
  std::string folder;  // empty: nothing is recorded
  std::vector<std::string> events;
  std::vector<RecordedWrite> writes;
  std::optional<Lie> lie;
};

Record& record() {
  static Record the_record;
  return the_record;
}

std::string without_process(std::string name) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  for (const char* between : {"-", "."}) {
    const auto process = host.data() + std::string(between) + std::to_string(getpid());
    if (const auto at = name.find(process); at != std::string::npos) name.replace(at, process.size(), "*");
  }
  return name;
}

// The name of a file in the folder, "." of the folder itself; nothing of any other.
std::optional<std::string> name_of(const std::string& path) {
  const auto& folder = record().folder;
  if (folder.empty()) return std::nullopt;
  if (path == folder) return ".";
  if (!path.starts_with(folder + "/")) return std::nullopt;
  return without_process(path.substr(folder.size() + 1));
}

std::optional<std::string> name_of(int file) {
  std::array<char, PATH_MAX> path{};
  const auto link = "/proc/self/fd/" + std::to_string(file);
  const auto length = readlink(link.c_str(), path.data(), path.size() - 1);
  return length < 0 ? std::nullopt : name_of(std::string(path.data(), static_cast<std::size_t>(length)));
}

void add(const std::string& event) {
  auto& events = record().events;
  const bool is_more_of_one_write = event.starts_with("write ") && !events.empty() && events.back() == event;
  if (!is_more_of_one_write) events.push_back(event);
}

// The bytes to be stored: those given, or with a lie in them.
std::vector<std::byte> recorded_write(int file, const void* bytes, std::size_t num_bytes, std::size_t offset) {
  const auto* begin = static_cast<const std::byte*>(bytes);
  std::vector<std::byte> stored(begin, begin + num_bytes);
  const std::scoped_lock lock(record().mutex);
  const auto name = name_of(file);
  if (!name) return stored;
  add("write " + *name);
  record().writes.push_back({*name, offset, num_bytes});
  auto& lie = record().lie;
  if (!lie || lie->is_told || !name->ends_with(lie->ending) || lie->nth-- > 0) return stored;
  lie->is_told = true;
  if (num_bytes > 0) stored[lie->at % num_bytes] ^= std::byte{0x10};
  return stored;
}

template <class Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

RecordedDisk::RecordedDisk(const std::string& folder) {
  record().folder = std::filesystem::canonical(folder).string();
  forget();
}
RecordedDisk::~RecordedDisk() {
  record().folder.clear();
  record().lie.reset();
}
std::vector<std::string> RecordedDisk::events() const {
  return record().events;
}
std::vector<RecordedWrite> RecordedDisk::writes() const {
  return record().writes;
}
void RecordedDisk::forget() {
  record().events.clear();
  record().writes.clear();
}
void RecordedDisk::lie(const std::string& ending, std::size_t nth, std::size_t at) {
  record().lie = Lie{ending, nth, at};
}
bool RecordedDisk::has_lied() const {
  return record().lie && record().lie->is_told;
}

}  // namespace seqsweep::test

using namespace seqsweep::test;

extern "C" {

ssize_t write(int file, const void* bytes, std::size_t count) {
  const auto stored = recorded_write(file, bytes, count, 0);
  return next(&write, "write")(file, stored.data(), count);
}
ssize_t pwrite(int file, const void* bytes, std::size_t count, off_t offset) {
  const auto stored = recorded_write(file, bytes, count, static_cast<std::size_t>(offset));
  return next(&pwrite, "pwrite")(file, stored.data(), count, offset);
}
ssize_t pwrite64(int file, const void* bytes, std::size_t count, off64_t offset) {
  const auto stored = recorded_write(file, bytes, count, static_cast<std::size_t>(offset));
  return next(&pwrite64, "pwrite64")(file, stored.data(), count, offset);
}
int fsync(int file) {
  if (const auto name = name_of(file)) add("sync " + *name);
  return next(&fsync, "fsync")(file);
}
int rename(const char* from, const char* to) noexcept {
  const auto name = name_of(std::string(from)), new_name = name_of(std::string(to));
  if (name && new_name) add("rename " + *name + " " + *new_name);
  return next(&rename, "rename")(from, to);
}
int link(const char* from, const char* to) noexcept {
  const auto name = name_of(std::string(from)), new_name = name_of(std::string(to));
  if (name && new_name) add("link " + *name + " " + *new_name);
  return next(&link, "link")(from, to);
}
}
