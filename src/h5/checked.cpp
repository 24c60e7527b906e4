// SPDX-License-Identifier: Apache-2.0
#include "checked.hpp"

#include <algorithm>
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
  // Also once per thread, where HDF5 is built thread-safe; it costs nanoseconds.
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::string reason() {
  std::vector<std::string> texts;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, collect, &texts);
  if (texts.empty()) return "no reason given";
  std::string text = texts.size() == 1 ? texts.front() : texts.front() + ": " + texts.back();
  std::replace(text.begin(), text.end(), '\n', ' ');  // HDF5 puts ctime() into some texts
  return text;
}

void fail(const char* verb, const std::string& file, const std::string& object) {
  throw StoreError(fmt::format("cannot {} '{}' (HDF5: {})", verb, object, reason()), file);
}

}  // namespace seqsweep::h5
