// SPDX-License-Identifier: Apache-2.0
#include "data/importers/vocabulary.hpp"

#include <algorithm>

#include "data/header_io.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// Length of the UTF-8 character at the front; 0 where there is none.
std::size_t character_length(std::string_view text) {
  const auto first = byte_at(text, 0);
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xC2 && first < 0xE0 ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte_at(text, i) & 0xC0U) != 0x80U) return 0;
  return length;
}

template <class Visit>
void for_each_character(std::string_view text, Visit&& visit) {
  while (!text.empty()) {
    const auto length = character_length(text);
    visit(length == 0 ? replacement : text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

bool is_blank(std::string_view c) {
  return (c.size() == 1 && byte_at(c, 0) <= ' ') || c == "\xC2\x85" || c == "\xC2\xA0" || c == "\xE3\x80\x80";
}

bool is_letter(std::string_view c) {
  if (c.size() > 1) return !(c.size() == 3 && c.starts_with("\xE2\x80"));  // U+2000 …: dashes and quotes
  const auto b = byte_at(c, 0);
  return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
}

std::string encode_two_bytes(unsigned code) {
  return {static_cast<char>(0xC0U | code >> 6U), static_cast<char>(0x80U | (code & 0x3FU))};
}

std::string lower_character(std::string_view c) {
  if (c.size() == 1) {
    const auto b = byte_at(c, 0);
    return {static_cast<char>(b >= 'A' && b <= 'Z' ? b + 32 : b)};
  }
  if (c.size() != 2) return std::string(c);
  const unsigned code = (byte_at(c, 0) & 0x1FU) << 6U | (byte_at(c, 1) & 0x3FU);
  const bool is_latin = code >= 0xC0 && code <= 0xDE && code != 0xD7;
  const bool is_greek_or_cyrillic = (code >= 0x391 && code <= 0x3A9) || (code >= 0x410 && code <= 0x42F);
  if (code >= 0x400 && code <= 0x40F) return encode_two_bytes(code + 80);
  return is_latin || is_greek_or_cyrillic ? encode_two_bytes(code + 32) : std::string(c);
}

}  // namespace

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> characters;
  for_each_character(text, [&](std::string_view c) { characters.emplace_back(c); });
  return characters;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word, apostrophe;  // an apostrophe belongs to the word only if a letter follows
  const auto close_word = [&] {
    if (!word.empty()) words.push_back(cut_name(word));
    if (!apostrophe.empty()) words.push_back(apostrophe);
    word.clear();
    apostrophe.clear();
  };
  for_each_character(text, [&](std::string_view c) {
    if (is_blank(c)) {
      close_word();
    } else if (is_letter(c)) {
      word += apostrophe;
      apostrophe.clear();
      word += c;
    } else if ((c == "'" || c == "\xE2\x80\x99") && !word.empty() && apostrophe.empty()) {
      apostrophe.push_back('\'');
    } else {
      close_word();
      words.emplace_back(c);
    }
  });
  close_word();
  return words;
}

std::string lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_character(text, [&](std::string_view c) { out += lower_character(c); });
  return out;
}

void Vocabulary::number_them(std::size_t most) {
  std::vector<std::pair<std::string, std::int64_t>> ranked(counts_.begin(), counts_.end());
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (ranked.size() > most) ranked.resize(most);
  names_ = {"<padding>", "<unknown>"};
  for (const auto& [token, count] : ranked) {
    ids_.emplace(token, static_cast<std::int32_t>(names_.size()));
    names_.push_back(token);
  }
}

std::int32_t Vocabulary::id_of(const std::string& token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? unknown : found->second;
}

void Vocabulary::describe(DatasetHeader& header) const {
  header.vocabulary = static_cast<int>(names_.size());
  header.token_names = names_;
}

}  // namespace seqsweep::data::importers
