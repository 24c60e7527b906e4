// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include <gmock/gmock.h>

#include "seqsweep/h5/file.hpp"

#include "h5/scratch.hpp"

namespace seqsweep::h5 {
namespace {

using test::bytes_of;
using test::error_of;
using test::Scratch;
using testing::HasSubstr;

std::vector<float> counting(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.5f);
  return values;
}

TEST(Array, gives_back_what_was_written_whatever_its_size_and_options) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  const std::vector<std::vector<std::size_t>> shapes = {{}, {0}, {1}, {7}, {0, 5}, {30, 40}, {3, 5, 1000}, {1, 200000}};
  for (const ArrayOptions& options :
       {ArrayOptions{}, ArrayOptions{false, false, 5000}, ArrayOptions{false, true, 100000}}) {
    File file = File::create(path);
    for (std::size_t s = 0; s < shapes.size(); ++s) {
      std::size_t count = 1;
      for (const auto extent : shapes[s]) count *= extent;
      file.write_array<float>("/a" + std::to_string(s), counting(count), shapes[s], options);
    }
    file.close();
    file = File::open(path, Access::read);
    for (std::size_t s = 0; s < shapes.size(); ++s) {
      const auto name = "/a" + std::to_string(s);
      const auto values = file.read_array<float>(name);
      EXPECT_EQ(file.open_array(name).shape(), shapes[s]);
      EXPECT_EQ(values, counting(values.size()));
    }
    file.close();
    std::filesystem::remove(path);
  }
}

TEST(Array, grows_by_rows_and_reads_any_of_them) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  const auto values = counting(6000);
  {
    File file = File::create(path);
    Array array = file.create_array("/rows", Kind::f32, {3}, {.chunk_bytes = 1000});
    array.append(std::span(values).first(3));
    array.append(std::span(values).subspan(3, 2997));
    array.append(std::span(values).subspan(3000));
    EXPECT_EQ(array.shape(), (std::vector<std::size_t>{2000, 3}));
    EXPECT_EQ(file.read_array<float>("/rows"), values);  // what is not on disk yet, too
  }
  const File file = File::open(path, Access::read);
  const Array array = file.open_array("/rows");
  std::vector<double> some(12);
  array.read(1500, std::span(some));
  EXPECT_EQ(some.front(), 4500.5);
  EXPECT_EQ(some.back(), 4511.5);
  EXPECT_THROW(array.read(1997, std::span(some)), ContractViolation);
}

TEST(Array, converts_numbers_to_the_type_asked_for) {
  const Scratch scratch;
  File file = File::create(scratch / "a.h5");
  file.write_array<std::int64_t>("/i64", std::vector<std::int64_t>{-1, 5, 1LL << 40}, {3});
  file.write_array<std::uint8_t>("/u8", std::vector<std::uint8_t>{0, 255}, {2});
  EXPECT_EQ(file.read_array<double>("/i64"), (std::vector<double>{-1, 5, 1099511627776.0}));
  EXPECT_EQ(file.read_array<std::int32_t>("/u8"), (std::vector<std::int32_t>{0, 255}));
  EXPECT_EQ(file.open_array("/u8").kind(), Kind::u8);
}

TEST(Array, equal_content_gives_equal_bytes) {
  const Scratch scratch;
  for (const auto* name : {"a.h5", "b.h5"}) {
    File file = File::create(scratch / name);
    file.create_group("/group");
    file.write_attribute("/group", "text", std::string("value"));
    file.write_array<float>("/group/array", counting(50000), {500, 100});
    file.close();
    if (name[0] == 'a') sleep(1);  // HDF5's time stamps count seconds
  }
  EXPECT_TRUE(bytes_of(scratch / "a.h5") == bytes_of(scratch / "b.h5"));
}

TEST(Array, errors_name_the_file_the_object_and_the_reason) {
  const Scratch scratch;
  File file = File::create(scratch / "a.h5");
  file.write_array<float>("/a", counting(3), {3});
  EXPECT_THAT(error_of([&] { (void)file.open_array("/b/c"); }), HasSubstr("a.h5: holds no '/b/c'"));
  EXPECT_THAT(error_of([&] { file.write_array<float>("/a", counting(3), {3}); }),
              testing::AllOf(HasSubstr("cannot make '/a'"), HasSubstr("HDF5: "), HasSubstr("name already exists")));
  EXPECT_THAT(error_of([&] { file.create_group("/x/y"); }), HasSubstr("cannot make the group '/x/y'"));
}

TEST(File, knows_what_it_holds) {
  const Scratch scratch;
  File file = File::create(scratch / "a.h5");
  file.create_group("/g");
  file.create_group("/g/z");
  file.write_array<float>("/g/a", counting(3), {3});
  EXPECT_TRUE(file.exists("/"));
  EXPECT_TRUE(file.exists("/g/a"));
  EXPECT_FALSE(file.exists("/g/b"));
  EXPECT_FALSE(file.exists("/h/b"));
  EXPECT_EQ(file.members("/g"), (std::vector<std::string>{"a", "z"}));
}

}  // namespace
}  // namespace seqsweep::h5
