// SPDX-License-Identifier: Apache-2.0
#include "checked.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::h5 {
namespace {

static_assert(std::is_same_v<hid_t, std::int64_t>, "seqsweep/h5/file.hpp names hid_t without including hdf5.h");

herr_t collect(unsigned, const H5E_error2_t* entry, void* texts) {
  static_cast<std::vector<std::string>*>(texts)->emplace_back(entry->desc ? entry->desc : "");
  return 0;
}

std::vector<std::string> error_stack() {
  std::vector<std::string> texts;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, collect, &texts);
  return texts;
}

// The errno that HDF5 speaks of, "errno = 28, …"; 0: the system is not to blame.
int system_error(const std::vector<std::string>& texts) {
  constexpr std::string_view before = "errno = ";
  for (const auto& text : texts)
    if (const auto at = text.find(before); at != std::string::npos) return std::atoi(text.c_str() + at + before.size());
  return 0;
}

const char* remedy_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "make room on it";
    case EFBIG:
      return "raise the limit of file sizes (ulimit -f)";
    case EROFS:
    case EACCES:
    case EPERM:
      return "make it writable";
    default:
      return "check the disk";
  }
}

}  // namespace

Handle::~Handle() {
  if (id_ >= 0) close_(id_);
}

Handle::Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    if (id_ >= 0) close_(id_);
    id_ = std::exchange(other.id_, -1);
    close_ = other.close_;
  }
  return *this;
}

std::int64_t Handle::release() {
  return std::exchange(id_, -1);
}

void silence() {
  // HDF5's own clearing up at exit uses files again whose closing failed, on a full disk say: it would crash.
  H5dont_atexit();
  // Also once per thread, where HDF5 is built thread-safe; it costs nanoseconds.
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::string reason() {
  const auto texts = error_stack();
  if (texts.empty()) return "no reason given";
  std::string text = texts.size() == 1 ? texts.front() : texts.front() + ": " + texts.back();
  std::replace(text.begin(), text.end(), '\n', ' ');  // HDF5 puts ctime() into some texts
  return text;
}

bool is_refused_by_system() {
  return system_error(error_stack()) != 0;
}

std::string explanation() {
  const int error = system_error(error_stack());
  return error == 0 ? fmt::format("(HDF5: {}); the file may be damaged", reason())
                    : fmt::format("({}); {}", std::strerror(error), remedy_of(error));
}

void fail(const char* verb, const std::string& file, const std::string& object) {
  throw StoreError(fmt::format("cannot {} '{}' {}", verb, object, explanation()), file);
}

}  // namespace seqsweep::h5
