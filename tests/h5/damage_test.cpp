// SPDX-License-Identifier: Apache-2.0
// Every byte that matters lies under a checksum: a flipped bit is an error or changes nothing.
#include <cstdlib>

#include <gmock/gmock.h>

#include "h5/scratch.hpp"
#include "h5/table_rows.hpp"
#include "repetitions.hpp"

namespace seqsweep::h5 {
namespace {

using test::append;
using test::read_rows;
using test::row_type;
using test::rows;
using test::Scratch;

struct Content {
  std::string text;
  std::vector<float> small, large;
  std::vector<test::Row> table;
  bool operator==(const Content&) const = default;
};

Content content() {
  Content c{std::string(300, 't'), std::vector<float>(20, 0.25f), std::vector<float>(3000), rows(0, 200)};
  for (std::size_t i = 0; i < c.large.size(); ++i) c.large[i] = 1 / static_cast<float>(i + 1);
  return c;
}

void write(const std::string& path, const Content& c) {
  File file = File::create(path);
  file.write_attribute("/", "text", c.text);
  file.create_group("/g");
  file.write_array<float>("/g/small", c.small, {4, 5});
  file.write_array<float>("/g/large", c.large, {3000}, {.is_compressed = false, .chunk_bytes = 4000});
  Table table = file.create_table("/g/table", row_type(), 64, true);
  append(table, c.table);
}

Content read(const std::string& path) {
  const File file = File::open(path, Access::read);
  return {file.read_text("/", "text"), file.read_array<float>("/g/small"), file.read_array<float>("/g/large"),
          read_rows(file.open_table("/g/table", row_type()))};
}

void put_byte(const std::string& path, std::size_t at, char byte) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at)).put(byte);
}

TEST(Damage, a_flipped_bit_anywhere_is_noticed) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  write(path, content());
  ASSERT_TRUE(read(path) == content());
  const std::string whole = test::bytes_of(path);
  int num_errors = 0;
  for (std::size_t at = 0; at < whole.size(); at += test::stride * (at < 4096 ? 1 : 13)) {
    put_byte(path, at, static_cast<char>(whole[at] ^ (1 << at % 8)));
    try {
      EXPECT_TRUE(read(path) == content()) << "byte " << at << " of " << whole.size();
    } catch (const StoreError& error) {
      ++num_errors;
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
    put_byte(path, at, whole[at]);
  }
  EXPECT_GT(num_errors, 1000 / test::stride);
}

TEST(Damage, an_absurd_shape_takes_no_memory) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  {
    File file = File::create(path);
    (void)file.create_array("/a", Kind::f64, {1'000'000'000'000ULL});
    Array array = file.create_array("/b", Kind::f64, {1'000'000}, {.is_compressed = false});
    array.append(std::span<const double>(std::vector<double>(1'000'000)));
  }
  EXPECT_TRUE(File::open(path, Access::read).read_array<double>("/a").empty());
  if (std::system("/usr/bin/python3 -c 'import h5py' 2> /dev/null") != 0) GTEST_SKIP() << "needs python3-h5py";
  ASSERT_EQ(std::system(("/usr/bin/python3 -c \"import h5py; f = h5py.File('" + path +
                         "', 'w', libver='latest'); f.create_dataset('a', (10**13,), 'f8', chunks=(1000,)); "
                         "f.create_dataset('t', (10**11,), [('number', 'i8'), ('half', 'f8'), ('word', 'S12')], "
                         "chunks=(1000,))\" 2>/dev/null")
                            .c_str()),
            0);
  const File file = File::open(path, Access::read);
  EXPECT_THAT(test::error_of([&] { (void)file.read_array<double>("/a"); }),
              testing::HasSubstr("'/a' says that it is [10000000000000] (80.0 TB), but the whole file has only"));
}

}  // namespace
}  // namespace seqsweep::h5
