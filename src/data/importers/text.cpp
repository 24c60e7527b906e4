// SPDX-License-Identifier: Apache-2.0
// Labelled sentences, one "sentence TAB label" a line (the last tab counts); or a plain text as a language model: at
// each step the target is the next token.
#include "seqsweep/core/text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"

#include "data/header_io.hpp"
#include "data/importers/importers.hpp"
#include "data/importers/labelled.hpp"
#include "data/importers/sentences.hpp"
#include "data/importers/tokens.hpp"
#include "data/importers/vocabulary.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::array options = {
    OptionSpec{"label", "WHERE", "last", "where the label stands: last (sentence TAB label) or first"},
    OptionSpec{"header", "HOW", "auto",
               "whether the first line of each file names the columns: yes, no, or auto (asks where it looks so)"},
    OptionSpec{"tokens", "WHAT", "words", "what a step is: words or characters, of any language"},
    OptionSpec{"vocabulary", "N", "10000", "most frequent tokens of the training part that are told apart"},
    OptionSpec{"case", "HOW", "auto", "lower, keep, or auto: lower for words, keep for characters"},
    OptionSpec{"max-length", "T", "", "cut sentences to their first T tokens"},
    OptionSpec{"test-every", "N", "", "every N-th sentence of each file is for testing, in place of --split"},
    validation_option,
    split_option,
    seed_option,
    OptionSpec{"language-model", "", "", "predict the next token of a plain text, cut in three by --split"},
    OptionSpec{"window", "T", "64", "steps of a sequence of a language model"},
};

class Tokenizer {
 public:
  explicit Tokenizer(const Options& given)
      : are_words_(given.choice("tokens", {"words", "characters"}) == "words"), is_lowered_([&] {
          const auto how = given.choice("case", {"auto", "lower", "keep"});
          return how == "lower" || (how == "auto" && are_words_);
        }()) {}

  [[nodiscard]] std::vector<std::string> tokens_of(std::string_view text) const {
    auto read = normalised(text);
    if (is_lowered_) read = lower_case(read);
    return are_words_ ? words_of(read) : characters_of(read);
  }

  // Line by line, since a text may be longer than what ICU takes at once; line ends are characters, but no words.
  [[nodiscard]] std::vector<std::string> tokens_of_lines(const std::vector<std::string>& lines) const {
    std::vector<std::string> tokens;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i > 0 && !are_words_) tokens.emplace_back("\n");
      for (auto& token : tokens_of(lines[i])) tokens.push_back(std::move(token));
    }
    return tokens;
  }

 private:
  bool are_words_, is_lowered_;
};

std::vector<Split> splits_of(const std::vector<Sentence>& sentences, const Labels& labels, const Options& given) {
  std::vector<std::int32_t> strata;
  std::vector<std::size_t> drawn;  // those whose split is drawn
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (sentences[i].is_test) continue;
    strata.push_back(labels.number_of(sentences[i].label));
    drawn.push_back(i);
  }
  const auto fractions = drawn_fractions(given, given.is_given("test-every") ? "test-every" : "");
  const auto of_drawn = draw_splits(strata, fractions, given);
  std::vector<Split> splits(sentences.size(), Split::test);
  for (std::size_t i = 0; i < drawn.size(); ++i) splits[drawn[i]] = of_drawn[i];
  return splits;
}

std::vector<std::vector<std::string>> tokens_of(const std::vector<Sentence>& sentences, const Options& given) {
  const Tokenizer tokenizer(given);
  const auto max_length = given.is_given("max-length") ? static_cast<std::size_t>(given.integer("max-length", 1)) : 0;
  std::vector<std::vector<std::string>> tokens;
  std::size_t num_cut = 0;
  for (const auto& sentence : sentences) {
    auto& those = tokens.emplace_back(tokenizer.tokens_of(sentence.text));
    if (those.empty()) throw DataError("the sentence is empty; remove the line", sentence.path, sentence.line);
    if (max_length == 0 || those.size() <= max_length) continue;
    those.resize(max_length);
    ++num_cut;
  }
  if (num_cut > 0)
    log::info(
        fmt::format("{} of {} sentences are cut to {} tokens (--max-length)", num_cut, sentences.size(), max_length));
  return tokens;
}

// How much of each part the vocabulary does not have.
void say_what_is_unknown(SequenceTable& table) {
  std::vector<std::string> shares;
  for (const Split split : all_splits) {
    std::int64_t unknown = 0, all = 0;
    for (const auto& row : table.sequences) {
      if (row.split != static_cast<std::int32_t>(split)) continue;
      const auto first = table.tokens.begin() + row.start;
      unknown += std::count(first, first + row.length, Vocabulary::unknown);
      all += row.length;
    }
    if (unknown == 0) continue;
    const double percent = 100.0 * static_cast<double>(unknown) / static_cast<double>(all);
    shares.push_back(fmt::format("{:.{}f} % of the {} part", percent, percent < 10 ? 2 : 0, name_of(split)));
  }
  if (!shares.empty())
    log::info(fmt::format("tokens that the vocabulary does not have, all read as <unknown>: {} (see --vocabulary)",
                          join(shares, ", ")));
}

SequenceTable labelled_sentences(const std::vector<std::string>& files, const Options& given) {
  given.refuse_given({"window"}, "on labelled sentences, which are whole; it is of --language-model");
  const auto sentences = read_sentences(files, given);
  Labels labels;
  for (const auto& sentence : sentences) labels.add(sentence.label, sentence.path, sentence.line);
  labels.number_them();
  if (labels.are_measurements())
    throw DataError(fmt::format("the labels are {}, and this format has classes alone; turn them into a few classes",
                                labels.measurements_text()),
                    files.front());
  const auto tokens = tokens_of(sentences, given);
  const auto splits = splits_of(sentences, labels, given);
  Vocabulary vocabulary;
  for (std::size_t i = 0; i < sentences.size(); ++i)
    if (splits[i] == Split::train)
      for (const auto& token : tokens[i]) vocabulary.count(token);
  vocabulary.number_them(static_cast<std::size_t>(given.integer("vocabulary", 1, 1 << 22)));
  SequenceTable table;
  vocabulary.describe(table.header);
  labels.describe(table.header);
  for (const auto i : order_by_split(splits)) {
    const auto start = table.num_steps();
    for (const auto& token : tokens[i]) table.tokens.push_back(vocabulary.id_of(token));
    table.close_sequence(start, splits[i]);
    table.classes.push_back(labels.number_of(sentences[i].label));
  }
  return table;
}

SequenceTable language_model(const std::vector<std::string>& files, const Options& given) {
  expect_files(files, 1, "one text as a language model");
  given.refuse_given({"label", "header"}, "on the plain text of a language model");
  given.refuse_given({"max-length"}, "on a language model; its sequences are as long as --window");
  given.refuse_given({"test-every", "validation"}, "on a language model: its text is cut in three by --split");
  given.refuse_given({"seed"}, "on a language model: its text is cut in order, nothing is drawn");
  const auto window = given.integer("window", 1);
  const auto tokens = Tokenizer(given).tokens_of_lines(split(read_text(files[0]), '\n'));
  const auto ends = split_ends(tokens.size(), split_fractions(given));
  if (ends[0] < 2) throw DataError("its training part has fewer than 2 tokens", files[0]);
  Vocabulary vocabulary;
  for (std::size_t i = 0; i < ends[0]; ++i) vocabulary.count(tokens[i]);
  vocabulary.number_them(static_cast<std::size_t>(given.integer("vocabulary", 1, 1 << 22)));
  SequenceTable table;
  auto& header = table.header;
  vocabulary.describe(header);
  header.target_kind = TargetKind::classes;
  header.target_position = TargetPosition::per_step;
  header.num_outputs = header.vocabulary;
  header.output_names = header.token_names;
  for (const auto& token : tokens) table.tokens.push_back(vocabulary.id_of(token));
  table.classes.assign(table.tokens.begin() + 1, table.tokens.end());
  table.classes.push_back(-1);
  for (const Split split : all_splits) {
    const auto s = static_cast<std::size_t>(split);
    const auto end = static_cast<std::int64_t>(ends[s]) - 1;  // the part's last token is only a target
    for (auto start = static_cast<std::int64_t>(s == 0 ? 0 : ends[s - 1]); start < end; start += window)
      table.sequences.push_back(
          {start, static_cast<std::int32_t>(std::min(window, end - start)), static_cast<std::int32_t>(split)});
  }
  return table;
}

SequenceTable import(const std::vector<std::string>& files, const Options& given) {
  if (files.empty()) throw ConfigError("takes at least one text file", "command line");
  auto table = given.flag("language-model") ? language_model(files, given) : labelled_sentences(files, given);
  say_what_is_unknown(table);
  table.header.text_rules = text_rules();
  set_floors(table);
  return table;
}

}  // namespace

Importer text() {
  return {"FILE…", options, import};
}

}  // namespace seqsweep::data::importers
