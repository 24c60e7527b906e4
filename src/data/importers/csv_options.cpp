// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_options.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "data/importers/importers.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::array options = {
    OptionSpec{"features", "A,B,..", "",
               "number columns the network sees; without it, all that are left over, but for an index without a name "
               "and the target of whole sequences"},
    OptionSpec{"categorical", "A,B,..", "", "text columns the network sees, one-hot encoded"},
    OptionSpec{"time-features", "P,..", "",
               "of the time column (the clock as written), as sine and cosine: minute, hour, weekday, month, yearday"},
    OptionSpec{"time-column", "A", "",
               "column of dates and times (ISO 8601), by which the rows of each series are sorted; without it, the "
               "first that holds any; none: keep the order of the file"},
    OptionSpec{"skip-columns", "A,B,..", "", "columns that are not features, where --features is not given"},
    OptionSpec{"target", "A,B,..", "", "columns to predict, or all-features; of a whole sequence its last row's value"},
    OptionSpec{"stack-targets", "", "",
               "every target column becomes a series of its own, standardised: one network for all"},
    OptionSpec{"window", "W", "", "steps the network sees [rows]"},
    OptionSpec{"horizon", "H", "1", "rows after the window to predict: 24 is the 24th, 1..24 all 24"},
    OptionSpec{"stride", "S", "1", "rows from one window to the next"},
    OptionSpec{"difference", "", "", "predict the change since the window's last row"},
    OptionSpec{"season", "S", "0", "with --difference: since the row a season ago instead (24: same hour yesterday)"},
    split_option,
    OptionSpec{
        "split-rows", "A,B[,C]", "",
        "cut at rows, counted in the order of time: train before A, validation A to B, test B to C (or the end)"},
    OptionSpec{"split-dates", "A,B[,C]", "", "cut at dates, likewise: 2017-04-01,2017-10-01"},
    OptionSpec{"gaps", "POLICY", "cross",
               "where rows are missing in time: cross, or break (no window spans a gap); calendar months, summer time "
               "and the weekends in data of weekdays are no gaps"},
    OptionSpec{"group", "A", "", "rows of equal value form a series of their own; each is cut by itself"},
    OptionSpec{"sequence-column", "A", "", "rows of equal value form one sequence, whole"},
    OptionSpec{"class-column", "A", "", "the sequence's class; or give a number in --target"},
    OptionSpec{"test-every", "N", "",
               "every N-th sequence, as they first appear in the file, is for testing, in place of --split"},
    OptionSpec{"test-where", "A=VALUE", "", "sequences with this value are for testing, in place of --split"},
    validation_option,
    OptionSpec{"skip-rows", "N", "0", "leave out the first N rows of the file, as it is written"},
    OptionSpec{"drop-duplicates", "A", "",
               "of rows with the same value keep the first of the file (within a group or sequence)"},
    OptionSpec{"missing", "POLICY", "error",
               "for missing numbers: error, ffill (the last value of the series), zero, drop (the row)"},
    OptionSpec{"normalize", "HOW", "standard",
               "standard: mean 0 and sd 1 over the rows that training windows cover; none"},
    OptionSpec{"separator", "C", ",", "between fields: a character, or tab"},
    unit_option,
    seed_option,
};

void refuse_all(const Options& given, std::initializer_list<const char*> names, const char* problem) {
  for (const char* name : names)
    if (given.is_given(name)) given.refuse(name, problem);
}

void refuse_for_windows(const Options& given) {
  refuse_all(given, {"class-column", "test-every", "test-where", "validation"}, "needs --sequence-column");
  refuse_all(given, {"seed"}, "nothing is drawn: windows are cut in time; it is for --sequence-column");
  static_cast<void>(given.text("target"));
  if (given.integer("season", 0) > 0 && !given.flag("difference")) given.refuse("season", "needs --difference");
  if (given.is_given("split") + given.is_given("split-rows") + given.is_given("split-dates") > 1)
    given.refuse("split", "give one of --split, --split-rows and --split-dates");
  if (!given.flag("stack-targets")) return;
  refuse_all(given, {"unit"}, "--stack-targets standardises every target, so errors have no unit");
  if (given.text("target") != "all-features")
    refuse_all(given, {"skip-columns"}, "--stack-targets shows the network the targets alone");
}

void refuse_for_whole_sequences(const Options& given) {
  refuse_all(given, {"group"}, "is for windows of several series; with --sequence-column every sequence is whole");
  refuse_all(
      given,
      {"window", "horizon", "stride", "difference", "season", "stack-targets", "split-rows", "split-dates", "gaps"},
      "is for windows; with --sequence-column every sequence is whole");
  if (given.has("class-column") == given.has("target"))
    given.refuse("class-column", "give one of --class-column and --target");
  if (given.has("class-column")) refuse_all(given, {"unit"}, "a class has none");
  if (given.is_given("test-every") && given.is_given("test-where"))
    given.refuse("test-where", "give one of --test-every and --test-where");
}

}  // namespace

std::span<const OptionSpec> csv_options() {
  return options;
}

void refuse_what_does_not_apply(const Options& given) {
  if (given.is_given("features"))
    refuse_all(given, {"skip-columns"}, "is for a file without --features, which names all that the network sees");
  if (given.has("sequence-column"))
    refuse_for_whole_sequences(given);
  else
    refuse_for_windows(given);
}

}  // namespace seqsweep::data::importers
