// SPDX-License-Identifier: Apache-2.0
// Labelled sentences, one "sentence TAB label" a line (lines end at LF, the last tab counts); or a plain text as a
// language model: at each step the target is the next token.
#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/importers.hpp"
#include "data/importers/labelled.hpp"
#include "data/importers/vocabulary.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::array options = {
    OptionSpec{"label", "WHERE", "last", "where the label stands: last (sentence TAB label) or first"},
    OptionSpec{"tokens", "WHAT", "words", "what a step is: words or characters"},
    OptionSpec{"vocabulary", "N", "10000", "most frequent tokens of the training part that are told apart"},
    OptionSpec{"case", "HOW", "auto", "lower, keep, or auto: lower for words, keep for characters"},
    OptionSpec{"max-length", "T", "", "cut sentences to their first T tokens"},
    OptionSpec{"test-every", "N", "", "every N-th line of each file is for testing, in place of --split"},
    validation_option,
    split_option,
    seed_option,
    OptionSpec{"language-model", "", "", "predict the next token of a plain text, cut in three by --split"},
    OptionSpec{"window", "T", "64", "steps of a sequence of a language model"},
};

std::vector<std::string> tokenise(std::string_view text, const Options& given) {
  const bool are_words = given.choice("tokens", {"words", "characters"}) == "words";
  const auto how = given.choice("case", {"auto", "lower", "keep"});
  const bool is_lowered = how == "lower" || (how == "auto" && are_words);
  const std::string lowered = is_lowered ? lower_case(text) : std::string();
  const std::string_view read = is_lowered ? std::string_view(lowered) : text;
  return are_words ? words_of(read) : characters_of(read);
}

struct Sentence {
  std::vector<std::string> tokens;
  std::string label;
  bool is_test = false;  // by --test-every
};

void read_sentences(const std::string& path, const Options& given, std::vector<Sentence>& sentences) {
  const bool label_is_last = given.choice("label", {"last", "first"}) == "last";
  const auto test_every = given.has("test-every") ? given.integer("test-every", 2) : 0;
  const auto max_length = given.has("max-length") ? static_cast<std::size_t>(given.integer("max-length", 1)) : 0;
  std::int64_t number = 0, index = 0;
  for (const auto& line : split(read_file(path), '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    const auto tab = label_is_last ? line.rfind('\t') : line.find('\t');
    if (tab == std::string::npos)
      throw DataError("no tab; a line is 'sentence<TAB>label' (or the other way round with --label first)", path,
                      number);
    const auto before = std::string_view(line).substr(0, tab), after = std::string_view(line).substr(tab + 1);
    Sentence sentence{tokenise(trim(label_is_last ? before : after), given),
                      std::string(trim(label_is_last ? after : before))};
    if (sentence.label.empty()) throw DataError("the label is empty", path, number);
    if (sentence.tokens.empty()) throw DataError("the sentence is empty; remove the line", path, number);
    if (max_length > 0 && sentence.tokens.size() > max_length) sentence.tokens.resize(max_length);
    sentence.is_test = test_every > 0 && index++ % test_every == test_every - 1;
    sentences.push_back(std::move(sentence));
  }
}

std::vector<Split> splits_of(const std::vector<Sentence>& sentences, const Labels& labels, const Options& given) {
  std::vector<std::int32_t> strata;
  std::vector<std::size_t> drawn;  // those whose split is drawn
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (sentences[i].is_test) continue;
    strata.push_back(labels.number_of(sentences[i].label));
    drawn.push_back(i);
  }
  const double validation = given.real("validation", 0, 0.99);
  const auto fractions = given.has("test-every") ? Fractions{1 - validation, validation, 0} : split_fractions(given);
  const auto of_drawn = draw_splits(strata, fractions, seed_of(given));
  std::vector<Split> splits(sentences.size(), Split::test);
  for (std::size_t i = 0; i < drawn.size(); ++i) splits[drawn[i]] = of_drawn[i];
  return splits;
}

SequenceTable labelled_sentences(const std::vector<std::string>& files, const Options& given) {
  std::vector<Sentence> sentences;
  for (const auto& path : files) read_sentences(path, given, sentences);
  if (sentences.empty()) throw DataError("has no sentences", files.front());
  Labels labels;
  for (const auto& sentence : sentences) labels.add(sentence.label);
  labels.number_them();
  const auto splits = splits_of(sentences, labels, given);
  Vocabulary vocabulary;
  for (std::size_t i = 0; i < sentences.size(); ++i)
    if (splits[i] == Split::train)
      for (const auto& token : sentences[i].tokens) vocabulary.count(token);
  vocabulary.number_them(static_cast<std::size_t>(given.integer("vocabulary", 1, 1 << 22)));
  SequenceTable table;
  vocabulary.describe(table.header);
  labels.describe(table.header);
  for (const auto i : order_by_split(splits)) {
    const auto start = table.num_steps();
    for (const auto& token : sentences[i].tokens) table.tokens.push_back(vocabulary.id_of(token));
    table.close_sequence(start, splits[i]);
    table.classes.push_back(labels.number_of(sentences[i].label));
  }
  return table;
}

SequenceTable language_model(const std::vector<std::string>& files, const Options& given) {
  expect_files(files, 1, "one text as a language model");
  if (given.is_given("test-every")) given.refuse("test-every", "a language model's text is cut by --split");
  const auto window = given.integer("window", 1);
  const auto tokens = tokenise(read_file(files[0]), given);
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
  set_floors(table);
  return table;
}

}  // namespace

Importer text() {
  return {"FILE…", options, import};
}

}  // namespace seqsweep::data::importers
