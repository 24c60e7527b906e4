// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seqsweep::data::importers {

// Text is UTF-8 that was checked (read_text()); of pure ASCII it gives the same tokens with any version of ICU.

/// NFC: composed and decomposed letters become the same.
[[nodiscard]] std::string normalised(std::string_view text);

/// Lower case of all languages, independent of the machine's, in NFC. Of İ (dotted, as in Turkish) it is i; ß stays.
[[nodiscard]] std::string lower_case(std::string_view text);

/// Unicode characters (code points). A letter with accents is one where NFC has a character for it.
[[nodiscard]] std::vector<std::string> characters_of(std::string_view text);

/// Words of text in NFC: runs of letters, marks and digits of any script, with apostrophes inside them. Runs of
/// Chinese, Japanese, Thai, Lao, Khmer or Burmese, which are written without blanks, are cut by ICU's dictionaries.
/// Every other visible character is a word of its own, emoji sequences whole. Characters that only direct the layout
/// are dropped.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

/// NFC without blanks at its ends, those beyond ASCII among them.
[[nodiscard]] std::string label_text(std::string_view text);

/// What words and lower case depend on besides this program: "ICU 72.1 (Unicode 15.0)".
[[nodiscard]] std::string text_rules();

}  // namespace seqsweep::data::importers
