// SPDX-License-Identifier: Apache-2.0
// The IDX format of MNIST (LeCun, Cortes and Burges, "The MNIST database", file formats), gzipped or not:
//
//   two zero bytes, type (8: unsigned byte), number of dimensions n, n big-endian 32-bit sizes, the values, last
//   dimension fastest. Images [count × rows × columns], labels [count].
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/importers.hpp"
#include "data/statistics.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::array options = {
    OptionSpec{"steps", "WHAT", "rows", "what a step is: rows, columns or pixels of the image"},
    OptionSpec{"test", "IMAGES LABELS", "", "the test part; without it --split divides the one set there is", 2},
    validation_option,
    split_option,
    OptionSpec{"normalize", "HOW", "global",
               "global: one mean and sd for all pixels; standard: per feature; none: 0 to 1"},
    OptionSpec{"permute", "SEED", "", "the same random order of the pixels for all images (needs --steps pixels)"},
    seed_option,
};

struct Idx {
  std::vector<std::size_t> shape;
  std::string bytes;  // of the whole file
  std::size_t start = 0;
  [[nodiscard]] unsigned char value(std::size_t i) const { return static_cast<unsigned char>(bytes[start + i]); }
};

Idx read_idx(const std::string& path, std::size_t num_dimensions, const char* what) {
  Idx idx;
  idx.bytes = read_file(path);
  const auto byte_at = [&](std::size_t i) { return static_cast<unsigned char>(idx.bytes[i]); };
  idx.start = 4 + 4 * num_dimensions;
  if (idx.bytes.size() < 4 || byte_at(0) != 0 || byte_at(1) != 0)
    throw DataError("no IDX file (it must begin with two zero bytes)", path);
  if (byte_at(2) != 0x08)
    throw DataError(fmt::format("IDX values of type {:#04x}; only unsigned bytes (0x08) are read", byte_at(2)), path);
  if (byte_at(3) != num_dimensions)
    throw DataError(fmt::format("has {} dimension(s), but {} have {}; give images first, then labels", byte_at(3), what,
                                num_dimensions),
                    path);
  if (idx.bytes.size() < idx.start) throw DataError("ends within its header; fetch it again", path);
  std::size_t size = 1;
  for (std::size_t d = 0; d < num_dimensions; ++d) {
    std::size_t extent = 0;
    for (std::size_t i = 0; i < 4; ++i) extent = extent << 8U | byte_at(4 + 4 * d + i);
    idx.shape.push_back(extent);
    if (extent == 0 || extent > idx.bytes.size())
      throw DataError(fmt::format("claims {} values along dimension {}", extent, d), path);
    size *= extent;
    if (size > idx.bytes.size()) break;
  }
  if (size != idx.bytes.size() - idx.start)
    throw DataError(
        fmt::format("its header claims {} values, but {} follow; fetch it again", size, idx.bytes.size() - idx.start),
        path);
  return idx;
}

struct Images {
  Idx pixels, labels;
  [[nodiscard]] std::size_t count() const { return pixels.shape[0]; }
  [[nodiscard]] std::size_t size() const { return pixels.shape[1] * pixels.shape[2]; }
};

Images read_images(const std::string& images, const std::string& labels) {
  Images set{read_idx(images, 3, "images"), read_idx(labels, 1, "labels")};
  if (set.labels.shape[0] != set.count())
    throw DataError(fmt::format("has {} labels for the {} images of {}", set.labels.shape[0], set.count(), images),
                    labels);
  return set;
}

// The order in which an image's pixels are read.
std::vector<std::size_t> pixel_order(const Images& set, const Options& given, const std::string& steps) {
  const auto rows = set.pixels.shape[1], columns = set.pixels.shape[2];
  std::vector<std::size_t> order(set.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (steps == "columns")
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i % rows * columns + i / rows;
  if (!given.is_given("permute")) return order;
  if (steps != "pixels") given.refuse("permute", "needs --steps pixels");
  const RandomKey key(static_cast<std::uint64_t>(given.integer("permute", 0)));
  shuffle(std::span(order), key.fold(Purpose::task).stream());
  return order;
}

void add_image(SequenceTable& table, const Images& set, std::size_t i, std::span<const std::size_t> order,
               Split split) {
  const auto start = table.num_steps();
  for (const auto pixel : order)
    table.features.push_back(static_cast<float>(set.pixels.value(i * set.size() + pixel)) / 255.0F);
  table.classes.push_back(set.labels.value(i));
  table.close_sequence(start, split);
}

void normalise(SequenceTable& table, const std::string& how) {
  auto& header = table.header;
  const auto D = static_cast<std::size_t>(header.num_features);
  header.feature_mean.assign(D, 0);
  header.feature_sd.assign(D, 1);
  if (how == "none") return;
  std::size_t training_steps = 0;  // they come first
  for (const auto& row : table.sequences)
    if (row.split == static_cast<std::int32_t>(Split::train)) training_steps += static_cast<std::size_t>(row.length);
  const auto training = std::span<const float>(table.features).first(training_steps * D);
  for (std::size_t i = 0; i < D; ++i) {
    const auto moments = how == "global"
                             ? (i == 0 ? moments_of(training) : Moments{header.feature_mean[0], header.feature_sd[0]})
                             : moments_of(training, i, D);
    header.feature_mean[i] = moments.mean;
    header.feature_sd[i] = moments.sd;
  }
}

SequenceTable import(const std::vector<std::string>& files, const Options& given) {
  expect_files(files, 2, "a file of images and a file of labels");
  const auto steps = given.choice("steps", {"rows", "columns", "pixels"});
  const auto normalize = given.choice("normalize", {"global", "standard", "none"});
  const auto set = read_images(files[0], files[1]);
  const bool has_test = given.is_given("test");
  const std::vector<std::int32_t> strata = [&] {
    std::vector<std::int32_t> labels(set.count());
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = set.labels.value(i);
    return labels;
  }();
  const auto splits = draw_splits(strata, drawn_fractions(given, has_test ? "test" : ""), given);
  SequenceTable table;
  auto& header = table.header;
  header.num_features = static_cast<int>(steps == "rows"      ? set.pixels.shape[2]
                                         : steps == "columns" ? set.pixels.shape[1]
                                                              : 1);
  header.target_kind = TargetKind::classes;
  const auto order = pixel_order(set, given, steps);
  for (const auto i : order_by_split(splits)) add_image(table, set, i, order, splits[i]);
  if (has_test) {
    const auto names = given.values("test");
    const auto test = read_images(names[0], names[1]);
    if (test.pixels.shape[1] != set.pixels.shape[1] || test.pixels.shape[2] != set.pixels.shape[2])
      throw DataError(fmt::format("has images of {} x {} pixels, but those to train on have {} x {}",
                                  test.pixels.shape[1], test.pixels.shape[2], set.pixels.shape[1], set.pixels.shape[2]),
                      names[0]);
    for (std::size_t i = 0; i < test.count(); ++i) add_image(table, test, i, order, Split::test);
  }
  header.num_outputs = 1 + *std::max_element(table.classes.begin(), table.classes.end());
  for (int k = 0; k < header.num_outputs; ++k) header.output_names.push_back(fmt::format("{}", k));
  normalise(table, normalize);
  set_floors(table);
  return table;
}

}  // namespace

Importer idx() {
  return {"IMAGES LABELS", options, import};
}

}  // namespace seqsweep::data::importers
