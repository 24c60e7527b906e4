// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::jobs {
namespace {

using ::testing::HasSubstr;

std::optional<CommandLine> read(const std::vector<std::string>& arguments) {
  CommandLineSpec spec{"status", {"A.h5", "B.h5"}, "about", {}};
  spec.options.add_options()("json", "")("top", boost::program_options::value<int>()->default_value(10), "");
  return read_command_line(std::move(spec), arguments);
}

std::string refusal(const std::vector<std::string>& arguments) {
  try {
    (void)read(arguments);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ReadCommandLine, takes_positional_arguments_and_options_in_any_order) {
  const auto line = read({"--top", "3", "a", "--json", "b"});
  EXPECT_EQ(line->positional.at("A.h5"), "a");
  EXPECT_EQ(line->positional.at("B.h5"), "b");
  EXPECT_EQ(line->options["top"].as<int>(), 3);
  EXPECT_EQ(line->options.count("json"), 1U);
}

TEST(ReadCommandLine, names_what_is_wrong) {
  EXPECT_THAT(refusal({"a"}), HasSubstr("B.h5 is missing (usage: seqsweep status A.h5 B.h5 [options])"));
  EXPECT_THAT(refusal({"a", "b", "c"}), HasSubstr("superfluous argument 'c'"));
  EXPECT_THAT(refusal({"a", "b", "--jsn"}), HasSubstr("did you mean '--json'?"));
  EXPECT_THAT(refusal({"a", "b", "--top", "many"}), HasSubstr("many"));
  EXPECT_THAT(refusal({"a", "b", "--to", "3"}), HasSubstr("unknown option '--to'")) << "options are not abbreviated";
}

TEST(ReadCommandLine, shows_help_instead_of_complaining) {
  ::testing::internal::CaptureStdout();
  EXPECT_FALSE(read({"--help"}).has_value());
  const auto help = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(help, HasSubstr("usage: seqsweep status A.h5 B.h5 [options]"));
  EXPECT_THAT(help, HasSubstr("--top"));
}

}  // namespace
}  // namespace seqsweep::jobs
