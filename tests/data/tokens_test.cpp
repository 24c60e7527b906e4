// SPDX-License-Identifier: Apache-2.0
#include "data/importers/tokens.hpp"

#include <random>
#include <regex>

#include <fmt/format.h>

#include "data/support.hpp"

namespace seqsweep::data::importers {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

std::vector<std::string> lowered_words(std::string_view text) {
  return words_of(lower_case(normalised(text)));
}

// The rules of data sets made before ICU, by another program: std::regex.
std::vector<std::string> words_by_regex(const std::string& text) {
  static const std::regex word("[A-Za-z0-9]+('[A-Za-z0-9]+)*|[^\\x01-\\x20]");
  return {std::sregex_token_iterator(text.begin(), text.end(), word), std::sregex_token_iterator()};
}

std::string random_ascii(std::mt19937& random) {
  constexpr std::string_view often = "aBz09' ''.,-_\t\"";
  std::string text;
  for (std::size_t i = random() % 40; i > 0; --i)
    text += random() % 2 == 0 ? often[random() % often.size()] : static_cast<char>(1 + random() % 127);
  return text;
}

TEST(Tokens, of_ascii_text_are_what_they_were_before_icu) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    const auto text = random_ascii(random);
    ASSERT_THAT(words_of(text), ElementsAreArray(words_by_regex(text))) << text;
  }
  EXPECT_THAT(lowered_words("It's 3.14, not 1,000: DON'T (ever) a_b!"),
              ElementsAre("it's", "3", ".", "14", ",", "not", "1", ",", "000", ":", "don't", "(", "ever", ")", "a", "_",
                          "b", "!"));
}

TEST(Tokens, of_ascii_text_are_the_same_beside_other_letters) {
  std::mt19937 random(2);
  for (int round = 0; round < 3000; ++round) {
    const auto text = random_ascii(random);
    auto expected = words_by_regex(text);
    expected.emplace_back("é");
    ASSERT_THAT(words_of(text + " é"), ElementsAreArray(expected)) << text;
    EXPECT_EQ(lower_case(text + " É"), lower_case(text) + " é") << text;
  }
}

TEST(Tokens, quotes_and_dashes_of_other_languages_are_words_of_their_own) {
  EXPECT_THAT(lowered_words("„Gut“ – sagte er…"), ElementsAre("„", "gut", "“", "–", "sagte", "er", "…"));
  EXPECT_THAT(lowered_words("«Très bon», dit-il"), ElementsAre("«", "très", "bon", "»", ",", "dit", "-", "il"));
  EXPECT_THAT(lowered_words("¿Qué? ¡Sí! 5€—20°C"),
              ElementsAre("¿", "qué", "?", "¡", "sí", "!", "5", "€", "—", "20", "°", "c"));
  EXPECT_THAT(lowered_words("『本』、「本」。"), ElementsAre("『", "本", "』", "、", "「", "本", "」", "。"));
  EXPECT_THAT(lowered_words("अच्छा। बहुत"), ElementsAre("अच्छा", "।", "बहुत"));
  EXPECT_THAT(lowered_words("هل هذا جيد؟ نعم، جدا"), ElementsAre("هل", "هذا", "جيد", "؟", "نعم", "،", "جدا"));
}

TEST(Tokens, apostrophes_stay_inside_words_of_every_language) {
  EXPECT_THAT(lowered_words("don’t l’été п’ять dogs’ bones"),
              ElementsAre("don't", "l'été", "п'ять", "dogs", "'", "bones"));
  EXPECT_THAT(lowered_words("El col·legi"), ElementsAre("el", "col·legi"));
  EXPECT_THAT(lowered_words("צה״ל"), ElementsAre("צה״ל"));
}

TEST(Tokens, languages_without_blanks_are_cut_into_words) {
  EXPECT_THAT(lowered_words("我喜欢学习中文。"), ElementsAre("我", "喜欢", "学习", "中文", "。"));
  EXPECT_THAT(lowered_words("私は学生です"), ElementsAre("私", "は", "学生", "です"));
  EXPECT_THAT(lowered_words("ฉันกินข้าว"), ElementsAre("ฉัน", "กิน", "ข้าว"));
  EXPECT_THAT(lowered_words("我的iPhone手机"), ElementsAre("我的", "iphone", "手机"));
  EXPECT_THAT(lowered_words("나는 학생입니다."), ElementsAre("나는", "학생입니다", "."));
}

TEST(Tokens, lower_case_knows_all_languages) {
  EXPECT_EQ(lower_case("ŁÓDŹ ČESKÝ Ğ ŐŰ"), "łódź český ğ őű");  // beyond U+00FF
  EXPECT_EQ(lower_case("ЁЖИК ЇЖАК ЎЗБЕК Ѣ"), "ёжик їжак ўзбек ѣ");
  EXPECT_EQ(lower_case("ΟΔΟΣ ΣΟΦΟΣ"), "οδος σοφος");  // a sigma at the end of a word
  EXPECT_EQ(lower_case("Straße GROẞ"), "straße groß");
  EXPECT_EQ(lower_case("İSTANBUL"), "istanbul");
  EXPECT_EQ(lower_case("ԱԲԳ ꓐ Ａ"), "աբգ ꓐ ａ");
}

TEST(Tokens, composed_and_decomposed_letters_are_the_same) {
  const std::string composed = "caf\u00E9 \u1EBF \uAC00", decomposed = "cafe\u0301 e\u0302\u0301 \u1100\u1161";
  EXPECT_EQ(normalised(decomposed), composed);
  EXPECT_THAT(lowered_words(decomposed), ElementsAreArray(lowered_words(composed)));
  EXPECT_THAT(lowered_words("CAFE\u0301"), ElementsAre("caf\u00E9"));
  EXPECT_THAT(characters_of(normalised("e\u0301x")), ElementsAre("\u00E9", "x"));
  EXPECT_THAT(characters_of("aé漢😀"), ElementsAre("a", "é", "漢", "😀"));
}

TEST(Tokens, emoji_stay_whole_and_stand_alone) {
  EXPECT_THAT(lowered_words("Super👍🏽!"), ElementsAre("super", "👍🏽", "!"));
  EXPECT_THAT(lowered_words("👨‍👩‍👧😀😀"), ElementsAre("👨‍👩‍👧", "😀", "😀"));
  EXPECT_THAT(lowered_words("🇸🇪🇫🇮 ❤️"), ElementsAre("🇸🇪", "🇫🇮", "❤️"));
}

TEST(Tokens, blanks_of_all_kinds_part_words_and_what_is_invisible_does_not) {
  EXPECT_THAT(words_of("a\u00A0b\u3000c\u2003d\u200Be\u2028f\u0085g"), ElementsAre("a", "b", "c", "d", "e", "f", "g"));
  EXPECT_THAT(words_of("Donau\u00ADdampf \u200Fשלום\u200E \uFEFFx"), ElementsAre("Donaudampf", "שלום", "x"));
  EXPECT_THAT(words_of("می\u200Cخواهم\u200C"), ElementsAre("می\u200Cخواهم"));
}

TEST(Tokens, are_cut_to_what_a_name_can_hold) {
  for (const auto& word : words_of("é" + std::string(200, 'x') + " é" + std::string(200, '\'')))
    EXPECT_LE(word.size(), schema::name_bytes);
}

TEST(Tokens, labels_are_trimmed_of_all_blanks) {
  EXPECT_EQ(label_text("\u3000 caf\u0065\u0301\u00A0\t"), "café");
  EXPECT_EQ(label_text(" a b\r"), "a b");
  EXPECT_EQ(label_text("\u00A0"), "");
}

TEST(Tokens, what_cut_the_words_is_recorded_and_older_files_do_without) {
  const testing_support::TemporaryDirectory dir;
  auto table = testing_support::import_files("text", {dir.write("a.tsv", "one two\tx\nthree\ty\n")});
  const auto fingerprint = write_dataset(table, dir.file("new.h5"), IfExists::refuse);
  EXPECT_EQ(read_header(dir.file("new.h5")).text_rules, text_rules());
  EXPECT_THAT(text_rules(), testing::MatchesRegex("ICU [0-9]+.[0-9]+ .Unicode [0-9]+.[0-9]+."));
  EXPECT_THAT(describe(dir.file("new.h5")), testing::HasSubstr(text_rules()));
  table.header.text_rules.clear();  // as it was written before
  EXPECT_EQ(write_dataset(table, dir.file("old.h5"), IfExists::refuse), fingerprint);
  EXPECT_EQ(read_header(dir.file("old.h5")).text_rules, "");
  EXPECT_THAT(describe(dir.file("old.h5")), testing::Not(testing::HasSubstr("text rules")));
}

}  // namespace
}  // namespace seqsweep::data::importers
