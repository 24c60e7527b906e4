// SPDX-License-Identifier: Apache-2.0
#include "data/importers/sentences.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/importers.hpp"
#include "data/importers/tokens.hpp"

namespace seqsweep::data::importers {
namespace {

using File = std::vector<Sentence>;

File read_file_of_sentences(const std::string& path, bool label_is_last) {
  File file;
  std::int64_t number = 0;
  for (const auto& line : read_lines(path)) {
    ++number;
    if (trim(line).empty()) continue;
    const auto tab = label_is_last ? line.rfind('\t') : line.find('\t');
    if (tab == std::string::npos)
      throw DataError("no tab; a line is 'sentence<TAB>label' (or the other way round with --label first)", path,
                      number);
    auto before = line.substr(0, tab), after = line.substr(tab + 1);
    if (!label_is_last) std::swap(before, after);
    file.push_back({std::string(trim(before)), label_text(after), path, number});
    if (file.back().label.empty()) throw DataError("the label is empty", path, number);
  }
  return file;
}

// What people write over the columns of sentences and of labels.
bool is_column_title(std::string_view text) {
  constexpr std::array titles = {"text",     "texts",    "sentence",  "sentences", "review", "reviews", "comment",
                                 "message",  "document", "content",   "tweet",     "title",  "phrase",  "utterance",
                                 "query",    "question", "headline",  "label",     "labels", "class",   "y",
                                 "category", "target",   "sentiment", "intent",    "tag",    "topic",   "polarity",
                                 "emotion",  "language", "lang",      "rating",    "score",  "stars"};
  const auto lowered = lower_case(text);
  return std::find(titles.begin(), titles.end(), lowered) != titles.end();
}

// How often each label occurs below the first lines.
std::map<std::string, std::size_t> label_counts(const std::vector<File>& files) {
  std::map<std::string, std::size_t> counts;
  for (const auto& file : files)
    for (std::size_t i = 1; i < file.size(); ++i) ++counts[file[i].label];
  return counts;
}

bool looks_like_header(const Sentence& first, const std::map<std::string, std::size_t>& counts) {
  if (counts.empty() || counts.contains(first.label) || parse_real(first.label)) return false;
  if (is_column_title(first.label) || is_column_title(label_text(first.text))) return true;
  std::size_t num_lines = 0;
  bool are_numbers = true, occur_again = true;
  for (const auto& [label, count] : counts) {
    num_lines += count;
    are_numbers = are_numbers && parse_real(label).has_value();
    occur_again = occur_again && count > 1;
  }
  return are_numbers || (occur_again && num_lines >= 10);  // a title in another language
}

void remove_headers(std::vector<File>& files, const Options& given) {
  const auto how = given.choice("header", {"auto", "yes", "no"});
  if (how == "no") return;
  const auto counts = label_counts(files);
  for (auto& file : files) {
    if (file.empty()) continue;
    const auto& first = file.front();
    if (how == "auto" && looks_like_header(first, counts))
      throw DataError(fmt::format("looks like a header: its label '{}' occurs nowhere else; say --header yes to leave "
                                  "the line out, or --header no if it is a sentence",
                                  first.label),
                      first.path, first.line);
    if (how == "auto") continue;
    if (const auto same = counts.find(first.label); same != counts.end())
      throw DataError(fmt::format("is no header: its label '{}' occurs again ({} times); leave --header yes out",
                                  first.label, same->second),
                      first.path, first.line);
    file.erase(file.begin());
  }
}

}  // namespace

std::vector<Sentence> read_sentences(const std::vector<std::string>& files, const Options& given) {
  const bool label_is_last = given.choice("label", {"last", "first"}) == "last";
  std::vector<File> read;
  for (const auto& path : files) read.push_back(read_file_of_sentences(path, label_is_last));
  remove_headers(read, given);
  const auto test_every =
      given.is_given("test-every") ? static_cast<std::size_t>(given.integer("test-every", 2)) : std::size_t{0};
  std::vector<Sentence> sentences;
  for (auto& file : read)
    for (std::size_t i = 0; i < file.size(); ++i) {
      file[i].is_test = test_every > 0 && i % test_every == test_every - 1;
      sentences.push_back(std::move(file[i]));
    }
  if (sentences.empty()) throw DataError("has no sentences", files.front());
  if (test_every > 0 && std::ranges::none_of(sentences, &Sentence::is_test))
    given.refuse("test-every", fmt::format("no file has {} sentences, so the test part would be empty", test_every));
  return sentences;
}

}  // namespace seqsweep::data::importers
