// SPDX-License-Identifier: Apache-2.0
#include "data/importers/tokens.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>
#include <unicode/uversion.h>

#include "seqsweep/core/error.hpp"

#include "data/header_io.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr UChar32 zero_width_space = 0x200B, non_joiner = 0x200C, joiner = 0x200D;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void expect_success(UErrorCode status, const char* what) {
  SEQSWEEP_ENSURE(U_SUCCESS(status) != 0, fmt::format("ICU cannot {} ({})", what, u_errorName(status)));
}

icu::UnicodeString utf16(std::string_view text) {
  constexpr std::size_t most_bytes = 1 << 30;  // what ICU counts in 32 bits, and doubles here and there
  if (text.size() > most_bytes)
    throw DataError(fmt::format("a line of {} bytes is too long for text; break it into lines", text.size()), {});
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

std::string in_nfc(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(status);
  expect_success(status, "normalize text");
  const auto out = nfc->normalize(text, status);
  expect_success(status, "normalize text");
  return utf8(out);
}

bool is_blank(UChar32 c) {
  return c <= ' ' || u_isUWhiteSpace(c) != 0 || c == zero_width_space || (c > 0x7F && u_charType(c) == U_CONTROL_CHAR);
}

// Of a word: letters, marks and digits, also Roman and circled ones.
bool is_letter(UChar32 c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
}

// Soft hyphens, marks of writing direction: seen by no reader.
bool is_invisible(UChar32 c) {
  return c > 0x7F && c != zero_width_space && u_charType(c) == U_FORMAT_CHAR &&
         u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
}

bool is_apostrophe(UChar32 c) {
  return c == '\'' || c == 0x2019;
}

// Between letters, of the word: Catalan col·legi and the Hebrew marks of abbreviations.
bool is_inside_words(UChar32 c) {
  return c == 0x00B7 || c == 0x2027 || c == 0x05F3 || c == 0x05F4;
}

// Whether words of its script are found by ICU's dictionaries, as no blanks part them.
bool is_unspaced(UChar32 c) {
  if (c < 0x0E00) return false;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(c, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
      return true;
    default:
      return false;
  }
}

using Iterator = std::unique_ptr<icu::BreakIterator>;

Iterator made(icu::BreakIterator* (*make)(const icu::Locale&, UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  Iterator iterator(make(icu::Locale::getRoot(), status));
  expect_success(status, "find the words of a text; its data are missing");
  return iterator;
}

// Cuts one line that is not pure ASCII.
class WordCutter {
 public:
  std::vector<std::string> words_of(const icu::UnicodeString& line) {
    words_.clear();
    clusters_->setText(line);
    for (std::int32_t at = 0; at < line.length();) {
      const auto c = line.char32At(at);
      if (is_letter(c))
        at = add_run(line, at);
      else if (is_blank(c) || is_invisible(c))
        at += U16_LENGTH(c);
      else
        at = add_sign(line, at);
    }
    return std::move(words_);
  }

 private:
  void add(const icu::UnicodeString& word) { words_.push_back(cut_name(utf8(word))); }

  // A sign with all that belongs to it: accents, the parts of an emoji.
  std::int32_t add_sign(const icu::UnicodeString& line, std::int32_t at) {
    const auto end = clusters_->following(at);
    add(line.tempSubStringBetween(at, end));
    return end;
  }

  std::int32_t add_run(const icu::UnicodeString& line, std::int32_t at) {
    icu::UnicodeString run;
    bool is_cut = false;
    while (at < line.length()) {
      const auto c = line.char32At(at);
      const auto next = at + U16_LENGTH(c);
      const bool is_followed = next < line.length() && is_letter(line.char32At(next));
      if (is_letter(c)) {
        run.append(c);
        is_cut = is_cut || is_unspaced(c);
      } else if ((is_inside_words(c) || c == joiner || c == non_joiner) && is_followed) {
        run.append(c);
      } else if (is_apostrophe(c) && is_followed) {
        run.append(u'\'');
      } else if (!is_invisible(c)) {
        break;
      }
      at = next;
    }
    if (is_cut)
      add_cut(run);
    else
      add(run);
    if (at >= line.length() || !is_apostrophe(line.char32At(at))) return at;
    words_.emplace_back("'");
    return at + 1;
  }

  void add_cut(const icu::UnicodeString& run) {
    cuts_->setText(run);
    std::int32_t from = 0;
    for (auto to = cuts_->next(); to != icu::BreakIterator::DONE; to = cuts_->next()) {
      const bool is_at_apostrophe = run[to - 1] == u'\'' || (to < run.length() && run[to] == u'\'');
      if (is_at_apostrophe) continue;
      add(run.tempSubStringBetween(from, to));
      from = to;
    }
  }

  Iterator clusters_ = made(icu::BreakIterator::createCharacterInstance),
           cuts_ = made(icu::BreakIterator::createWordInstance);
  std::vector<std::string> words_;
};

std::vector<std::string> ascii_words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_letter(text[at])) {
      if (!is_blank(text[at])) words.emplace_back(1, text[at]);
      ++at;
      continue;
    }
    const auto start = at;
    const auto is_letter_at = [&](std::size_t i) { return i < text.size() && is_letter(text[i]); };
    while (is_letter_at(at) || (at < text.size() && text[at] == '\'' && is_letter_at(at + 1))) ++at;
    words.push_back(cut_name(text.substr(start, at - start)));
  }
  return words;
}

}  // namespace

std::string normalised(std::string_view text) {
  return is_ascii(text) ? std::string(text) : in_nfc(utf16(text));
}

std::string lower_case(std::string_view text) {
  if (is_ascii(text)) {
    std::string lowered(text);
    for (auto& c : lowered) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return lowered;
  }
  auto lowered = utf16(text);
  // Unicode's own lower case of İ keeps the dot as an accent, so that it would differ from every other i.
  lowered.findAndReplace(u"\u0130", u"i");
  return in_nfc(lowered.toLower(icu::Locale::getRoot()));
}

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> characters;
  while (!text.empty()) {
    std::size_t length = 0;
    U8_FWD_1_UNSAFE(text, length);
    characters.emplace_back(text.substr(0, length));
    text.remove_prefix(std::min(length, text.size()));
  }
  return characters;
}

std::vector<std::string> words_of(std::string_view text) {
  if (is_ascii(text)) return ascii_words_of(text);
  thread_local WordCutter cutter;  // ICU takes long to make one
  return cutter.words_of(utf16(text));
}

std::string label_text(std::string_view text) {
  auto label = utf16(normalised(text));
  const auto is_nothing = [](UChar32 c) { return is_blank(c) || is_invisible(c); };
  std::int32_t begin = 0, end = label.length();
  while (begin < end && is_nothing(label.char32At(begin))) begin = label.moveIndex32(begin, 1);
  while (begin < end && is_nothing(label.char32At(label.moveIndex32(end, -1)))) end = label.moveIndex32(end, -1);
  return utf8(label.tempSubStringBetween(begin, end));
}

std::string text_rules() {
  UVersionInfo icu, unicode;
  u_getVersion(icu);
  u_getUnicodeVersion(unicode);
  return fmt::format("ICU {}.{} (Unicode {}.{})", icu[0], icu[1], unicode[0], unicode[1]);
}

}  // namespace seqsweep::data::importers
