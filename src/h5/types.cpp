// SPDX-License-Identifier: Apache-2.0
#include "types.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "checked.hpp"

namespace seqsweep::h5 {
namespace {

constexpr unsigned deflate_level = 4;
constexpr double max_deflate_ratio = 1100;      // zlib's own limit is 1032 to 1
constexpr double usual_chunk_bytes = 64 << 20;  // HDF5 takes memory for a whole chunk, whatever is in it

// Throws StoreError where HDF5 would read other files, or take more memory than the data set needs.
void check_storage(hid_t properties, double bytes, double element_bytes, const std::string& path,
                   const std::string& object) {
  if (H5Pget_layout(properties) == H5D_VIRTUAL || H5Pget_external_count(properties) > 0)
    throw StoreError(
        fmt::format("'{}' lies in other files, which are not read; copy it into this one (h5repack)", object), path);
  if (H5Pget_layout(properties) != H5D_CHUNKED) return;
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  const int rank = checked(H5Pget_chunk(properties, H5S_MAX_RANK, chunk.data()), "inspect", path, object);
  for (int d = 0; d < rank; ++d) element_bytes *= static_cast<double>(chunk[static_cast<std::size_t>(d)]);
  if (element_bytes > std::max(bytes, usual_chunk_bytes))
    throw StoreError(
        fmt::format("'{}' has chunks of {}, more than all of it; it is damaged: make or copy the file again", object,
                    human_bytes(element_bytes)),
        path);
}

Handle compound(const RowType& type, bool is_on_disk, const std::string& file, const std::string& object) {
  const auto size_of = [](const Column& column) {
    return column.kind == Kind::text ? column.text_bytes : bytes_of(column.kind);
  };
  std::size_t packed_bytes = 0;
  for (const auto& column : type.columns) {
    SEQSWEEP_EXPECT(column.offset + size_of(column) <= type.row_bytes, "a column lies outside of its row");
    packed_bytes += size_of(column);
  }
  Handle row = owned(H5Tcreate(H5T_COMPOUND, is_on_disk ? packed_bytes : type.row_bytes), H5Tclose,
                     "make the row type of", file, object);
  std::size_t packed_offset = 0;
  for (const auto& column : type.columns) {
    Handle text;
    if (column.kind == Kind::text) text = text_type(column.text_bytes);
    const hid_t member = text ? text.id() : is_on_disk ? file_type(column.kind) : memory_type(column.kind);
    checked(H5Tinsert(row.id(), column.name.c_str(), is_on_disk ? packed_offset : column.offset, member),
            "make the row type of", file, object);
    packed_offset += size_of(column);
  }
  return row;
}

}  // namespace

hid_t memory_type(Kind kind) {
  switch (kind) {
    case Kind::u8:
      return H5T_NATIVE_UINT8;
    case Kind::i32:
      return H5T_NATIVE_INT32;
    case Kind::i64:
      return H5T_NATIVE_INT64;
    case Kind::u32:
      return H5T_NATIVE_UINT32;
    case Kind::f32:
      return H5T_NATIVE_FLOAT;
    case Kind::f64:
      return H5T_NATIVE_DOUBLE;
    case Kind::text:
      break;
  }
  throw ContractViolation("text has no numeric type");
}

hid_t file_type(Kind kind) {
  switch (kind) {
    case Kind::u8:
      return H5T_STD_U8LE;
    case Kind::i32:
      return H5T_STD_I32LE;
    case Kind::i64:
      return H5T_STD_I64LE;
    case Kind::u32:
      return H5T_STD_U32LE;
    case Kind::f32:
      return H5T_IEEE_F32LE;
    case Kind::f64:
      return H5T_IEEE_F64LE;
    case Kind::text:
      break;
  }
  throw ContractViolation("text has no numeric type");
}

std::size_t bytes_of(Kind kind) {
  switch (kind) {
    case Kind::u8:
      return 1;
    case Kind::i32:
    case Kind::u32:
    case Kind::f32:
      return 4;
    case Kind::i64:
    case Kind::f64:
      return 8;
    case Kind::text:
      break;
  }
  throw ContractViolation("text has no numeric type");
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::u8:
      return "uint8";
    case Kind::i32:
      return "int32";
    case Kind::i64:
      return "int64";
    case Kind::u32:
      return "uint32";
    case Kind::f32:
      return "float32";
    case Kind::f64:
      return "float64";
    case Kind::text:
      return "text";
  }
  return "unknown";
}

Handle text_type(std::size_t text_bytes) {
  Handle type = owned(H5Tcopy(H5T_C_S1), H5Tclose, "make", {}, "a text type");
  checked(H5Tset_size(type.id(), text_bytes), "size", {}, "a text type");
  checked(H5Tset_strpad(type.id(), H5T_STR_NULLPAD), "pad", {}, "a text type");
  checked(H5Tset_cset(type.id(), H5T_CSET_UTF8), "encode", {}, "a text type");
  return type;
}

Handle ended_text_type(std::size_t text_bytes) {
  Handle type = text_type(text_bytes + 1);
  checked(H5Tset_strpad(type.id(), H5T_STR_NULLTERM), "end", {}, "a text type");
  return type;
}

std::optional<Kind> nearest_kind(hid_t type) {
  const std::size_t bytes = H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return bytes <= 4 ? Kind::f32 : Kind::f64;
    case H5T_INTEGER:
      if (bytes > 4) return Kind::i64;
      if (H5Tget_sign(type) == H5T_SGN_NONE) return bytes == 1 ? Kind::u8 : Kind::u32;
      return Kind::i32;
    default:
      return std::nullopt;
  }
}

Handle row_in_memory(const RowType& type, const std::string& file, const std::string& object) {
  constexpr bool is_on_disk = false;
  return compound(type, is_on_disk, file, object);
}

Handle row_on_disk(const RowType& type, const std::string& file, const std::string& object) {
  constexpr bool is_on_disk = true;
  return compound(type, is_on_disk, file, object);
}

void check_plausible(hid_t file, hid_t dataset, double bytes, const std::string& shape, const std::string& path,
                     const std::string& object) {
  const Handle properties = owned(H5Dget_create_plist(dataset), H5Pclose, "inspect", path, object);
  const Handle type = owned(H5Dget_type(dataset), H5Tclose, "inspect", path, object);
  check_storage(properties.id(), bytes, static_cast<double>(H5Tget_size(type.id())), path, object);
  unsigned intent = 0;
  checked(H5Fget_intent(file, &intent), "inspect", path, object);
  if (intent & H5F_ACC_RDWR) return;  // chunks may be in memory only; what we wrote ourselves needs no check
  hsize_t file_bytes = 0;
  checked(H5Fget_filesize(file, &file_bytes), "size", path, object);
  const bool is_filtered = H5Pget_nfilters(properties.id()) > 0;
  if (bytes <= static_cast<double>(file_bytes) * (is_filtered ? max_deflate_ratio : 1)) return;
  throw StoreError(
      fmt::format("'{}' says that it is {} ({}), but the whole file has only {}; it is damaged or was never "
                  "filled: make or copy the file again",
                  object, shape, human_bytes(bytes), human_bytes(static_cast<double>(file_bytes))),
      path);
}

Handle timeless(hid_t property_class, const std::string& file, const std::string& object) {
  Handle properties = owned(H5Pcreate(property_class), H5Pclose, "prepare", file, object);
  checked(H5Pset_obj_track_times(properties.id(), false), "prepare", file, object);
  return properties;
}

Handle chunked(const std::vector<hsize_t>& chunk, bool is_compressed, bool has_checksum, const std::string& file,
               const std::string& object) {
  Handle properties = timeless(H5P_DATASET_CREATE, file, object);
  checked(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()), "chunk", file, object);
  if (is_compressed) {
    checked(H5Pset_shuffle(properties.id()), "shuffle", file, object);
    checked(H5Pset_deflate(properties.id(), deflate_level), "compress", file, object);
  }
  // Last, so that the checksum guards the compressed bytes and a damaged chunk never reaches zlib.
  if (has_checksum) checked(H5Pset_fletcher32(properties.id()), "checksum", file, object);
  return properties;
}

}  // namespace seqsweep::h5
