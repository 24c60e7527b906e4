// SPDX-License-Identifier: Apache-2.0
#include "h5/edits.hpp"

#include <array>
#include <utility>
#include <vector>

#include <hdf5.h>

#include "seqsweep/h5/file.hpp"

namespace seqsweep::test {
namespace {

using fuzz::Input;
using h5::Handle;

constexpr std::size_t most_bytes = 1 << 20;  // of a data set that is overwritten

Handle open(const std::string& path) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG);
  const hbool_t yes = true;  // of a live file
  H5Pset(access.id(), "clear_status_flags", &yes);
  H5Pset(access.id(), "skip_eof_check", &yes);
  return {H5Fopen(path.c_str(), H5F_ACC_RDWR, access.id()), H5Fclose};
}

/// What there is to change.
struct Content {
  std::vector<std::string> datasets, groups;
  std::vector<std::pair<std::string, std::string>> attributes;  // object, name
};

herr_t add_attribute(hid_t, const char* name, const H5A_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

herr_t add_object(hid_t file, const char* name, const H5O_info_t* info, void* data) {
  auto& content = *static_cast<Content*>(data);
  (info->type == H5O_TYPE_DATASET ? content.datasets : content.groups).emplace_back(name);
  std::vector<std::string> attributes;
  H5Aiterate_by_name(file, name, H5_INDEX_NAME, H5_ITER_INC, nullptr, add_attribute, &attributes, H5P_DEFAULT);
  for (auto& attribute : attributes) content.attributes.emplace_back(name, std::move(attribute));
  return 0;
}

Content content_of(const Handle& file) {
  Content content;
  H5Ovisit2(file.id(), H5_INDEX_NAME, H5_ITER_INC, add_object, &content, H5O_INFO_BASIC);
  return content;
}

template <class T>
const T* one_of(const std::vector<T>& all, Input& input) {
  return all.empty() ? nullptr : &all[input.below(all.size())];
}

// ---- what the file may say instead

Handle text_type(std::size_t num_bytes) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), num_bytes);
  return type;
}

Handle array_type(hsize_t length) {
  return {H5Tarray_create2(H5T_STD_I32LE, 1, &length), H5Tclose};
}

Handle some_type(Input& input) {
  const std::array plain = {H5T_STD_U8LE,  H5T_STD_I16BE,   H5T_STD_I32LE,  H5T_STD_U32LE,  H5T_STD_I64LE,
                            H5T_STD_U64BE, H5T_IEEE_F32LE,  H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_NATIVE_LDOUBLE,
                            H5T_STD_B64LE, H5T_STD_REF_OBJ, H5T_UNIX_D32LE};
  const auto kind = input.below(plain.size() + 4);
  if (kind < plain.size()) return {H5Tcopy(plain[kind]), H5Tclose};
  if (kind == plain.size()) return text_type(1 + input.number(2));
  if (kind == plain.size() + 1) return text_type(H5T_VARIABLE);
  if (kind == plain.size() + 2) return array_type(1 + input.number(2));
  Handle row(H5Tcreate(H5T_COMPOUND, 16), H5Tclose);
  H5Tinsert(row.id(), "trial", 0, H5T_STD_I64LE);
  H5Tinsert(row.id(), "value", 8, H5T_IEEE_F64LE);
  return row;
}

// Small numbers, and every power of two.
hsize_t some_extent(Input& input) {
  const auto kind = input.byte();
  return kind < 128 ? kind : hsize_t{1} << (kind % 64);
}

std::vector<hsize_t> some_shape(Input& input) {
  std::vector<hsize_t> shape(1 + input.below(4));
  for (auto& extent : shape) extent = some_extent(input);
  return shape;
}

Handle space_of(const std::vector<hsize_t>& shape) {
  return {H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose};
}

// ---- the edits

void overwrite(std::vector<char>& bytes, Input& input) {
  const auto offset = input.below(bytes.size());
  const auto patch = input.text(1 + input.below(8));
  for (std::size_t i = 0; i < patch.size() && offset + i < bytes.size(); ++i) bytes[offset + i] = patch[i];
}

void overwrite_data(const Handle& file, const Content& content, Input& input) {
  const auto* name = one_of(content.datasets, input);
  if (name == nullptr) return;
  const Handle dataset(H5Dopen2(file.id(), name->c_str(), H5P_DEFAULT), H5Dclose);
  const Handle type(H5Dget_type(dataset.id()), H5Tclose), space(H5Dget_space(dataset.id()), H5Sclose);
  if (H5Tdetect_class(type.id(), H5T_VLEN) > 0 || H5Tis_variable_str(type.id()) > 0) return;  // those are pointers
  const auto count = H5Sget_simple_extent_npoints(space.id());
  const auto width = H5Tget_size(type.id());
  if (count <= 0 || width == 0 || static_cast<std::size_t>(count) > most_bytes / width) return;
  std::vector<char> bytes(static_cast<std::size_t>(count) * width);
  if (H5Dread(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) < 0) return;
  overwrite(bytes, input);
  H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
}

void overwrite_attribute(const Handle& file, const Content& content, Input& input) {
  const auto* name = one_of(content.attributes, input);
  if (name == nullptr) return;
  const Handle old(H5Aopen_by_name(file.id(), name->first.c_str(), name->second.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                   H5Aclose);
  const Handle type(H5Aget_type(old.id()), H5Tclose), space(H5Aget_space(old.id()), H5Sclose);
  if (H5Tis_variable_str(type.id()) > 0) return;
  const auto count = H5Sget_simple_extent_npoints(space.id());
  if (count <= 0) return;
  std::vector<char> bytes(static_cast<std::size_t>(count) * H5Tget_size(type.id()));
  if (H5Aread(old.id(), type.id(), bytes.data()) < 0) return;
  overwrite(bytes, input);
  // Made anew: HDF5 1.10 may read beyond a buffer of its own where one of many attributes is overwritten.
  H5Adelete_by_name(file.id(), name->first.c_str(), name->second.c_str(), H5P_DEFAULT);
  const Handle attribute(H5Acreate_by_name(file.id(), name->first.c_str(), name->second.c_str(), type.id(), space.id(),
                                           H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
  H5Awrite(attribute.id(), type.id(), bytes.data());
}

void replace_attribute(const Handle& file, const Content& content, const Handle& type, const Handle& space,
                       Input& input) {
  const auto* name = one_of(content.attributes, input);
  if (name == nullptr) return;
  H5Adelete_by_name(file.id(), name->first.c_str(), name->second.c_str(), H5P_DEFAULT);
  const Handle attribute(H5Acreate_by_name(file.id(), name->first.c_str(), name->second.c_str(), type.id(), space.id(),
                                           H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
  const auto count = H5Sget_simple_extent_npoints(space.id());
  const auto width = H5Tget_size(type.id());
  if (count <= 0 || static_cast<std::size_t>(count) > most_bytes / width) return;
  if (H5Tis_variable_str(type.id()) > 0) {
    const auto text = input.text(32);
    const std::vector<const char*> texts(static_cast<std::size_t>(count), text.c_str());
    H5Awrite(attribute.id(), type.id(), texts.data());
  } else if (H5Tdetect_class(type.id(), H5T_REFERENCE) <= 0) {  // a reference that points nowhere is not written
    auto bytes = input.text(static_cast<std::size_t>(count) * width);
    bytes.resize(static_cast<std::size_t>(count) * width);
    H5Awrite(attribute.id(), type.id(), bytes.data());
  }
}

void retype_attribute(const Handle& file, const Content& content, Input& input) {
  const auto type = some_type(input);
  const auto kind = input.byte() % 4;
  const auto space = kind == 0   ? Handle(H5Screate(H5S_NULL), H5Sclose)
                     : kind == 1 ? space_of({input.byte() % 9ULL})
                                 : Handle(H5Screate(H5S_SCALAR), H5Sclose);
  replace_attribute(file, content, type, space, input);
}

void renumber_attribute(const Handle& file, const Content& content, Input& input) {
  const Handle type(H5Tcopy(H5T_STD_I64LE), H5Tclose), space(H5Screate(H5S_SCALAR), H5Sclose);
  replace_attribute(file, content, type, space, input);
}

void retext_attribute(const Handle& file, const Content& content, Input& input) {
  const auto type = text_type(1 + input.below(64));
  const auto kind = input.byte() % 4;
  replace_attribute(file, content, type,
                    kind == 0 ? space_of({1 + input.byte() % 5ULL}) : Handle(H5Screate(H5S_SCALAR), H5Sclose), input);
}

void remove_attribute(const Handle& file, const Content& content, Input& input) {
  if (const auto* name = one_of(content.attributes, input))
    H5Adelete_by_name(file.id(), name->first.c_str(), name->second.c_str(), H5P_DEFAULT);
}

void remove_object(const Handle& file, const Content& content, Input& input) {
  if (const auto* name = one_of(input.byte() % 8 == 0 ? content.groups : content.datasets, input))
    H5Ldelete(file.id(), name->c_str(), H5P_DEFAULT);
}

void change_length(const Handle& file, const Content& content, Input& input) {
  const auto* name = one_of(content.datasets, input);
  if (name == nullptr) return;
  const Handle dataset(H5Dopen2(file.id(), name->c_str(), H5P_DEFAULT), H5Dclose);
  const Handle space(H5Dget_space(dataset.id()), H5Sclose);
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  if (H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr) < 1) return;
  if (extents[0] > most_bytes) return;  // HDF5 would look for each chunk that goes
  extents[0] = some_extent(input);
  H5Dset_extent(dataset.id(), extents.data());
}

void replace_data(const Handle& file, const Content& content, Input& input) {
  const auto* name = one_of(content.datasets, input);
  if (name == nullptr) return;
  Handle type;
  if (input.byte() % 2 == 0) {
    const Handle old(H5Dopen2(file.id(), name->c_str(), H5P_DEFAULT), H5Dclose);
    type = Handle(H5Dget_type(old.id()), H5Tclose);
  } else {
    type = some_type(input);
  }
  const auto shape = some_shape(input);
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const auto kind = input.byte();
  if (kind % 4 == 0) {
    std::vector<hsize_t> chunk(shape.size());
    for (auto& extent : chunk) extent = some_extent(input);
    H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data());
    if (kind % 8 == 0) H5Pset_deflate(properties.id(), 1);
  }
  if (kind % 4 == 1) H5Pset_external(properties.id(), "/dev/zero", 0, H5F_UNLIMITED);
  H5Ldelete(file.id(), name->c_str(), H5P_DEFAULT);
  const auto space = input.byte() % 8 == 0 ? Handle(H5Screate(H5S_NULL), H5Sclose) : space_of(shape);
  const Handle dataset(
      H5Dcreate2(file.id(), name->c_str(), type.id(), space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Dclose);
}

void relink(const Handle& file, const Content& content, Input& input) {
  const auto* name = one_of(content.datasets, input);
  const auto* other = one_of(input.byte() % 4 == 0 ? content.groups : content.datasets, input);
  if (name == nullptr || other == nullptr || *name == *other) return;
  H5Ldelete(file.id(), name->c_str(), H5P_DEFAULT);
  switch (input.byte() % 4) {
    case 0:
      H5Lcreate_soft(("/" + *other).c_str(), file.id(), name->c_str(), H5P_DEFAULT, H5P_DEFAULT);
      break;
    case 1:
      H5Lcreate_external("whole.h5", other->c_str(), file.id(), name->c_str(), H5P_DEFAULT, H5P_DEFAULT);
      break;
    case 2:
      H5Lcreate_soft(("/" + *name).c_str(), file.id(), name->c_str(), H5P_DEFAULT, H5P_DEFAULT);  // to itself
      break;
    default:
      H5Lcreate_hard(file.id(), other->c_str(), file.id(), name->c_str(), H5P_DEFAULT, H5P_DEFAULT);
  }
}

}  // namespace

void edit_hdf5(const std::string& path, Input& input, int most_edits) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  constexpr std::array edits = {overwrite_data,
                                overwrite_data,
                                overwrite_attribute,
                                retype_attribute,
                                retext_attribute,
                                renumber_attribute,
                                remove_attribute,
                                remove_object,
                                change_length,
                                replace_data,
                                relink};
  const auto file = open(path);
  if (!file) return;
  for (int edit = 0; edit < most_edits && !input.is_empty(); ++edit)
    edits[input.below(edits.size())](file, content_of(file), input);
}

void keep_no_free_lists() {
  H5set_free_list_limits(0, 0, 0, 0, 0, 0);
}

}  // namespace seqsweep::test
