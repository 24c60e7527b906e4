// SPDX-License-Identifier: Apache-2.0
//
// Boost reads the file. It says nothing of lines, drops what it does not understand and lets keys repeat, so a scan
// goes before it: the scan knows each key's line and refuses what Boost would misread.
#include "ini.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "keys.hpp"

namespace seqsweep::config {
namespace {

constexpr std::string_view command_line = "command line";

std::string file_text(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw ConfigError("this is a directory; name the config file in it", path);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const bool exists = std::filesystem::exists(path, ignored);
    throw ConfigError(
        exists ? "cannot be opened for reading; check its permissions" : "there is no such config file; check the path",
        path);
  }
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (text.starts_with("\x89HDF")) throw ConfigError("this is an HDF5 file; name the config file (INI) instead", path);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

// Cuts the comment off, so that the scan and Boost see the same.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool is_after_blank = i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t';
    if (line[i] == '#' || (line[i] == ';' && is_after_blank)) return line.substr(0, i);
  }
  return line;
}

bool is_text(std::string_view line) {
  return std::none_of(line.begin(), line.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

std::vector<std::string> keys_in(std::string_view section) {
  std::vector<std::string> names;
  for (const auto& key : key_table())
    if (key.section == section) names.emplace_back(key.name);
  return names;
}

// The section that a key without one, or in a wrong one, belongs to; empty if there is none.
std::string section_with(std::string_view name) {
  for (const auto& key : key_table())
    if (key.name == name) return std::string(key.section);
  return {};
}

// What may stand in a placeholder, a column of /trials, and a condition.
bool is_free_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  });
}

void check_section(const std::string& name, const std::string& where) {
  const auto known = section_names();
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw ConfigError(fmt::format("unknown section [{}] {}", name, known_names(name, known)), where);
}

void check_key(const std::string& section, const std::string& name, const std::string& where) {
  if (has_free_keys(section) && !is_free_name(name))
    throw ConfigError(fmt::format("'{}' in [{}] is no name; write letters, digits, '_', '.' and '-'", name, section),
                      where, section + "." + name);
  if (find_key(section + "." + name)) return;
  const auto home = section_with(name);
  throw ConfigError(home.empty()
                        ? fmt::format("unknown key '{}' in [{}] {}", name, section, known_names(name, keys_in(section)))
                        : fmt::format("unknown key '{}' in [{}]; it belongs to [{}]", name, section, home),
                    where, section + "." + name);
}

void check_value(const Entry& entry) {
  if (entry.value.empty())
    throw ConfigError(fmt::format("{} has no value; write one, or leave the key out to take the default", entry.key),
                      entry.where, entry.key);
  if (find_key(entry.key)->kind == Kind::text) return;  // a command quotes
  if (entry.value.front() == '"' || entry.value.front() == '\'')
    throw ConfigError(fmt::format("{} stands in quotation marks; write it without them", entry.key), entry.where,
                      entry.key);
}

// What the scan learns of a file.
struct Scan {
  std::string cleaned;         // the lines without comments and carriage returns, for Boost
  std::vector<Entry> entries;  // where they stand; the values are Boost's to fill in
};

class Scanner {
 public:
  explicit Scanner(const std::string& path) : path_(path) {}

  Scan scan() {
    for (auto line : split(file_text(path_), '\n')) {
      if (line.ends_with('\r')) line.pop_back();
      ++line_;
      if (!is_text(line)) throw ConfigError("this is no text; name the config file (INI) instead", where());
      const auto text = without_comment(line);
      take(text);
      scan_.cleaned.append(text).push_back('\n');
    }
    return std::move(scan_);
  }

 private:
  [[nodiscard]] std::string where() const { return fmt::format("{}:{}", path_, line_); }

  void take(std::string_view line) {
    const auto text = trim(line);
    if (text.empty()) return;
    if (text.front() == '[') return begin_section(text);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos)
      throw ConfigError(fmt::format("'{}' is neither a [section] nor key = value", text), where());
    add_entry(std::string(trim(line.substr(0, equals))), line, equals);
  }

  void begin_section(std::string_view text) {
    if (text.back() != ']')
      throw ConfigError(fmt::format("the section header '{}' does not end with ']'", text), where());
    section_ = text.substr(1, text.size() - 2);
    check_section(section_, where());
    if (const auto [first, is_new] = section_lines_.try_emplace(section_, line_); !is_new)
      throw ConfigError(
          fmt::format("section [{}] begins again (first on line {}); join the two", section_, first->second), where());
  }

  void add_entry(const std::string& name, std::string_view line, std::size_t equals) {
    if (name.empty()) throw ConfigError("there is no key before '='", where());
    if (section_.empty()) {
      const auto home = section_with(name);
      throw ConfigError(fmt::format("'{}' stands before the first section; {}", name,
                                    home.empty() ? "write a [section] first" : fmt::format("put it under [{}]", home)),
                        where(), name);
    }
    check_key(section_, name, where());
    Entry entry{.key = section_ + "." + name, .value = {}, .where = where(), .line = line_};
    if (const auto [first, is_new] = key_lines_.try_emplace(entry.key, line_); !is_new)
      throw ConfigError(fmt::format("{} is set again (first on line {}); keep one", entry.key, first->second), where(),
                        entry.key);
    const auto value = line.find_first_not_of(" \t", equals + 1);
    entry.column = static_cast<int>(value == std::string_view::npos ? equals : value) + 1;
    scan_.entries.push_back(std::move(entry));
  }

  std::string path_;
  int line_ = 0;
  std::string section_;
  std::map<std::string, int> section_lines_, key_lines_;
  Scan scan_;
};

}  // namespace

std::vector<Entry> read_ini(const std::string& path) {
  auto [cleaned, entries] = Scanner(path).scan();
  std::istringstream stream(cleaned);
  namespace options = boost::program_options;
  const auto parsed = options::parse_config_file(stream, options::options_description(), /*allow_unregistered=*/true);
  SEQSWEEP_ENSURE(parsed.options.size() == entries.size(), path + ": two readings of one file differ");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    SEQSWEEP_ENSURE(parsed.options[i].string_key == entries[i].key, path + ": two readings of one file differ");
    entries[i].value = trim(parsed.options[i].value.at(0));
    check_value(entries[i]);
  }
  return entries;
}

std::vector<Entry> read_overrides(std::span<const std::string> overrides) {
  std::vector<Entry> entries;
  const std::string where(command_line);
  for (const auto& text : overrides) {
    const auto equals = text.find('=');
    const auto key = std::string(trim(std::string_view(text).substr(0, equals)));
    const auto dot = key.find('.');
    if (equals == std::string::npos || dot == std::string::npos)
      throw ConfigError(fmt::format("'{}' is no section.key=value", text), where);
    check_section(key.substr(0, dot), where);
    check_key(key.substr(0, dot), key.substr(dot + 1), where);
    const auto value = text.find_first_not_of(" \t", equals + 1);
    Entry entry{.key = key, .value = std::string(trim(std::string_view(text).substr(equals + 1))), .where = where};
    entry.column = static_cast<int>(value == std::string::npos ? equals : value) + 1;
    check_value(entry);
    if (std::any_of(entries.begin(), entries.end(), [&](const Entry& other) { return other.key == key; }))
      throw ConfigError(fmt::format("{} is given twice; keep one", key), where, key);
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace seqsweep::config
