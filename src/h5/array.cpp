// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "checked.hpp"
#include "types.hpp"

namespace seqsweep::h5 {
namespace {

constexpr std::size_t largest_unchunked_bytes = 4096;

std::size_t product(std::span<const std::size_t> extents) {
  std::size_t count = 1;
  for (const auto extent : extents) count *= extent;
  return count;
}

std::vector<hsize_t> as_extents(const std::vector<std::size_t>& shape) {
  return {shape.begin(), shape.end()};
}

// Whole rows while one fits into `chunk_bytes`; of longer rows a part.
std::vector<hsize_t> chunk_shape(std::vector<hsize_t> extents, std::size_t element_bytes, std::size_t chunk_bytes) {
  std::size_t elements = std::max<std::size_t>(1, chunk_bytes / element_bytes);
  for (std::size_t d = extents.size(); d-- > 0;) {
    extents[d] = std::clamp<hsize_t>(extents[d], 1, elements);
    elements = std::max<std::size_t>(1, elements / extents[d]);
  }
  return extents;
}

}  // namespace

std::size_t Array::row_size() const {
  return shape_.empty() ? 1 : product(std::span(shape_).subspan(1));
}

void Array::append_bytes(Kind kind, const void* values, std::size_t count) {
  SEQSWEEP_EXPECT(!shape_.empty(), "rows are appended to a scalar");
  SEQSWEEP_EXPECT(row_size() > 0 && count % row_size() == 0, "half a row is appended");
  if (count == 0) return;
  auto start = std::vector<hsize_t>(shape_.size(), 0);
  start[0] = shape_[0];
  auto block = as_extents(shape_);
  block[0] = count / row_size();
  auto extents = as_extents(shape_);
  extents[0] += block[0];
  checked(H5Dset_extent(dataset_.id(), extents.data()), "extend", file_, path_);
  const Handle in_file = owned(H5Dget_space(dataset_.id()), H5Sclose, "read the shape of", file_, path_);
  checked(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, start.data(), nullptr, block.data(), nullptr),
          "select rows of", file_, path_);
  const Handle in_memory = owned(H5Screate_simple(static_cast<int>(block.size()), block.data(), nullptr), H5Sclose,
                                 "append to", file_, path_);
  checked(H5Dwrite(dataset_.id(), memory_type(kind), in_memory.id(), in_file.id(), H5P_DEFAULT, values), "append to",
          file_, path_);
  shape_[0] += block[0];
}

void Array::read_bytes(Kind kind, std::size_t first_row, void* out, std::size_t count) const {
  if (count == 0) return;
  if (shape_.empty()) {
    SEQSWEEP_EXPECT(count == 1 && first_row == 0, "a scalar has one value");
    checked(H5Dread(dataset_.id(), memory_type(kind), H5S_ALL, H5S_ALL, H5P_DEFAULT, out), "read", file_, path_);
    return;
  }
  SEQSWEEP_EXPECT(row_size() > 0 && count % row_size() == 0, "half a row is read");
  auto start = std::vector<hsize_t>(shape_.size(), 0);
  start[0] = first_row;
  auto block = as_extents(shape_);
  block[0] = count / row_size();
  SEQSWEEP_EXPECT(first_row <= shape_[0] && block[0] <= shape_[0] - first_row, "rows behind the end are read");
  const Handle in_file = owned(H5Dget_space(dataset_.id()), H5Sclose, "read the shape of", file_, path_);
  checked(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, start.data(), nullptr, block.data(), nullptr),
          "select rows of", file_, path_);
  const Handle in_memory =
      owned(H5Screate_simple(static_cast<int>(block.size()), block.data(), nullptr), H5Sclose, "read", file_, path_);
  checked(H5Dread(dataset_.id(), memory_type(kind), in_memory.id(), in_file.id(), H5P_DEFAULT, out), "read", file_,
          path_);
}

Array File::create_array(const std::string& object, Kind kind, const std::vector<std::size_t>& row_shape,
                         const ArrayOptions& options) {
  Array array;
  array.kind_ = kind;
  array.shape_ = {0};
  array.shape_.insert(array.shape_.end(), row_shape.begin(), row_shape.end());
  array.file_ = path_;
  array.path_ = object;
  const auto extents = as_extents(array.shape_);
  auto limits = extents;
  limits[0] = H5S_UNLIMITED;
  auto typical = extents;
  typical[0] = options.chunk_bytes;  // as many rows as fit
  const auto chunk = chunk_shape(typical, bytes_of(kind), options.chunk_bytes);
  const Handle properties = chunked(chunk, options.is_compressed, options.has_checksum, path_, object);
  const Handle space = owned(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), limits.data()),
                             H5Sclose, "shape", path_, object);
  array.dataset_ = owned(
      H5Dcreate2(file_.id(), object.c_str(), file_type(kind), space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
      H5Dclose, "make", path_, object);
  return array;
}

Array File::open_array(const std::string& object) const {
  if (!exists(object))
    throw StoreError(fmt::format("holds no '{}'; the file is of another kind or damaged", object), path_);
  Array array;
  array.file_ = path_;
  array.path_ = object;
  array.dataset_ = owned(H5Dopen2(file_.id(), object.c_str(), H5P_DEFAULT), H5Dclose, "open", path_, object);
  const Handle type = owned(H5Dget_type(array.dataset_.id()), H5Tclose, "read the type of", path_, object);
  const auto kind = nearest_kind(type.id());
  if (!kind) throw StoreError(fmt::format("'{}' holds no plain numbers; the file is of another kind", object), path_);
  array.kind_ = *kind;
  const Handle space = owned(H5Dget_space(array.dataset_.id()), H5Sclose, "read the shape of", path_, object);
  std::vector<hsize_t> extents(
      static_cast<std::size_t>(checked(H5Sget_simple_extent_ndims(space.id()), "read the shape of", path_, object)));
  checked(H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr), "read the shape of", path_, object);
  double bytes = static_cast<double>(H5Tget_size(type.id()));
  for (const auto extent : extents) bytes *= static_cast<double>(extent);
  check_plausible(file_.id(), array.dataset_.id(), bytes, fmt::format("[{}]", fmt::join(extents, " × ")), path_,
                  object);
  array.shape_.assign(extents.begin(), extents.end());
  return array;
}

void File::write_bytes(const std::string& object, Kind kind, const void* values, std::size_t count,
                       const std::vector<std::size_t>& shape, const ArrayOptions& options) {
  SEQSWEEP_EXPECT(product(shape) == count, "the values do not fill the shape of an array");
  const auto extents = as_extents(shape);
  const std::size_t num_bytes = count * bytes_of(kind);
  Handle properties;
  if (num_bytes > largest_unchunked_bytes) {
    const auto chunk = chunk_shape(extents, bytes_of(kind), options.chunk_bytes);
    properties = chunked(chunk, options.is_compressed, options.has_checksum, path_, object);
  } else {
    properties = timeless(H5P_DATASET_CREATE, path_, object);
    if (count > 0) checked(H5Pset_layout(properties.id(), H5D_COMPACT), "lay out", path_, object);
  }
  const Handle space = shape.empty()
                           ? Handle(H5Screate(H5S_SCALAR), H5Sclose)
                           : owned(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
                                   H5Sclose, "shape", path_, object);
  Handle dataset = owned(
      H5Dcreate2(file_.id(), object.c_str(), file_type(kind), space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
      H5Dclose, "make", path_, object);
  if (count > 0)
    checked(H5Dwrite(dataset.id(), memory_type(kind), H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "write", path_, object);
  checked(H5Dclose(dataset.release()), "write", path_, object);  // only now are the last chunks written
}

}  // namespace seqsweep::h5
