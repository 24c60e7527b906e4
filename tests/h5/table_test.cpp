// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "h5/scratch.hpp"
#include "h5/table_rows.hpp"

namespace seqsweep::h5 {
namespace {

using test::append;
using test::error_of;
using test::overwrite;
using test::read_rows;
using test::row_type;
using test::rows;
using test::Scratch;
using testing::HasSubstr;

TEST(Table, gives_back_the_rows_that_were_appended_and_overwritten) {
  const Scratch scratch;
  const auto path = scratch / "t.h5";
  for (const bool is_compressed : {false, true}) {
    {
      File file = File::create(path);
      Table table = file.create_table("/rows", row_type(), 64, is_compressed);
      append(table, rows(0, 300));
      table.append({});
      append(table, rows(300, 301));
      overwrite(table, 100, rows(1000, 1002));
      EXPECT_THROW(overwrite(table, 300, rows(0, 2)), ContractViolation);
    }
    auto expected = rows(0, 301);
    expected[100] = test::row(1000);
    expected[101] = test::row(1001);
    const File file = File::open(path, Access::read);
    EXPECT_TRUE(read_rows(file.open_table("/rows", row_type())) == expected);
    EXPECT_EQ(file.read_text("/rows", "columns"), "number: counts the rows\nhalf [m]: half of it\nword: even or odd\n");
    std::filesystem::remove(path);
  }
}

TEST(Table, of_other_columns_is_refused_with_the_difference) {
  const Scratch scratch;
  File file = File::create(scratch / "t.h5");
  (void)file.create_table("/rows", row_type(), 64, false);
  file.write_array<float>("/array", std::vector<float>{1}, {1});
  auto renamed = row_type();
  renamed.columns[1].name = "third";
  EXPECT_THAT(error_of([&] { (void)file.open_table("/rows", renamed); }), HasSubstr("'/rows' has no column 'third'"));
  auto retyped = row_type();
  retyped.columns[1].kind = Kind::i64;
  EXPECT_THAT(error_of([&] { (void)file.open_table("/rows", retyped); }),
              HasSubstr("the column 'half' of '/rows' is float64, int64 expected"));
  auto wider = row_type();
  wider.columns[2].text_bytes = 8;
  EXPECT_THAT(error_of([&] { (void)file.open_table("/rows", wider); }),
              HasSubstr("is text of 12 bytes, text of 8 bytes expected"));
  auto fewer = row_type();
  fewer.columns.pop_back();
  EXPECT_THAT(error_of([&] { (void)file.open_table("/rows", fewer); }), HasSubstr("has 3 columns, 2 expected"));
  EXPECT_THAT(error_of([&] { (void)file.open_table("/array", row_type()); }), HasSubstr("'/array' is no table"));
  EXPECT_THAT(error_of([&] { (void)file.open_table("/none", row_type()); }), HasSubstr("has no table '/none'"));
}

}  // namespace
}  // namespace seqsweep::h5
