// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "checked.hpp"
#include "types.hpp"

namespace seqsweep::h5 {
namespace {

std::string named(const std::string& object, const std::string& name) {
  return object + "@" + name;
}

Handle scalar() {
  return {H5Screate(H5S_SCALAR), H5Sclose};
}

Handle list(std::size_t length) {
  const hsize_t extent = length;
  return {H5Screate_simple(1, &extent, nullptr), H5Sclose};
}

struct Target {
  hid_t file;
  const std::string& path;
  const std::string& object;
  const std::string& name;
};

/// `values` is null for an empty list.
void write(const Target& target, hid_t type_on_disk, hid_t type_in_memory, const Handle& space, const void* values) {
  const auto& [file, path, object, name] = target;
  const std::string label = named(object, name);
  if (checked(H5Aexists_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT), "look for", path, label) > 0)
    checked(H5Adelete_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT), "replace", path, label);
  const Handle attribute = owned(H5Acreate_by_name(file, object.c_str(), name.c_str(), type_on_disk, space.id(),
                                                   H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                                 H5Aclose, "make the attribute", path, label);
  if (values) checked(H5Awrite(attribute.id(), type_in_memory, values), "write the attribute", path, label);
}

/// An attribute that is open for reading.
struct Opened {
  Handle attribute, type;
  std::size_t count = 0;  ///< elements
};

Opened open(const Target& target) {
  const auto& [file, path, object, name] = target;
  const std::string label = named(object, name);
  if (checked(H5Aexists_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT), "look for", path, label) == 0)
    throw StoreError(fmt::format("'{}' has no attribute '{}'; the file is of another kind or damaged", object, name),
                     path);
  Opened opened;
  opened.attribute = owned(H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                           "open the attribute", path, label);
  opened.type = owned(H5Aget_type(opened.attribute.id()), H5Tclose, "read the type of", path, label);
  const Handle space = owned(H5Aget_space(opened.attribute.id()), H5Sclose, "read the shape of", path, label);
  opened.count = static_cast<std::size_t>(checked(H5Sget_simple_extent_npoints(space.id()), "size", path, label));
  return opened;
}

[[noreturn]] void fail_as_other(const Target& target, const char* expected) {
  throw StoreError(fmt::format("the attribute '{}' of '{}' is no {}; the file is of another kind or damaged",
                               target.name, target.object, expected),
                   target.path);
}

std::vector<std::string> read_all_texts(const Target& target) {
  const Opened opened = open(target);
  if (H5Tget_class(opened.type.id()) != H5T_STRING) fail_as_other(target, "text");
  const std::string label = named(target.object, target.name);
  std::vector<std::string> texts(opened.count);
  if (opened.count == 0) return texts;
  if (H5Tis_variable_str(opened.type.id()) > 0) {  // as h5py writes them
    std::vector<char*> pointers(opened.count);
    checked(H5Aread(opened.attribute.id(), opened.type.id(), pointers.data()), "read the attribute", target.path,
            label);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (pointers[i]) texts[i] = pointers[i];
      H5free_memory(pointers[i]);
    }
    return texts;
  }
  const std::size_t width = H5Tget_size(opened.type.id());
  std::vector<char> bytes(width * opened.count);
  checked(H5Aread(opened.attribute.id(), opened.type.id(), bytes.data()), "read the attribute", target.path, label);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const char* first = bytes.data() + i * width;
    texts[i].assign(first, strnlen(first, width));
  }
  return texts;
}

template <class T>
std::vector<T> read_all_numbers(const Target& target, Kind kind, bool are_reals_allowed, const char* expected) {
  const Opened opened = open(target);
  const auto found = H5Tget_class(opened.type.id());
  if (found != H5T_INTEGER && !(are_reals_allowed && found == H5T_FLOAT)) fail_as_other(target, expected);
  std::vector<T> values(opened.count);
  if (values.empty()) return values;
  checked(H5Aread(opened.attribute.id(), memory_type(kind), values.data()), "read the attribute", target.path,
          named(target.object, target.name));
  return values;
}

}  // namespace

void File::write_attribute(const std::string& object, const std::string& name, const std::string& value) {
  const Handle type = ended_text_type(value.size());
  write({file_.id(), path_, object, name}, type.id(), type.id(), scalar(), value.c_str());
}

void File::write_attribute(const std::string& object, const std::string& name, std::int64_t value) {
  write({file_.id(), path_, object, name}, file_type(Kind::i64), memory_type(Kind::i64), scalar(), &value);
}

void File::write_attribute(const std::string& object, const std::string& name, double value) {
  write({file_.id(), path_, object, name}, file_type(Kind::f64), memory_type(Kind::f64), scalar(), &value);
}

void File::write_attribute(const std::string& object, const std::string& name, const std::vector<double>& values) {
  write({file_.id(), path_, object, name}, file_type(Kind::f64), memory_type(Kind::f64), list(values.size()),
        values.empty() ? nullptr : values.data());
}

void File::write_attribute(const std::string& object, const std::string& name, const std::vector<std::string>& values) {
  std::size_t width = 0;
  for (const auto& value : values) width = std::max(width, value.size());
  std::string padded;
  for (const auto& value : values) padded += value + std::string(width + 1 - value.size(), '\0');
  const Handle type = ended_text_type(width);
  write({file_.id(), path_, object, name}, type.id(), type.id(), list(values.size()),
        values.empty() ? nullptr : padded.data());
}

bool File::has_attribute(const std::string& object, const std::string& name) const {
  return exists(object) && checked(H5Aexists_by_name(file_.id(), object.c_str(), name.c_str(), H5P_DEFAULT), "look for",
                                   path_, named(object, name)) > 0;
}

std::string File::read_text(const std::string& object, const std::string& name) const {
  const Target target{file_.id(), path_, object, name};
  auto texts = read_all_texts(target);
  if (texts.size() != 1) fail_as_other(target, "single text");
  return std::move(texts[0]);
}

std::int64_t File::read_integer(const std::string& object, const std::string& name) const {
  const Target target{file_.id(), path_, object, name};
  constexpr bool are_reals_allowed = false;
  const auto values = read_all_numbers<std::int64_t>(target, Kind::i64, are_reals_allowed, "integer");
  if (values.size() != 1) fail_as_other(target, "single integer");
  return values[0];
}

double File::read_real(const std::string& object, const std::string& name) const {
  const auto values = read_reals(object, name);
  if (values.size() != 1) fail_as_other({file_.id(), path_, object, name}, "single number");
  return values[0];
}

std::vector<double> File::read_reals(const std::string& object, const std::string& name) const {
  constexpr bool are_reals_allowed = true;
  return read_all_numbers<double>({file_.id(), path_, object, name}, Kind::f64, are_reals_allowed, "number");
}

std::vector<std::string> File::read_texts(const std::string& object, const std::string& name) const {
  return read_all_texts({file_.id(), path_, object, name});
}

}  // namespace seqsweep::h5
