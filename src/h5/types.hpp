// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <hdf5.h>

#include "seqsweep/h5/file.hpp"

namespace seqsweep::h5 {

/// HDF5's name of a number in memory and (little-endian) on disk. `kind` is not text.
[[nodiscard]] hid_t memory_type(Kind kind);
[[nodiscard]] hid_t file_type(Kind kind);
/// [bytes] of one element. `kind` is not text.
[[nodiscard]] std::size_t bytes_of(Kind kind);
[[nodiscard]] const char* name_of(Kind kind);

/// Zero-padded UTF-8 of a fixed length.
[[nodiscard]] Handle text_type(std::size_t text_bytes);
/// A text of an attribute: at most that long, ended by a zero byte (h5dump would print each zero that pads).
[[nodiscard]] Handle ended_text_type(std::size_t text_bytes);

/// The kind that holds the numbers of a foreign type best (int16 → i32, float16 → f32 …); nothing for other things.
[[nodiscard]] std::optional<Kind> nearest_kind(hid_t type);

/// A compound type of these columns as they lie in memory, or packed and little-endian as on disk.
[[nodiscard]] Handle row_in_memory(const RowType& type, const std::string& file, const std::string& object);
[[nodiscard]] Handle row_on_disk(const RowType& type, const std::string& file, const std::string& object);

/// Throws StoreError where a data set of `bytes` cannot come out of a file of this size: the shape is damaged. Also
/// where its numbers lie outside of the file.
void check_plausible(hid_t file, hid_t dataset, double bytes, const std::string& shape, const std::string& path,
                     const std::string& object);

/// Creation properties of anything: no times, so that equal content gives equal bytes.
[[nodiscard]] Handle timeless(hid_t property_class, const std::string& file, const std::string& object);
/// … of a chunked data set.
[[nodiscard]] Handle chunked(const std::vector<hsize_t>& chunk, bool is_compressed, bool has_checksum,
                             const std::string& file, const std::string& object);

}  // namespace seqsweep::h5
