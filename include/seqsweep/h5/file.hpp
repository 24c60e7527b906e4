// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace seqsweep::h5 {

/// An HDF5 identifier that is closed when it goes. (hid_t is std::int64_t in HDF5 1.10; hdf5.h stays inside this room.)
class Handle {
 public:
  using Close = int (*)(std::int64_t);
  Handle() = default;
  Handle(std::int64_t id, Close close) : id_(id), close_(close) {}
  ~Handle();
  Handle(Handle&& other) noexcept;
  Handle& operator=(Handle&& other) noexcept;
  [[nodiscard]] std::int64_t id() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  /// Gives the identifier away: it is not closed any more.
  [[nodiscard]] std::int64_t release();

 private:
  std::int64_t id_ = -1;
  Close close_ = nullptr;
};

enum class Kind { u8, i32, i64, u32, f32, f64, text };

template <class T>
constexpr Kind kind_of();
template <>
constexpr Kind kind_of<std::uint8_t>() {
  return Kind::u8;
}
template <>
constexpr Kind kind_of<std::int32_t>() {
  return Kind::i32;
}
template <>
constexpr Kind kind_of<std::int64_t>() {
  return Kind::i64;
}
template <>
constexpr Kind kind_of<std::uint32_t>() {
  return Kind::u32;
}
template <>
constexpr Kind kind_of<float>() {
  return Kind::f32;
}
template <>
constexpr Kind kind_of<double>() {
  return Kind::f64;
}

/// One member of a compound row.
struct Column {
  std::string name;
  Kind kind = Kind::f64;
  std::size_t offset = 0;  ///< [bytes] in the row in memory
  std::size_t text_bytes =
      0;             ///< kind text: fixed length, zero-padded UTF-8 (variable-length strings do not survive SWMR)
  std::string unit;  ///< "" where there is none
  std::string description;
};

/// The type of a table's rows. Units and descriptions become attributes of the data set ("columns" reads as a legend).
struct RowType {
  std::vector<Column> columns;
  std::size_t row_bytes = 0;
};

struct ArrayOptions {
  bool is_compressed = true;          ///< deflate + shuffle
  bool has_checksum = true;           ///< fletcher32, verified by HDF5 at each read
  std::size_t chunk_bytes = 1 << 18;  ///< [bytes], about
};

/// A data set of plain numbers, grown and read by rows (its first dimension).
class Array {
 public:
  [[nodiscard]] const std::vector<std::size_t>& shape() const { return shape_; }  ///< first dimension: rows
  [[nodiscard]] Kind kind() const { return kind_; }
  /// Elements in one row.
  [[nodiscard]] std::size_t row_size() const;
  /// Appends values.size() / row_size() rows.
  template <class T>
  void append(std::span<const T> values) {
    append_bytes(kind_of<T>(), values.data(), values.size());
  }
  /// Reads rows first … first + out.size()/row_size() - 1, converted to T (a hyperslab: no more is read).
  template <class T>
  void read(std::size_t first_row, std::span<T> out) const {
    read_bytes(kind_of<T>(), first_row, out.data(), out.size());
  }

 private:
  friend class File;
  void append_bytes(Kind kind, const void* values, std::size_t count);
  void read_bytes(Kind kind, std::size_t first_row, void* out, std::size_t count) const;
  Handle dataset_;
  Kind kind_ = Kind::f64;
  std::vector<std::size_t> shape_;
  std::string file_, path_;
};

/// A one-dimensional data set of compound rows, as pandas reads it: pd.DataFrame(f["epochs"][:]).
class Table {
 public:
  [[nodiscard]] std::size_t num_rows() const { return num_rows_; }
  void append(std::span<const std::byte> rows);
  void overwrite(std::size_t first_row, std::span<const std::byte> rows);
  void read(std::size_t first_row, std::span<std::byte> rows) const;
  /// Makes what was written durable against kill -9 (H5Dflush). Cheap; works under SWMR.
  void flush();

 private:
  friend class File;
  void transfer(bool is_write, std::size_t first_row, void* rows, std::size_t num_bytes) const;
  Handle dataset_, memory_type_;
  std::size_t row_bytes_ = 0, num_rows_ = 0;
  std::string file_, path_;
};

enum class Access {
  read,       ///< a file that nobody writes; a live SWMR file is opened as one
  read_live,  ///< as a SWMR reader
  write,      ///< read and write; a file left by a killed SWMR writer is recovered first, no acknowledged row is lost
  append,     ///< as `write`, and as the SWMR writer from the start: no objects or attributes can be made any more
};

/// How a new file's space is given out.
enum class Space {
  packed,  ///< small
  /// No small piece of metadata crosses a boundary of 4 kB, and the types of tables lie apart from their headers. A
  /// write within one page of memory is done wholly or not at all when its process is killed; so this is for files that
  /// are appended to under SWMR. Larger by some 10 kB.
  paged,
};

/// An HDF5 file. Every failing call throws StoreError with the file, the object and HDF5's own reason; HDF5 never
/// prints. HDF5's file locking is off (it fails on some network file systems, and readers would make writers fail):
/// callers that need a lock bring their own.
class File {
 public:
  /// A new file. Throws StoreError where it exists already or cannot be made.
  static File create(const std::string& path, Space space = Space::packed);
  /// A new file that is nowhere but in memory, one at a time; image() gives what would be on disk.
  static File create_in_memory();
  static File open(const std::string& path, Access access);
  [[nodiscard]] static bool is_hdf5(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool exists(const std::string& object) const;
  void create_group(const std::string& object);
  [[nodiscard]] std::vector<std::string> members(const std::string& group) const;

  // Attributes of a group or data set. Texts are fixed-length UTF-8 strings, lists one-dimensional.
  void write_attribute(const std::string& object, const std::string& name, const std::string& value);
  void write_attribute(const std::string& object, const std::string& name, std::int64_t value);
  void write_attribute(const std::string& object, const std::string& name, double value);
  void write_attribute(const std::string& object, const std::string& name, const std::vector<double>& values);
  void write_attribute(const std::string& object, const std::string& name, const std::vector<std::string>& values);
  [[nodiscard]] bool has_attribute(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::string read_text(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::int64_t read_integer(const std::string& object, const std::string& name) const;
  [[nodiscard]] double read_real(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::vector<double> read_reals(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::vector<std::string> read_texts(const std::string& object, const std::string& name) const;

  /// An empty array [0 × row_shape…] that grows by rows.
  Array create_array(const std::string& object, Kind kind, const std::vector<std::size_t>& row_shape,
                     const ArrayOptions& options = {});
  [[nodiscard]] Array open_array(const std::string& object) const;
  /// A whole array at once; shape {} is a scalar. Up to 4 kB it lies in the object header, under
  /// HDF5's metadata checksum; else in chunks as `options` say.
  template <class T>
  void write_array(const std::string& object, std::span<const T> values, const std::vector<std::size_t>& shape,
                   const ArrayOptions& options = {}) {
    write_bytes(object, kind_of<T>(), values.data(), values.size(), shape, options);
  }
  /// A whole array, converted to T. Its size is checked against the file's before memory is taken.
  template <class T>
  [[nodiscard]] std::vector<T> read_array(const std::string& object) const {
    const Array array = open_array(object);
    std::vector<T> values((array.shape().empty() ? 1 : array.shape()[0]) * array.row_size());
    array.read(0, std::span<T>(values));
    return values;
  }

  Table create_table(const std::string& object, const RowType& type, std::size_t chunk_rows, bool is_compressed);
  /// Checks that the file's rows have these columns (names and kinds); throws StoreError naming the difference.
  [[nodiscard]] Table open_table(const std::string& object, const RowType& type) const;

  /// From here on readers may look while rows are appended. All objects exist by now, no attribute is open. (Of a paged
  /// file no table may be open either: close it and open it again to append.)
  void start_swmr();
  void flush();
  /// All bytes of the file as it is now.
  [[nodiscard]] std::string image();
  /// Moves the open file, over one of that name if there is one: how a file appears whole or not at all.
  void rename(const std::string& to);
  /// Closes now and throws where that fails (the destructor would not).
  void close();

 private:
  void write_bytes(const std::string& object, Kind kind, const void* values, std::size_t count,
                   const std::vector<std::size_t>& shape, const ArrayOptions& options);
  Handle file_;
  std::string path_;
  bool is_paged_ = false;
};

}  // namespace seqsweep::h5
