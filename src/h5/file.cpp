// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/h5/file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "checked.hpp"
#include "types.hpp"

namespace seqsweep::h5 {
namespace {

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

}  // namespace

bool File::exists(const std::string& object) const {
  // HDF5 fails on "a/b" where "a" is missing, so the path is walked.
  for (std::size_t end = object.find('/', 1);; end = object.find('/', end + 1)) {
    const std::string part = object.substr(0, end);
    if (!part.empty() && part != "/" &&
        checked(H5Lexists(file_.id(), part.c_str(), H5P_DEFAULT), "look for", path_, part) == 0)
      return false;
    if (end == std::string::npos) return true;
  }
}

void File::create_group(const std::string& object) {
  const Handle properties = timeless(H5P_GROUP_CREATE, path_, object);
  owned(H5Gcreate2(file_.id(), object.c_str(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Gclose, "make the group",
        path_, object);
}

std::vector<std::string> File::members(const std::string& group) const {
  std::vector<std::string> names;
  const Handle handle =
      owned(H5Gopen2(file_.id(), group.c_str(), H5P_DEFAULT), H5Gclose, "open the group", path_, group);
  checked(H5Literate(handle.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names), "list", path_, group);
  return names;
}

void File::start_swmr() {
  checked(H5Fstart_swmr_write(file_.id()), "let readers into", path_, "/");
}

void File::flush() {
  checked(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL), "flush", path_, "/");
}

std::string File::image() {
  flush();
  const auto size = checked(H5Fget_file_image(file_.id(), nullptr, 0), "measure", path_, "/");
  std::string bytes(static_cast<std::size_t>(size), '\0');
  checked(H5Fget_file_image(file_.id(), bytes.data(), bytes.size()), "copy", path_, "/");
  return bytes;
}

void File::rename(const std::string& to) {
  if (std::rename(path_.c_str(), to.c_str()) != 0)
    throw StoreError(fmt::format("cannot be renamed to '{}' ({}); check the permissions and free space of its folder",
                                 to, std::strerror(errno)),
                     path_);
  path_ = to;
}

void File::close() {
  if (!file_) return;
  const hid_t id = file_.release();
  checked(H5Fclose(id), "close", path_, "/");
}

}  // namespace seqsweep::h5
