// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/data/dataset.hpp"

#include <algorithm>
#include <new>
#include <numeric>

#include <fmt/format.h>

#include "seqsweep/core/hash.hpp"
#include "seqsweep/core/text.hpp"

#include "data/check.hpp"
#include "data/dataset_body.hpp"
#include "data/header_io.hpp"

namespace seqsweep::data {
namespace {

constexpr std::size_t most_steps = 1ULL << 40, most_sequences = 1ULL << 32;

std::size_t aligned(std::size_t num_bytes) {
  return (num_bytes + 63) / 64 * 64;
}

template <class T>
std::span<T> view_of(std::span<std::byte> block, std::size_t offset, std::size_t count) {
  return {reinterpret_cast<T*>(block.data() + offset), count};
}
template <class T>
std::span<const T> view_of(std::span<const std::byte> block, std::size_t offset, std::size_t count) {
  return {reinterpret_cast<const T*>(block.data() + offset), count};
}

template <class T>
void open_source(RowSource<T>& source, Dataset::Body& body, const char* object, std::size_t num_rows,
                 std::size_t row_size) {
  source.num_rows = num_rows;
  source.row_size = row_size;
  source.on_disk = body.file.open_array(object);
  const auto& array = *source.on_disk;
  if (array.shape().empty() || array.shape()[0] != num_rows || array.row_size() != row_size ||
      array.kind() != h5::kind_of<T>())
    throw DataError(fmt::format("{} is not [{} x {}] of the expected type; make or import the data set again", object,
                                num_rows, row_size),
                    body.path);
}

void normalise(std::span<float> values, std::span<const float> mean, std::span<const float> sd) {
  const std::size_t columns = mean.size();
  for (std::size_t row = 0; row + columns <= values.size(); row += columns)
    for (std::size_t i = 0; i < columns; ++i) values[row + i] = (values[row + i] - mean[i]) / sd[i];
}

void open_arrays(Dataset::Body& body) {
  const auto& header = body.header;
  const bool has_tokens = header.vocabulary > 0, has_classes = header.target_kind == TargetKind::classes;
  const auto steps_shape = body.file.open_array(has_tokens ? schema::tokens : schema::features).shape();
  body.num_steps = steps_shape.empty() ? 0 : steps_shape[0];
  body.num_sequences = body.file.open_table(schema::sequences, schema::sequence_row()).num_rows();
  if (body.num_steps > most_steps || body.num_sequences > most_sequences)
    throw DataError("claims more steps or sequences than any data set can have; the file is damaged", body.path);
  if (has_tokens)
    open_source(body.tokens, body, schema::tokens, body.num_steps, 1);
  else
    open_source(body.features, body, schema::features, body.num_steps, static_cast<std::size_t>(header.num_features));
  const auto R = body.is_per_step() ? body.num_steps : body.num_sequences;
  if (has_classes)
    open_source(body.classes, body, schema::classes, R, 1);
  else
    open_source(body.targets, body, schema::targets, R, static_cast<std::size_t>(header.num_outputs));
  // By pointer: the body outlives its sources.
  const auto check_steps_of = [b = &body](auto values) { check_steps(b->header, values, b->path); };
  const auto check_targets_of = [b = &body](auto values) { check_targets(b->header, values, b->path); };
  body.features.normalise = [&h = header](auto values) { normalise(values, h.feature_mean, h.feature_sd); };
  if (header.target_kind == TargetKind::real)
    body.targets.normalise = [&h = header](auto values) { normalise(values, h.target_mean, h.target_sd); };
  body.features.check = check_steps_of;
  body.tokens.check = check_steps_of;
  body.targets.check = check_targets_of;
  body.classes.check = check_targets_of;
}

// Gives each array its place after the sequences. Returns the bytes of all.
std::size_t lay_out(Dataset::Body& body) {
  std::size_t num_bytes = aligned(body.num_sequences * sizeof(schema::SequenceRow));
  body.for_each_array([&](auto& source) {
    source.offset = num_bytes;
    num_bytes += aligned(source.size() * 4);
  });
  return num_bytes;
}

void read_sequences(Dataset::Body& body, std::span<std::byte> block) {
  const auto rows = view_of<schema::SequenceRow>(block, 0, body.num_sequences);
  body.file.open_table(schema::sequences, schema::sequence_row()).read(0, std::as_writable_bytes(rows));
  check_sequences(rows, body.num_steps, body.path);
}

// Reads and checks all numbers, down to the fingerprint (a data set changed in place would break reproducibility), and
// normalises them.
void read_arrays(Dataset::Body& body, std::span<std::byte> block) {
  const auto print = [&](std::size_t offset, std::size_t num_bytes) {
    Fingerprint of_bytes;
    of_bytes.add(block.subspan(offset, num_bytes));
    return of_bytes.hex();
  };
  std::vector<std::string> prints = {print(0, body.num_sequences * sizeof(schema::SequenceRow))};
  body.for_each_array([&]<class T>(RowSource<T>& source) {
    const auto values = view_of<T>(block, source.offset, source.size());
    source.on_disk->read(0, values);
    source.check(values);
    prints.push_back(print(source.offset, source.size() * sizeof(T)));
  });
  const auto found = fingerprint_of(body.header, {prints.at(0), prints.at(1), prints.at(2)});
  if (found != body.header.fingerprint)
    throw DataError(fmt::format("its content has fingerprint {}, but the file says {}: it was changed after it was "
                                "made; make or import it again",
                                found, body.header.fingerprint),
                    body.path);
  body.for_each_array([&]<class T>(RowSource<T>& source) {
    if (source.normalise) source.normalise(view_of<T>(block, source.offset, source.size()));
  });
}

void summarise(Dataset::Body& body) {
  for (const auto& row : body.sequences) {
    const auto s = static_cast<std::size_t>(row.split);
    ++body.first_of_split[s + 1];
    body.steps_of_split[s] += static_cast<std::size_t>(row.length);
    body.max_length[s] = std::max(body.max_length[s], row.length);
  }
  std::partial_sum(body.first_of_split.begin(), body.first_of_split.end(), body.first_of_split.begin());
}

}  // namespace

Dataset::Dataset(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Dataset::~Dataset() = default;
Dataset::Dataset(Dataset&&) noexcept = default;
Dataset& Dataset::operator=(Dataset&&) noexcept = default;

Dataset Dataset::load(const std::string& path, const BytesAllocator& allocate, const LoadOptions& options) {
  return DatasetFile(path).load(allocate, options);
}

DatasetFile::DatasetFile(const std::string& path) : body_(std::make_unique<Dataset::Body>()) {
  body_->path = path;
  body_->file = open_dataset_file(path);
  body_->header = read_header(body_->file, path);
  open_arrays(*body_);
  body_->num_bytes = lay_out(*body_);
}
DatasetFile::~DatasetFile() = default;
DatasetFile::DatasetFile(DatasetFile&&) noexcept = default;
DatasetFile& DatasetFile::operator=(DatasetFile&&) noexcept = default;

const DatasetHeader& DatasetFile::header() const {
  return body_->header;
}
std::size_t DatasetFile::num_bytes() const {
  return body_->num_bytes;
}

Dataset DatasetFile::load(const BytesAllocator& allocate, const LoadOptions& options) {
  SEQSWEEP_EXPECT(body_ != nullptr, "a data set is loaded twice from one opening of its file");
  const bool is_in_memory = body_->num_bytes <= options.memory_limit_bytes;
  const auto num_bytes = is_in_memory ? body_->num_bytes : aligned(body_->num_sequences * sizeof(schema::SequenceRow));
  try {
    body_->memory = allocate(num_bytes, [&](std::span<std::byte> block) {
      read_sequences(*body_, block);
      if (is_in_memory) read_arrays(*body_, block);
    });
  } catch (const std::bad_alloc&) {
    throw DataError(
        fmt::format(
            "needs {} of memory, more than there is; set a memory limit (data.memory_limit) to read it from disk",
            human_bytes(static_cast<double>(num_bytes))),
        body_->path);
  }
  auto body = std::move(body_);
  body->sequences = view_of<schema::SequenceRow>(body->memory.bytes, 0, body->num_sequences);
  summarise(*body);
  if (is_in_memory) {
    body->for_each_array([&]<class T>(RowSource<T>& source) {
      source.in_memory = view_of<T>(body->memory.bytes, source.offset, source.size());
      source.on_disk.reset();
    });
    body->file = h5::File();
  }
  return Dataset(std::move(body));
}

const DatasetHeader& Dataset::header() const {
  return body_->header;
}
std::size_t Dataset::num_sequences(Split split) const {
  const auto s = static_cast<std::size_t>(split);
  return body_->first_of_split[s + 1] - body_->first_of_split[s];
}
std::size_t Dataset::memory_bytes() const {
  return body_->memory.bytes.size();
}

std::size_t Dataset::num_steps(Split split) const {
  return body_->steps_of_split[static_cast<std::size_t>(split)];
}
int Dataset::max_length(Split split) const {
  return body_->max_length[static_cast<std::size_t>(split)];
}
int Dataset::length(Split split, std::uint32_t position) const {
  return body_->row(split, position).length;
}

}  // namespace seqsweep::data
