// SPDX-License-Identifier: Apache-2.0
// Every option of every importer and task, in every kind of use: it changes the data set, or it is refused by name. The
// options come from the catalogues; one without a row here fails.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::HasSubstr;

// A way to use an importer or task: its files and the options without which it would be another.
struct Use {
  std::string name;
  std::vector<std::string> files;
  Given given;
};

// For each option a value other than its default, and the options it needs to have an effect.
using Samples = std::map<std::string, Given>;

std::string bytes_of(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

constexpr auto bad_file = "bad file: ";  // so read, the file makes no sense

// All numbers and names of a data set.
std::string print_of(const SequenceTable& table) {
  std::string print = table.header.target_unit;
  const auto add = [&](const auto& values) {
    print.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
    print += '|';
  };
  add(table.features), add(table.tokens), add(table.sequences), add(table.targets), add(table.classes);
  const auto& header = table.header;
  add(header.feature_mean), add(header.feature_sd), add(header.target_mean), add(header.target_sd);
  for (const auto* names : {&header.feature_names, &header.token_names, &header.output_names})
    print += join(*names, ",") + '|';
  return print;
}

// "" where it is refused, and `refusal` says how.
template <class Make>
std::string contents(Make&& make, std::string& refusal) {
  try {
    return print_of(make());
  } catch (const ConfigError& error) {
    refusal = error.what();
  } catch (const DataError& error) {
    refusal = fmt::format("{}{}", bad_file, error.what());
  }
  return "";
}

bool has_option(const Given& given, const std::string& option) {
  return std::ranges::any_of(given, [&](const auto& one) { return one.first == option; });
}

bool names_one_of(const std::string& text, const Given& given) {
  return std::ranges::any_of(given, [&](const auto& one) { return text.find("--" + one.first) != std::string::npos; });
}

Given sorted(Given given) {
  std::sort(given.begin(), given.end());
  return given;
}

Given replaced(Given given, const Given& by) {
  std::erase_if(given, [&](const auto& one) { return has_option(by, one.first); });
  given.insert(given.end(), by.begin(), by.end());
  return given;
}

template <class Run>
void expect_used_or_refused(std::span<const OptionSpec> specs, const std::vector<Use>& uses, const Samples& samples,
                            Run&& run) {
  for (const auto& [option, sample] : samples)
    EXPECT_TRUE(std::ranges::any_of(specs, [&](const OptionSpec& spec) { return spec.name == option; })) << option;
  std::map<std::string, int> num_changes;
  for (const auto& use : uses) {
    std::string refusal;
    ASSERT_NE(contents([&] { return run(use.files, use.given); }, refusal), "") << use.name << ": " << refusal;
    for (const auto& spec : specs) {
      const std::string option(spec.name);
      ASSERT_TRUE(samples.contains(option)) << "no sample for --" << option;
      const auto given = replaced(use.given, samples.at(option));
      if (sorted(given) == sorted(use.given)) continue;
      auto without = given;
      std::erase_if(without, [&](const auto& one) { return one.first == option && !has_option(use.given, option); });
      if (has_option(use.given, option)) without = use.given;
      const auto plain = contents([&] { return run(use.files, without); }, refusal);
      const auto changed = contents([&] { return run(use.files, given); }, refusal);
      if (changed.empty())
        EXPECT_TRUE(refusal.starts_with(bad_file) || names_one_of(refusal, given))
            << use.name << " --" << option << ": " << refusal;
      else
        EXPECT_TRUE(changed != plain) << use.name << " --" << option << " is ignored";
      // It had an effect, too, where another option is refused because of it.
      num_changes[option] += changed.empty() && names_one_of(refusal, {{option, {}}}) ? 0 : 1;
    }
  }
  for (const auto& spec : specs) EXPECT_GT(num_changes[std::string(spec.name)], 0) << spec.name << " is never used";
}

void expect_importer_options(const std::string& format, const std::vector<Use>& uses, const Samples& samples) {
  const auto& importer = find_in(importer_catalogue(), "format", format).make;
  expect_used_or_refused(importer.options, uses, samples, [&](const auto& files, const Given& given) {
    return import_table(importer, files, options_of(importer.options, given));
  });
}

TEST(Options, of_text_are_used_or_refused) {
  const TemporaryDirectory dir;
  std::string lines = "Who is it?\tother\n";
  for (int i = 0; i < 4; ++i) lines += fmt::format("Good film {}\tgood\nA bad end {}\tbad\n", i, i);
  const auto file = dir.write("a.tsv", lines);
  expect_importer_options("text",
                          {{"sentences", {file}, {}},
                           {"sentences, one part", {file}, {{"split", {"1,0"}}}},
                           {"sentences with test lines", {file}, {{"test-every", {"3"}}}},
                           {"language model", {file}, {{"language-model", {}}}}},
                          {{"label", {{"label", {"first"}}}},
                           {"header", {{"header", {"yes"}}}},
                           {"tokens", {{"tokens", {"characters"}}}},
                           {"vocabulary", {{"vocabulary", {"3"}}}},
                           {"case", {{"case", {"keep"}}}},
                           {"max-length", {{"max-length", {"1"}}}},
                           {"test-every", {{"test-every", {"2"}}}},
                           {"validation", {{"validation", {"0.5"}}}},
                           {"split", {{"split", {"0.5,0.5"}}}},
                           {"seed", {{"seed", {"5"}}}},
                           {"language-model", {{"language-model", {}}}},
                           {"window", {{"window", {"3"}}}}});
}

TEST(Options, of_ts_are_used_or_refused) {
  const TemporaryDirectory dir;
  std::string classes = "@classLabel true a b\n@data\n", numbers = "@targetLabel true\n@data\n";
  for (int i = 0; i < 10; ++i) {
    classes += fmt::format("{},{}:{}\n", i, i * i, i % 2 == 0 ? "a" : "b");
    numbers += fmt::format("{},{}:{}\n", i, i * i, i * 0.25);
  }
  const auto file = dir.write("a.ts", classes), reals = dir.write("r.ts", numbers);
  expect_importer_options("ts",
                          {{"classes", {file}, {}},
                           {"classes, one part", {file}, {{"split", {"1,0"}}}},
                           {"classes with a test file", {file}, {{"test", {file}}}},
                           {"classes with a test file alone", {file}, {{"test", {file}}, {"validation", {"0"}}}},
                           {"numbers", {reals}, {}}},
                          {{"test", {{"test", {file}}}},
                           {"validation", {{"validation", {"0.5"}}}},
                           {"split", {{"split", {"0.5,0.5"}}}},
                           {"normalize", {{"normalize", {"none"}}}},
                           {"unit", {{"unit", {"m"}}}},
                           {"seed", {{"seed", {"5"}}}}});
}

TEST(Options, of_idx_are_used_or_refused) {
  const TemporaryDirectory dir;
  std::string pixels = bytes_of({0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, 3});
  std::string classes = bytes_of({0, 0, 8, 1, 0, 0, 0, 12});
  for (int i = 0; i < 12; ++i) {
    pixels += bytes_of({i, 2 * i, 3 * i, 20, 5 * i, 200});
    classes += bytes_of({i % 2});
  }
  const auto images = dir.write("i", pixels), labels = dir.write("l", classes);
  expect_importer_options("idx",
                          {{"images", {images, labels}, {}},
                           {"pixels", {images, labels}, {{"steps", {"pixels"}}}},
                           {"images, one part", {images, labels}, {{"split", {"1,0"}}}},
                           {"images with a test part", {images, labels}, {{"test", {images, labels}}}}},
                          {{"steps", {{"steps", {"columns"}}}},
                           {"test", {{"test", {images, labels}}}},
                           {"validation", {{"validation", {"0.5"}}}},
                           {"split", {{"split", {"0.5,0.5"}}}},
                           {"normalize", {{"normalize", {"none"}}}},
                           {"permute", {{"permute", {"7"}}}},
                           {"seed", {{"seed", {"5"}}}}});
}

TEST(Options, of_piano_rolls_are_used_or_refused) {
  const TemporaryDirectory dir;
  std::string lines;
  for (int i = 0; i < 12; ++i) lines += fmt::format("{} {} -\n", i, 2 * i);
  const auto file = dir.write("a.txt", lines);
  const Given parts = {{"validation-file", {file}}, {"test", {file}}};
  expect_importer_options("piano_roll",
                          {{"one file", {file}, {}},
                           {"one file, one part", {file}, {{"split", {"1,0"}}}},
                           {"a file for each part", {file}, parts}},
                          {{"keys", {{"keys", {"30"}}}},
                           {"validation-file", parts},
                           {"test", parts},
                           {"split", {{"split", {"0.5,0.5"}}}},
                           {"seed", {{"seed", {"5"}}}}});
}

// Forty days with a gap, in two groups of two sequences of ten days each.
std::string days(bool has_texts) {
  std::string lines = has_texts ? "when,clock,id,half,part,kind,tag,gappy,x,y,z\n" : "when,x,y,z\n";
  for (int i = 0; i < 40; ++i) {
    const auto day = i < 27 ? fmt::format("2021-03-{:02}", i + 1) : fmt::format("2021-04-{:02}", i - 20);
    lines += day;
    if (has_texts)
      lines += fmt::format(",{} {:02}:00,s{},h{},{},{},t{},{}", day, i % 24, i / 5, i / 10, i / 5 % 2 == 0 ? "a" : "b",
                           i / 10 % 2 == 0 ? "up" : "down", i / 2, i == 7 ? "" : std::to_string(3 * i));
    lines += fmt::format(",{},{},{}\n", i, i * i % 17, 100 - i);
  }
  return lines;
}

TEST(Options, of_csv_are_used_or_refused) {
  const TemporaryDirectory dir;
  const auto wide = dir.write("wide.csv", days(true)), narrow = dir.write("narrow.csv", days(false));
  const Given windows = {{"features", {"x"}}, {"target", {"y"}}, {"window", {"3"}}},
              classes = {{"features", {"x"}}, {"sequence-column", {"id"}}, {"class-column", {"part"}}};
  expect_importer_options(
      "csv",
      {{"windows", {wide}, windows},
       {"windows of all columns", {narrow}, {{"target", {"y"}}, {"window", {"3"}}}},
       {"windows cut at rows", {wide}, replaced(windows, {{"split-rows", {"20,30"}}})},
       {"windows cut at dates", {wide}, replaced(windows, {{"split-dates", {"2021-03-20,2021-04-10"}}})},
       {"windows of groups", {wide}, replaced(windows, {{"group", {"half"}}})},
       {"classes of sequences", {wide}, classes},
       {"classes of sequences, one part", {wide}, replaced(classes, {{"split", {"1,0"}}})},
       {"classes with a test condition",
        {wide},
        replaced(classes, {{"test-where", {"kind=up"}}, {"validation", {"0.5"}}})},
       {"numbers of sequences", {wide}, {{"features", {"x"}}, {"sequence-column", {"id"}}, {"target", {"y"}}}}},
      {{"features", {{"features", {"x,z"}}}},
       {"categorical", {{"categorical", {"kind"}}}},
       {"time-features", {{"time-features", {"weekday"}}}},
       {"time-column", {{"time-column", {"clock"}}, {"time-features", {"hour"}}}},
       {"skip-columns", {{"skip-columns", {"z"}}}},
       {"target", {{"target", {"z"}}}},
       {"stack-targets", {{"stack-targets", {}}, {"features", {"x,z"}}, {"target", {"x,z"}}}},
       {"window", {{"window", {"4"}}}},
       {"horizon", {{"horizon", {"2"}}}},
       {"stride", {{"stride", {"2"}}}},
       {"difference", {{"difference", {}}}},
       {"season", {{"season", {"2"}}, {"difference", {}}}},
       {"split", {{"split", {"0.5,0.5"}}}},
       {"split-rows", {{"split-rows", {"15,30"}}}},
       {"split-dates", {{"split-dates", {"2021-03-15,2021-03-25"}}}},
       {"gaps", {{"gaps", {"break"}}}},
       {"group", {{"group", {"half"}}}},
       {"sequence-column", {{"sequence-column", {"half"}}, {"class-column", {"kind"}}}},
       {"class-column", {{"class-column", {"kind"}}}},
       {"test-every", {{"test-every", {"3"}}}},
       {"test-where", {{"test-where", {"part=b"}}}},
       {"validation", {{"validation", {"0.25"}}}},
       {"skip-rows", {{"skip-rows", {"5"}}}},
       {"drop-duplicates", {{"drop-duplicates", {"tag"}}}},
       {"missing", {{"missing", {"zero"}}, {"features", {"x,gappy"}}}},
       {"normalize", {{"normalize", {"none"}}}},
       {"separator", {{"separator", {";"}}}},
       {"unit", {{"unit", {"m"}}}},
       {"seed", {{"seed", {"8"}}}}});
}

TEST(Options, of_tasks_are_used) {
  const std::map<std::string, Samples> samples = {
      {"adding", {{"length", {{"length", {"7"}}}}}},
      {"copy_memory",
       {{"delay", {{"delay", {"4"}}}},
        {"remember", {{"remember", {"3"}}}},
        {"symbols", {{"symbols", {"3"}}}},
        {"score", {{"score", {"recall"}}}}}},
      {"mackey_glass",
       {{"length", {{"length", {"7"}}}}, {"horizon", {{"horizon", {"3"}}}}, {"delay", {{"delay", {"20"}}}}}},
      {"sine",
       {{"length", {{"length", {"7"}}}},
        {"horizon", {{"horizon", {"3"}}}},
        {"waves", {{"waves", {"2"}}}},
        {"noise", {{"noise", {"0"}}}}}}};
  for (const auto& entry : task_catalogue()) {
    const std::string name(entry.name);
    SCOPED_TRACE(name);
    ASSERT_TRUE(samples.contains(name));
    auto of_task = samples.at(name);
    of_task.insert(
        {{"sequences", {{"sequences", {"30"}}}}, {"split", {{"split", {"0.5,0.5"}}}}, {"seed", {{"seed", {"5"}}}}});
    expect_used_or_refused(entry.make.options, {{"plain", {}, {}}}, of_task,
                           [&](const auto&, const Given& given) { return make_task(name, given); });
  }
}

TEST(Options, one_that_was_never_read_is_refused_with_what_it_is_for) {
  constexpr std::array specs = {OptionSpec{"size", "N", "3", "how large"}, OptionSpec{"deep", "", "", "whether deep"}};
  const auto options = options_of(specs, {{"size", {"4"}}, {"deep", {}}});
  static_cast<void>(options.is_given("deep"));
  static_cast<void>(options.has("size"));
  EXPECT_THAT(error_of<ConfigError>([&] { options.refuse_unread(); }),
              HasSubstr("--deep: has no effect with the other options; leave it out (whether deep)"));
  EXPECT_TRUE(options.flag("deep"));
  EXPECT_THAT(error_of<ConfigError>([&] { options.refuse_unread(); }), HasSubstr("--size: has no effect"));
  EXPECT_EQ(options.integer("size", 1), 4);
  options.refuse_unread();
}

TEST(Options, the_wrong_one_of_split_and_validation_says_which_is_right) {
  const TemporaryDirectory dir;
  const auto file = dir.write("a.tsv", "a\t1\nb\t2\nc\t1\nd\t2\n");
  const auto error = [&](const Given& given) {
    return error_of<ConfigError>([&] { import_files("text", {file}, given); });
  };
  EXPECT_THAT(error({{"validation", {"0.2"}}}), HasSubstr("--validation: has no effect where --split draws the test"));
  EXPECT_THAT(error({{"test-every", {"2"}}, {"split", {"0.5,0.5"}}}),
              HasSubstr("--split: has no effect beside --test-every; --validation is the share"));
}

}  // namespace
}  // namespace seqsweep::data
