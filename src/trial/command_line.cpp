// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "seqsweep/core/error.hpp"

namespace seqsweep::trial {
namespace {

bool is_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

// The name of the placeholder that begins at `at`, or nothing. ${name} is the shell's.
std::optional<std::string> placeholder_at(const std::string& text, std::size_t at) {
  if (text[at] != '{' || (at > 0 && text[at - 1] == '$')) return std::nullopt;
  const auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at) + 1, text.end(), is_in_name);
  std::string name(text.begin() + static_cast<std::ptrdiff_t>(at) + 1, end);
  return name.empty() || end == text.end() || *end != '}' ? std::nullopt : std::optional(name);
}

// Copies the text; fill(name) stands for each placeholder.
std::string filled(const std::string& text, const std::function<std::string(const std::string&)>& fill) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_doubled = i + 1 < text.size() && text[i] == text[i + 1] && (text[i] == '{' || text[i] == '}');
    if (is_doubled) {
      result += text[i++];
    } else if (const auto name = placeholder_at(text, i)) {
      result += fill(*name);
      i += name->size() + 1;
    } else {
      result += text[i];
    }
  }
  return result;
}

// Words between blanks; quoted blanks belong to a word.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  bool has_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
      has_word = true;
    } else if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote != 0 ? '\0' : c;
      has_word = true;
    } else if (quote == 0 && (c == ' ' || c == '\t')) {
      if (has_word) words.push_back(std::exchange(word, {}));
      has_word = false;
    } else {
      word += c;
      has_word = true;
    }
  }
  if (quote != 0)
    throw ConfigError(std::string("trial.command: the quote ") + quote + " does not end", {}, "trial.command");
  if (has_word) words.push_back(word);
  return words;
}

std::string quoted_for_shell(const std::string& text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:+-";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

}  // namespace

std::vector<std::string> placeholders_in(const CommandSpec& command) {
  std::vector<std::string> names;
  const auto note = [&](const std::string& name) {
    names.push_back(name);
    return name;
  };
  if (command.is_for_shell) {
    (void)filled(command.command, note);
  } else {
    for (const auto& word : words_of(command.command)) (void)filled(word, note);
  }
  return names;
}

std::vector<std::string> arguments_of(const CommandSpec& command, const Substitutions& values) {
  if (command.is_for_shell) {
    const auto quoted_value = [&](const std::string& name) {
      const auto found = values.find(name);
      return found == values.end() ? "" : quoted_for_shell(found->second);
    };
    return {"/bin/sh", "-c", filled(command.command, quoted_value)};
  }
  std::vector<std::string> arguments;
  for (const auto& word : words_of(command.command)) {
    bool is_complete = true;
    auto argument = filled(word, [&](const std::string& name) {
      const auto found = values.find(name);
      is_complete = is_complete && found != values.end();
      return found == values.end() ? "" : found->second;
    });
    if (is_complete) arguments.push_back(std::move(argument));
  }
  return arguments;
}

}  // namespace seqsweep::trial
