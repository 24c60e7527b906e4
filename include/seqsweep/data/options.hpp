// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seqsweep::data {

/// One option of a task or importer. Command line and help text are made from these; the default stands only here.
struct OptionSpec {
  std::string_view name;           ///< "window", given as --window
  std::string_view placeholder;    ///< "W"; empty for a flag
  std::string_view default_value;  ///< empty: none
  std::string_view help;           ///< one line, with the unit
  int num_values = 1;              ///< words that follow it
};

/// The values of a task's or importer's options. Every reading function throws ConfigError naming the option, the text
/// given and what it takes. A value is to be read only where it has an effect: refuse_unread() takes an option that
/// was given and not read for one that does not apply.
class Options {
 public:
  explicit Options(std::span<const OptionSpec> specs) : specs_(specs) {}

  /// Throws ConfigError where no option has that name, or for the wrong number of values.
  void set(std::string_view name, std::vector<std::string> values);

  [[nodiscard]] bool is_given(std::string_view name) const;  ///< on the command line; asking reads no value
  [[nodiscard]] bool has(std::string_view name) const;       ///< given, or has a default; asking reads no value
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;  ///< the words that follow it
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;    ///< separated by commas; may be empty
  [[nodiscard]] std::string choice(std::string_view name, std::initializer_list<std::string_view> known) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t at_least,
                                     std::int64_t at_most = std::numeric_limits<std::int32_t>::max()) const;
  [[nodiscard]] double real(std::string_view name, double at_least, double at_most) const;

  /// A ConfigError about this option: "--window W: <problem>".
  [[noreturn]] void refuse(std::string_view name, const std::string& problem) const;
  /// The same for each of `names` that is given: "--window: has no effect <why>".
  void refuse_given(std::initializer_list<std::string_view> names, const std::string& why) const;
  /// To be called when the data set is made: ConfigError for an option that was given but never read.
  void refuse_unread() const;

 private:
  [[nodiscard]] const OptionSpec& spec(std::string_view name) const;
  std::span<const OptionSpec> specs_;
  std::map<std::string, std::vector<std::string>, std::less<>> given_;
  mutable std::set<std::string, std::less<>> read_;
};

}  // namespace seqsweep::data
