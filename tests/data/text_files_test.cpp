// SPDX-License-Identifier: Apache-2.0
// Where text comes from: encodings, line ends, byte order marks; by the importers that read text.
#include <fmt/format.h>

#include "data/importers/importers.hpp"
#include "data/support.hpp"

namespace seqsweep::data::importers {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;
using std::string_literals::operator""s;

constexpr auto mark = "\xEF\xBB\xBF";

std::string utf16(std::u16string_view text, bool is_little) {
  std::string bytes;
  for (const char16_t unit : text) {
    const auto low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
    bytes += is_little ? low : high;
    bytes += is_little ? high : low;
  }
  return bytes;
}

class TextFiles : public testing::Test {
 protected:
  std::string read(const std::string& bytes) { return read_text(dir_.write("a.txt", bytes)); }
  std::string error(const std::string& bytes) {
    return error_of<DataError>([&] { static_cast<void>(read(bytes)); });
  }
  TemporaryDirectory dir_;
};

TEST_F(TextFiles, a_byte_order_mark_makes_no_class_and_no_token) {
  const auto file = dir_.write("a.tsv", mark + "pos\ta good one\nneg\ta bad one\npos\tgood\n"s);
  const auto table = import_files("text", {file}, {{"label", {"first"}}, {"split", {"1,0"}}});
  EXPECT_THAT(table.header.output_names, ElementsAre("neg", "pos"));
  const auto model = import_files("text", {dir_.write("m.txt", mark + "abcabcabc"s)},
                                  {{"language-model", {}}, {"tokens", {"characters"}}});
  EXPECT_THAT(model.header.token_names, ElementsAre("<padding>", "<unknown>", "a", "b", "c"));
  const auto ts = import_files("ts", {dir_.write("a.ts", mark + "@classLabel true a\n@data\n1:a\n2:a\n"s)});
  EXPECT_THAT(ts.header.output_names, ElementsAre("a"));
  const auto piano = import_files("piano_roll", {dir_.write("p.txt", mark + "0 1 2\n3 4 5\n"s)});
  EXPECT_EQ(piano.sequences.size(), 2U);
}

TEST_F(TextFiles, files_with_byte_order_marks_may_be_put_together) {
  EXPECT_EQ(read(mark + "a\tb\n"s + mark + "c\td\n"), "a\tb\nc\td\n");
  EXPECT_EQ(read("a\xEF\xBB\xBF"
                 "b\n"),
            "a\xEF\xBB\xBF"
            "b\n");  // within a line it is a character
}

TEST_F(TextFiles, utf16_with_a_byte_order_mark_is_read) {
  for (const bool is_little : {true, false})
    EXPECT_EQ(read(utf16(u"\uFEFFgrün\tja\r\n漢😀\tnein\r\n", is_little)), "grün\tja\n漢😀\tnein\n") << is_little;
}

TEST_F(TextFiles, utf16_without_one_and_utf32_are_named) {
  EXPECT_THAT(error(utf16(u"hello\tja\nyou\tno\n", true)), HasSubstr("iconv -f UTF-16LE -t UTF-8"));
  EXPECT_THAT(error(utf16(u"hello\tja\nyou\tno\n", false)), HasSubstr("iconv -f UTF-16BE -t UTF-8"));
  EXPECT_THAT(error("\xFF\xFE\0\0a\0\0\0"s), HasSubstr("is UTF-32"));
  EXPECT_THAT(error("\0\0\xFE\xFF\0\0\0a"s), HasSubstr("is UTF-32"));
  EXPECT_THAT(error("a\nb\0c"s), HasSubstr("a.txt:2: holds a zero byte"));
}

TEST_F(TextFiles, damaged_utf16_is_refused) {
  EXPECT_THAT(error("\xFF\xFE"
                    "a\0b"s),
              HasSubstr("ends within a character"));
  EXPECT_THAT(error(utf16(u"\uFEFFa\nb", true) + "\x00\xDC"s), HasSubstr("a.txt:2: half a character (0xdc00)"));
  EXPECT_THAT(error(utf16(u"\uFEFFa\n", true) + "\x00\xD8"s), HasSubstr("a.txt:2: half a character (0xd800)"));
}

TEST_F(TextFiles, lines_may_end_at_lf_crlf_or_cr) {
  for (const std::string bytes : {"a\nb\n\nc", "a\r\nb\r\n\r\nc", "a\rb\r\rc", "a\r\r\nb\n\nc"})
    EXPECT_THAT(read(bytes), "a\nb\n\nc");
  const auto table = import_files("text", {dir_.write("cr.tsv", "one two\tx\rthree\ty\r")}, {{"split", {"1,0"}}});
  EXPECT_THAT(table.header.output_names, ElementsAre("x", "y"));
}

TEST_F(TextFiles, a_carriage_return_among_line_feeds_is_refused) {
  const auto file = dir_.write("a.tsv", "one\tx\ntwo\tx\rthree\ty\n");
  EXPECT_THAT(error_of<DataError>([&] { import_files("text", {file}); }), HasSubstr("a.tsv:2: a carriage return"));
}

TEST_F(TextFiles, invalid_utf8_is_refused_with_its_line) {
  EXPECT_THAT(error("one\r\ntwo\r\ncaf\xE9 au lait\r\n"), HasSubstr("a.txt:3: the byte 0xe9 is no UTF-8"));
  EXPECT_THAT(error("one\rcaf\xE9"), HasSubstr("a.txt:2: the byte 0xe9"));
  EXPECT_THAT(error("\xC0\xAF"), HasSubstr("a.txt:1: the byte 0xc0"));            // overlong
  EXPECT_THAT(error("\xED\xA0\x80"), HasSubstr("a.txt:1: the byte 0xed"));        // half a character of UTF-16
  EXPECT_THAT(error("\n\xF4\x90\x80\x80"), HasSubstr("a.txt:2: the byte 0xf4"));  // beyond U+10FFFF
  EXPECT_THAT(error("end \xE2\x82"), HasSubstr("a.txt:1: the byte 0xe2"));        // cut short
  const auto refused = [&](const std::string& format, const std::string& bytes) {
    const auto file = dir_.write("b.txt", bytes);
    return error_of<DataError>([&] { import_files(format, {file}); });
  };
  EXPECT_THAT(refused("text", "good\tja\nbad\tn\xE4h\n"), HasSubstr("b.txt:2: the byte 0xe4"));
  EXPECT_THAT(refused("ts", "@classLabel true\n@data\n1:\xE4\n"), HasSubstr("b.txt:3: the byte 0xe4"));
  EXPECT_THAT(refused("piano_roll", "0 1\n\xA0\n"), HasSubstr("b.txt:2: the byte 0xa0"));
}

TEST_F(TextFiles, plain_text_stays_as_it_is) {
  EXPECT_EQ(read("Grüße 漢字 😀\n\tx \n"), "Grüße 漢字 😀\n\tx \n");
  EXPECT_EQ(read(""), "");
}

}  // namespace
}  // namespace seqsweep::data::importers
