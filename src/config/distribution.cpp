// SPDX-License-Identifier: Apache-2.0
#include "distribution.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "values.hpp"

namespace seqsweep::config {
namespace {

// With a key where the text names it already.
[[noreturn]] void refuse(const std::string& problem, int column, const std::string& key = {}) {
  throw ConfigError(fmt::format("{} (column {})", problem, column), {}, key);
}

// ---- syntax

constexpr std::string_view blanks = " \t";
constexpr std::string_view punctuation = "(),=!<>";
constexpr std::string_view word_ends = " \t(),=!<>";

/// Recursive descent; each method reads one rule of the grammar in distribution.hpp.
class Parser {
 public:
  Parser(std::string_view text, int column) : text_(text), first_column_(column) { skip_blanks(); }

  DistributionSyntax value() {
    DistributionSyntax syntax;
    syntax.name = word("a distribution");
    if (peek() == "if")
      refuse(fmt::format("only a distribution takes a condition; write choice({}) if ...", syntax.name.text), column());
    syntax.arguments = list(syntax.name.text);
    if (is_at_end()) return syntax;
    const auto next = peek();
    if (next != "if") refuse(fmt::format("expected 'if' or the end of the line, found '{}'", next), column());
    take(next);
    syntax.condition = condition();
    if (!is_at_end()) refuse(fmt::format("expected the end of the line, found '{}'", peek()), column());
    return syntax;
  }

 private:
  ConditionSyntax condition() {
    ConditionSyntax syntax;
    syntax.key = word("the key of a condition");
    const auto next = peek();
    if (next == "==") {
      take(next);
      syntax.values.push_back(word("a value"));
    } else if (next == "in") {
      take(next);
      syntax.values = list("in");
    } else {
      refuse(fmt::format("expected '==' or 'in' after {}, found {}", syntax.key.text, found()), column());
    }
    return syntax;
  }

  std::vector<Word> list(std::string_view after) {
    if (peek() != "(") refuse(fmt::format("expected '(' after {}, found {}", after, found()), column());
    std::vector<Word> words;
    do {
      take(peek());
      words.push_back(word("a value"));
    } while (peek() == ",");
    if (peek() != ")") refuse(fmt::format("expected ',' or ')', found {}", found()), column());
    take(")");
    return words;
  }

  Word word(std::string_view what) {
    const auto next = peek();
    if (next.empty() || punctuation.find(next.front()) != std::string_view::npos)
      refuse(fmt::format("expected {}, found {}", what, found()), column());
    Word result{std::string(next), column()};
    take(next);
    return result;
  }

  // The next token: a word, one sign, or "=="; empty at the end.
  [[nodiscard]] std::string_view peek() const {
    const auto rest = text_.substr(position_);
    if (rest.starts_with("==") || rest.starts_with("!=")) return rest.substr(0, 2);
    const auto end = rest.find_first_of(word_ends);
    return end == 0 ? rest.substr(0, 1) : rest.substr(0, end);
  }
  void take(std::string_view token) {
    position_ += token.size();
    skip_blanks();
  }
  void skip_blanks() { position_ = std::min(text_.find_first_not_of(blanks, position_), text_.size()); }
  [[nodiscard]] bool is_at_end() const { return position_ == text_.size(); }
  [[nodiscard]] int column() const { return first_column_ + static_cast<int>(position_); }
  [[nodiscard]] std::string found() const { return is_at_end() ? "the end of the line" : fmt::format("'{}'", peek()); }

  std::string_view text_;
  int first_column_;
  std::size_t position_ = 0;
};

// ---- meaning

double real_argument(const DistributionSyntax& syntax, std::size_t index) {
  const auto& word = syntax.arguments[index];
  const auto value = parse_real(word.text);
  if (!value) refuse(fmt::format("{} needs numbers, found '{}'", syntax.name.text, word.text), word.column);
  return *value;
}

std::int64_t integer_argument(const DistributionSyntax& syntax, std::size_t index) {
  const auto& word = syntax.arguments[index];
  const auto value = parse_integer(word.text);
  if (!value) refuse(fmt::format("{} needs integers, found '{}'", syntax.name.text, word.text), word.column);
  return *value;
}

void check_bound(const Key& key, const Word& word, double value) {
  try {
    check_range(key, value, word.text);
  } catch (const ConfigError& error) {
    refuse(error.what(), word.column, error.key);
  }
}

void check_bounds(const Key& key, const DistributionSyntax& syntax) {
  for (const std::size_t end : {0U, 1U}) check_bound(key, syntax.arguments[end], real_argument(syntax, end));
}

search::Distribution make_uniform(const Key& key, const DistributionSyntax& syntax) {
  check_bounds(key, syntax);
  search::Uniform uniform{.low = real_argument(syntax, 0), .high = real_argument(syntax, 1)};
  if (syntax.arguments.size() < 3) return uniform;
  uniform.step = real_argument(syntax, 2);
  if (uniform.step <= 0) refuse("the step of uniform must be more than 0", syntax.arguments[2].column);
  return uniform;
}

search::Distribution make_loguniform(const Key& key, const DistributionSyntax& syntax) {
  check_bounds(key, syntax);
  return search::LogUniform{.low = real_argument(syntax, 0), .high = real_argument(syntax, 1)};
}

search::Distribution make_integer(const Key& key, const DistributionSyntax& syntax) {
  search::Integer integer{.low = integer_argument(syntax, 0), .high = integer_argument(syntax, 1)};
  check_bounds(key, syntax);
  if (syntax.arguments.size() < 3) return integer;
  const auto& last = syntax.arguments[2];
  integer.is_log = last.text == "log";
  if (integer.is_log) return integer;
  const auto step = parse_integer(last.text);
  if (!step || *step < 1)
    refuse(fmt::format("int takes a step of at least 1 or 'log', found '{}'", last.text), last.column);
  integer.step = *step;
  return integer;
}

search::Distribution make_normal(const Key& key, const DistributionSyntax& syntax) {
  const double mean = real_argument(syntax, 0), sd = real_argument(syntax, 1);
  if (key.range.low > -std::numeric_limits<double>::max() || key.range.high < std::numeric_limits<double>::max())
    refuse(fmt::format("normal may leave its range ({}); use uniform{}", range_text(key.range),
                       key.range.high < std::numeric_limits<double>::max() ? "" : " or lognormal"),
           syntax.name.column);
  return search::Normal{mean, sd};
}

search::Distribution make_lognormal(const Key& key, const DistributionSyntax& syntax) {
  const double mean = real_argument(syntax, 0), sd = real_argument(syntax, 1);
  if (key.range.low > 0 || key.range.high < std::numeric_limits<double>::max())
    refuse(fmt::format("lognormal may leave its range ({}); use uniform or loguniform", range_text(key.range)),
           syntax.name.column);
  return search::LogNormal{mean, sd};
}

search::Distribution make_choice(const Key& key, const DistributionSyntax& syntax) {
  search::Choice choice;
  for (const auto& word : syntax.arguments) {
    try {
      choice.values.push_back(canonical(key, word.text));
    } catch (const ConfigError& error) {
      refuse(error.what(), word.column, error.key);
    }
  }
  return choice;
}

struct DistributionKind {
  std::string_view name;
  std::string_view usage;
  std::size_t fewest, most;  // arguments
  std::optional<Kind> kind;  // of keys that it suits; nothing: all
  search::Distribution (*make)(const Key&, const DistributionSyntax&);
};

constexpr std::size_t any_number = 1000;
constexpr std::array distribution_kinds = {
    DistributionKind{"uniform", "uniform(a, b[, step])", 2, 3, Kind::real, make_uniform},
    DistributionKind{"loguniform", "loguniform(a, b)", 2, 2, Kind::real, make_loguniform},
    DistributionKind{"int", "int(a, b[, step | log])", 2, 3, Kind::integer, make_integer},
    DistributionKind{"normal", "normal(mean, sd)", 2, 2, Kind::real, make_normal},
    DistributionKind{"lognormal", "lognormal(mean, sd)", 2, 2, Kind::real, make_lognormal},
    DistributionKind{"choice", "choice(v, ...)", 1, any_number, std::nullopt, make_choice},
};

std::vector<std::string> distribution_names() {
  std::vector<std::string> names;
  for (const auto& kind : distribution_kinds) names.emplace_back(kind.name);
  return names;
}

// "int(a, b[, step | log]) or choice(v, ...)"
std::string what_suits(const Key& key) {
  std::vector<std::string> usages;
  for (const auto& kind : distribution_kinds)
    if (!kind.kind || *kind.kind == key.kind) usages.emplace_back(kind.usage);
  return join(usages, ", ");
}

}  // namespace

bool is_distribution(std::string_view value) {
  if (value.find('(') != std::string_view::npos || value.find(" if ") != std::string_view::npos) return true;
  const auto first = value.substr(0, value.find_first_of(blanks));
  return std::any_of(distribution_kinds.begin(), distribution_kinds.end(),
                     [&](const DistributionKind& kind) { return kind.name == first; });
}

DistributionSyntax parse_distribution(std::string_view value, int column) {
  return Parser(value, column).value();
}

search::Distribution make_distribution(const Key& key, const DistributionSyntax& syntax) {
  const auto& name = syntax.name;
  const auto* kind = std::find_if(distribution_kinds.begin(), distribution_kinds.end(),
                                  [&](const DistributionKind& k) { return k.name == name.text; });
  if (kind == distribution_kinds.end())
    refuse(fmt::format("unknown distribution '{}' {}", name.text, known_names(name.text, distribution_names())),
           name.column);
  if (kind->kind && *kind->kind != key.kind && key.kind != Kind::parameter)
    refuse(fmt::format("{} does not suit it ({}); use {}", name.text, type_text(key), what_suits(key)), name.column);
  const auto count = syntax.arguments.size();
  if (kind->most == any_number && count > any_number)
    refuse(fmt::format("{} takes at most {} values, got {}", name.text, any_number, count), name.column);
  if (count < kind->fewest || count > kind->most)
    refuse(fmt::format("{} needs {} numbers, got {}: {}", name.text,
                       kind->fewest == kind->most ? fmt::format("{}", kind->most)
                                                  : fmt::format("{} or {}", kind->fewest, kind->most),
                       count, kind->usage),
           name.column);
  return kind->make(key, syntax);
}

std::vector<std::string> distribution_usages() {
  std::vector<std::string> usages;
  for (const auto& kind : distribution_kinds) usages.emplace_back(kind.usage);
  return usages;
}

}  // namespace seqsweep::config
