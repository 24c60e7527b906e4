// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/importers.hpp"

namespace seqsweep::data::importers {

std::string read_file(const std::string& path) {
  if (std::filesystem::is_directory(path)) throw DataError("is a directory; name a file in it", path);
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  errno = 0;
  const std::unique_ptr<std::remove_pointer_t<gzFile>, Close> file(gzopen(path.c_str(), "rb"));
  if (!file) throw DataError(fmt::format("cannot be read ({})", std::strerror(errno == 0 ? ENOMEM : errno)), path);
  std::string content;
  std::string block(1 << 20, '\0');
  for (;;) {
    const int got = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()));
    if (got > 0) content.append(block, 0, static_cast<std::size_t>(got));
    if (got == static_cast<int>(block.size())) continue;
    int error = Z_OK;
    const char* text = gzerror(file.get(), &error);
    if (got < 0 || (error != Z_OK && error != Z_STREAM_END))
      throw DataError(fmt::format("cannot be unpacked ({}); the file is cut short or damaged, fetch it again", text),
                      path);
    return content;
  }
}

void expect_files(const std::vector<std::string>& files, std::size_t count, const std::string& what) {
  if (files.size() != count)
    throw ConfigError(fmt::format("takes {}, not {} file(s)", what, files.size()), "command line");
}

}  // namespace seqsweep::data::importers
