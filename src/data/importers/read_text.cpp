// SPDX-License-Identifier: Apache-2.0
// Text files of any origin as UTF-8 whose lines end at LF.
#include <algorithm>
#include <bit>

#include <fmt/format.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/importers.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // U+FEFF in UTF-8

std::int64_t line_at(std::string_view text, std::size_t position) {
  return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n');
}

char16_t unit_at(std::string_view bytes, std::size_t i, std::endian order) {
  const auto first = static_cast<unsigned char>(bytes[i]), second = static_cast<unsigned char>(bytes[i + 1]);
  return static_cast<char16_t>(order == std::endian::little ? second << 8U | first : first << 8U | second);
}

// `bytes` without its byte order mark.
std::string from_utf16(std::string_view bytes, std::endian order, const std::string& path) {
  if (bytes.size() % 2 != 0) throw DataError("is UTF-16 but ends within a character; fetch it again", path);
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    UChar32 c = unit_at(bytes, i, order);
    if (U16_IS_SURROGATE(c)) {
      const bool has_second = i + 3 < bytes.size() && U16_IS_LEAD(c) && U16_IS_TRAIL(unit_at(bytes, i + 2, order));
      if (!has_second)
        throw DataError(fmt::format("half a character ({:#06x}) in UTF-16; the file is damaged, fetch it again",
                                    static_cast<unsigned>(c)),
                        path, line_at(text, text.size()));
      c = U16_GET_SUPPLEMENTARY(c, unit_at(bytes, i + 2, order));
      i += 2;
    }
    char encoded[U8_MAX_LENGTH];
    std::size_t length = 0;
    U8_APPEND_UNSAFE(encoded, length, c);
    text.append(encoded, length);
  }
  return text;
}

// Latin letters in UTF-16 have a zero byte each, all of them at even positions or all at odd ones.
void refuse_unmarked_utf16(std::string_view bytes, const std::string& path) {
  std::array<std::size_t, 2> zeros{};
  const auto seen = std::min<std::size_t>(bytes.size(), 4096);
  for (std::size_t i = 0; i < seen; ++i) zeros[i % 2] += bytes[i] == '\0' ? 1 : 0;
  const bool is_little = zeros[1] > zeros[0];
  if (seen < 2 || std::max(zeros[0], zeros[1]) * 4 < seen || std::min(zeros[0], zeros[1]) * 16 > seen) return;
  throw DataError(fmt::format("looks like UTF-16 without a byte order mark; convert it: iconv -f {} -t UTF-8",
                              is_little ? "UTF-16LE" : "UTF-16BE"),
                  path);
}

std::string decoded(std::string bytes, const std::string& path) {
  const std::string_view view = bytes;
  if (view.starts_with(std::string_view("\xFF\xFE\0\0", 4)) || view.starts_with(std::string_view("\0\0\xFE\xFF", 4)))
    throw DataError("is UTF-32; convert it: iconv -f UTF-32 -t UTF-8", path);
  if (view.starts_with("\xFF\xFE")) return from_utf16(view.substr(2), std::endian::little, path);
  if (view.starts_with("\xFE\xFF")) return from_utf16(view.substr(2), std::endian::big, path);
  refuse_unmarked_utf16(view, path);
  return bytes;
}

// CR LF, and CR where there is no LF at all, become LF.
void end_lines_with_lf(std::string& text) {
  if (text.find('\r') == std::string::npos) return;
  if (text.find('\n') == std::string::npos) {
    std::replace(text.begin(), text.end(), '\r', '\n');
    return;
  }
  std::size_t end = 0;
  for (const char c : text) {
    if (c == '\n')
      while (end > 0 && text[end - 1] == '\r') --end;
    text[end++] = c;
  }
  text.resize(end);
}

// Files with byte order marks that were put together have one at the beginning of a later line, too.
void remove_byte_order_marks(std::string& text) {
  auto at = text.find(byte_order_mark);
  if (at == std::string::npos) return;
  std::string kept;
  kept.reserve(text.size());
  std::size_t from = 0;
  for (; at != std::string::npos; at = text.find(byte_order_mark, at + byte_order_mark.size())) {
    if (at > 0 && text[at - 1] != '\n') continue;
    kept.append(text, from, at - from);
    from = at + byte_order_mark.size();
  }
  kept.append(text, from);
  text = std::move(kept);
}

void check_utf8(std::string_view text, const std::string& path) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::ptrdiff_t>(text.size());
  for (std::ptrdiff_t i = 0; i < size;) {
    const auto start = i;
    UChar32 c = 0;
    U8_NEXT(bytes, i, size, c);
    if (c > 0) continue;
    const auto line = line_at(text, static_cast<std::size_t>(start));
    if (c == 0) throw DataError("holds a zero byte; is this a text file?", path, line);
    throw DataError(fmt::format("the byte {:#04x} is no UTF-8; convert the file from what it is in, for instance: "
                                "iconv -f WINDOWS-1252 -t UTF-8",
                                bytes[start]),
                    path, line);
  }
}

}  // namespace

std::string read_text(const std::string& path) {
  auto text = decoded(read_file(path), path);
  end_lines_with_lf(text);
  check_utf8(text, path);
  remove_byte_order_marks(text);
  return text;
}

std::vector<std::string> read_lines(const std::string& path) {
  auto lines = split(read_text(path), '\n');
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].find('\r') != std::string::npos)
      throw DataError("a carriage return within the line, while lines end at line feeds; end all lines alike", path,
                      static_cast<std::int64_t>(i) + 1);
  return lines;
}

}  // namespace seqsweep::data::importers
