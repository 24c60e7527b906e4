// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "checked.hpp"
#include "types.hpp"

namespace seqsweep::h5 {
namespace {

// "learning_rate [1/s]: of the epoch", one line per column, for people who open the file: h5dump and print() show the
// lines as they are.
std::string legend(const RowType& type) {
  std::string lines;
  for (const auto& column : type.columns)
    lines += column.name + (column.unit.empty() ? "" : " [" + column.unit + "]") +
             (column.description.empty() ? "" : ": " + column.description) + '\n';
  return lines;
}

/// "int64", "text of 12 bytes".
std::string kind_text(const Column& column) {
  return column.kind == Kind::text ? fmt::format("text of {} bytes", column.text_bytes) : name_of(column.kind);
}

std::string kind_text(hid_t type) {
  if (H5Tget_class(type) == H5T_STRING) return fmt::format("text of {} bytes", H5Tget_size(type));
  const auto kind = nearest_kind(type);
  return kind ? name_of(*kind) : "something else";
}

void check_columns(hid_t found_row, const RowType& type, const std::string& file, const std::string& object) {
  if (H5Tget_class(found_row) != H5T_COMPOUND)
    throw StoreError(fmt::format("'{}' is no table; the file is of another kind", object), file);
  for (const auto& column : type.columns) {
    const int m = H5Tget_member_index(found_row, column.name.c_str());
    if (m < 0)
      throw StoreError(fmt::format("the table '{}' has no column '{}'; the file is of another kind or format version",
                                   object, column.name),
                       file);
    const Handle found =
        owned(H5Tget_member_type(found_row, static_cast<unsigned>(m)), H5Tclose, "read the columns of", file, object);
    Handle text;
    if (column.kind == Kind::text) text = text_type(column.text_bytes);
    if (H5Tequal(found.id(), text ? text.id() : file_type(column.kind)) <= 0)
      throw StoreError(fmt::format("the column '{}' of '{}' is {}, {} expected; the file is of another format version",
                                   column.name, object, kind_text(found.id()), kind_text(column)),
                       file);
  }
  const int num_found = H5Tget_nmembers(found_row);
  if (num_found != static_cast<int>(type.columns.size()))
    throw StoreError(fmt::format("the table '{}' has {} columns, {} expected; the file is of another format version",
                                 object, num_found, type.columns.size()),
                     file);
}

}  // namespace

void Table::transfer(bool is_write, std::size_t first_row, void* rows, std::size_t num_bytes) const {
  SEQSWEEP_EXPECT(num_bytes % row_bytes_ == 0, "half a row is read or written");
  const hsize_t start = first_row, count = num_bytes / row_bytes_;
  SEQSWEEP_EXPECT(first_row <= num_rows_ && count <= num_rows_ - first_row, "rows behind the end are read or written");
  if (count == 0) return;
  const char* verb = is_write ? "write rows of" : "read rows of";
  const Handle in_file = owned(H5Dget_space(dataset_.id()), H5Sclose, verb, file_, path_);
  checked(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, &start, nullptr, &count, nullptr), verb, file_, path_);
  const Handle in_memory = owned(H5Screate_simple(1, &count, nullptr), H5Sclose, verb, file_, path_);
  const hid_t d = dataset_.id(), type = memory_type_.id();
  checked(is_write ? H5Dwrite(d, type, in_memory.id(), in_file.id(), H5P_DEFAULT, rows)
                   : H5Dread(d, type, in_memory.id(), in_file.id(), H5P_DEFAULT, rows),
          verb, file_, path_);
}

void Table::append(std::span<const std::byte> rows) {
  const std::size_t first_row = num_rows_;
  const hsize_t extent = num_rows_ + rows.size() / row_bytes_;
  checked(H5Dset_extent(dataset_.id(), &extent), "append to", file_, path_);
  num_rows_ = extent;
  overwrite(first_row, rows);
}

void Table::overwrite(std::size_t first_row, std::span<const std::byte> rows) {
  constexpr bool is_write = true;
  transfer(is_write, first_row, const_cast<std::byte*>(rows.data()), rows.size());  // H5Dwrite only reads them
}

void Table::read(std::size_t first_row, std::span<std::byte> rows) const {
  constexpr bool is_write = false;
  transfer(is_write, first_row, rows.data(), rows.size());
}

void Table::flush() {
  checked(H5Dflush(dataset_.id()), "flush", file_, path_);
}

Table File::create_table(const std::string& object, const RowType& type, std::size_t chunk_rows, bool is_compressed) {
  Table table;
  table.file_ = path_;
  table.path_ = object;
  table.row_bytes_ = type.row_bytes;
  table.memory_type_ = row_in_memory(type, path_, object);
  const Handle on_disk = row_on_disk(type, path_, object);
  if (is_paged_) {
    // Apart from the header: that is written anew whenever the table grows, and must fit into a page.
    const Handle type_properties = timeless(H5P_DATATYPE_CREATE, path_, object);
    checked(H5Tcommit_anon(file_.id(), on_disk.id(), type_properties.id(), H5P_DEFAULT), "store the row type of", path_,
            object);
  }
  const Handle properties = chunked({chunk_rows}, is_compressed, is_compressed, path_, object);
  const hsize_t extent = 0, limit = H5S_UNLIMITED;
  const Handle space = owned(H5Screate_simple(1, &extent, &limit), H5Sclose, "shape", path_, object);
  table.dataset_ =
      owned(H5Dcreate2(file_.id(), object.c_str(), on_disk.id(), space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
            H5Dclose, "make", path_, object);
  write_attribute(object, "columns", legend(type));
  return table;
}

Table File::open_table(const std::string& object, const RowType& type) const {
  if (!exists(object))
    throw StoreError(fmt::format("has no table '{}'; the file is of another kind or damaged", object), path_);
  Table table;
  table.file_ = path_;
  table.path_ = object;
  table.row_bytes_ = type.row_bytes;
  table.memory_type_ = row_in_memory(type, path_, object);
  table.dataset_ = owned(H5Dopen2(file_.id(), object.c_str(), H5P_DEFAULT), H5Dclose, "open", path_, object);
  const Handle found = owned(H5Dget_type(table.dataset_.id()), H5Tclose, "read the columns of", path_, object);
  check_columns(found.id(), type, path_, object);
  const Handle space = owned(H5Dget_space(table.dataset_.id()), H5Sclose, "read the shape of", path_, object);
  if (H5Sget_simple_extent_ndims(space.id()) != 1)
    throw StoreError(fmt::format("the table '{}' has not one dimension; the file is of another kind", object), path_);
  hsize_t extent = 0;
  checked(H5Sget_simple_extent_dims(space.id(), &extent, nullptr), "read the shape of", path_, object);
  const double bytes = static_cast<double>(extent) * static_cast<double>(H5Tget_size(found.id()));
  check_plausible(file_.id(), table.dataset_.id(), bytes, fmt::format("{} rows", extent), path_, object);
  table.num_rows_ = extent;
  return table;
}

}  // namespace seqsweep::h5
