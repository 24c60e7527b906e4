// SPDX-License-Identifier: Apache-2.0
#include "zip_archive.hpp"

#include <memory>
#include <tuple>

#include <zip.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::report {
namespace {

// All of it happens in memory: what fails is ours.
void check(bool is_done, const char* verb) {
  SEQSWEEP_ENSURE(is_done, std::string("libzip cannot ") + verb);
}

using Source = std::unique_ptr<zip_source_t, decltype(&zip_source_free)>;
using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;

Source empty_source() {
  return {zip_source_buffer_create(nullptr, 0, 0, nullptr), zip_source_free};
}

void add(zip_t* archive, const ZipEntry& entry) {
  constexpr int keep_content = 0;  // libzip does not free it
  zip_source_t* content = zip_source_buffer(archive, entry.content.data(), entry.content.size(), keep_content);
  const auto index = zip_file_add(archive, entry.name.c_str(), content, ZIP_FL_ENC_UTF_8);
  check(index >= 0, "add an entry");
  const auto entry_index = static_cast<zip_uint64_t>(index);
  check(zip_set_file_compression(archive, entry_index, ZIP_CM_STORE, 0) == 0, "store an entry");
  constexpr zip_uint16_t midnight = 0, first_of_1980 = (1 << 5) | 1;  // the earliest date that zip has
  check(zip_file_set_dostime(archive, entry_index, midnight, first_of_1980, 0) == 0, "date an entry");
}

std::string content_of(zip_source_t* source) {
  check(zip_source_open(source) == 0 && zip_source_seek(source, 0, SEEK_END) == 0, "read the archive");
  std::string bytes(static_cast<std::size_t>(zip_source_tell(source)), '\0');
  check(zip_source_seek(source, 0, SEEK_SET) == 0 &&
            zip_source_read(source, bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size()),
        "read the archive");
  return bytes;
}

}  // namespace

std::string zip_archive(std::span<const ZipEntry> entries) {
  const Source source = empty_source();
  check(source != nullptr, "make a buffer");
  Archive archive(zip_open_from_source(source.get(), ZIP_TRUNCATE, nullptr), zip_discard);
  check(archive != nullptr, "make an archive");
  zip_source_keep(source.get());  // one reference is the archive's, one ours
  for (const auto& entry : entries) add(archive.get(), entry);
  check(zip_close(archive.get()) == 0, "write the archive");
  std::ignore = archive.release();
  return content_of(source.get());
}

}  // namespace seqsweep::report
