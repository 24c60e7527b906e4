// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <gmock/gmock.h>

#include "seqsweep/h5/file.hpp"

#include "h5/scratch.hpp"

namespace seqsweep::h5 {
namespace {

using test::error_of;
using test::Scratch;
using testing::HasSubstr;

TEST(Attribute, gives_back_texts_numbers_and_lists) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  {
    File file = File::create(path);
    file.write_attribute("/", "text", std::string("°C, ‘quoted’"));
    file.write_attribute("/", "empty", std::string());
    file.write_attribute("/", "integer", std::numeric_limits<std::int64_t>::min());
    file.write_attribute("/", "real", 0.1);
    file.write_attribute("/", "reals", std::vector<double>{1.5, -2.5});
    file.write_attribute("/", "no reals", std::vector<double>{});
    file.write_attribute("/", "texts", std::vector<std::string>{"a", "", "longer"});
    file.write_attribute("/", "no texts", std::vector<std::string>{});
    file.write_attribute("/", "replaced", std::string("old"));
    file.write_attribute("/", "replaced", 7.0);
  }
  const File file = File::open(path, Access::read);
  EXPECT_EQ(file.read_text("/", "text"), "°C, ‘quoted’");
  EXPECT_EQ(file.read_text("/", "empty"), "");
  EXPECT_EQ(file.read_integer("/", "integer"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(file.read_real("/", "real"), 0.1);
  EXPECT_EQ(file.read_reals("/", "reals"), (std::vector<double>{1.5, -2.5}));
  EXPECT_TRUE(file.read_reals("/", "no reals").empty());
  EXPECT_EQ(file.read_texts("/", "texts"), (std::vector<std::string>{"a", "", "longer"}));
  EXPECT_TRUE(file.read_texts("/", "no texts").empty());
  EXPECT_EQ(file.read_real("/", "replaced"), 7.0);
  EXPECT_TRUE(file.has_attribute("/", "text"));
  EXPECT_FALSE(file.has_attribute("/", "other"));
}

TEST(Attribute, may_be_larger_than_64_kB) {
  const Scratch scratch;
  const auto path = scratch / "a.h5";
  for (const std::size_t size : {65535U, 65536U, 200'000U, 5'000'000U}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; i += 7) text[i] = static_cast<char>('a' + i % 26);
    {
      File file = File::create(path);
      file.write_attribute("/", "small", std::string("before"));
      file.write_attribute("/", "large", text);
    }
    EXPECT_TRUE(File::open(path, Access::read).read_text("/", "large") == text) << size;
    std::filesystem::remove(path);
  }
}

TEST(Attribute, that_is_missing_or_of_another_type_is_named) {
  const Scratch scratch;
  File file = File::create(scratch / "a.h5");
  file.write_attribute("/", "text", std::string("x"));
  file.write_attribute("/", "real", 0.5);
  EXPECT_THAT(error_of([&] { (void)file.read_text("/", "other"); }), HasSubstr("'/' has no attribute 'other'"));
  EXPECT_THAT(error_of([&] { (void)file.read_text("/", "real"); }),
              HasSubstr("the attribute 'real' of '/' is no text"));
  EXPECT_THAT(error_of([&] { (void)file.read_real("/", "text"); }), HasSubstr("is no number"));
  EXPECT_THAT(error_of([&] { (void)file.read_integer("/", "real"); }), HasSubstr("is no integer"));
}

}  // namespace
}  // namespace seqsweep::h5
