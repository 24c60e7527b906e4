// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/data/writer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/hash.hpp"

#include "data/check.hpp"
#include "data/header_io.hpp"

namespace seqsweep::data {
namespace {

// The name alone is not durable: the directory's entry may reach the disk before the file's content.
void sync_to_disk(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int problem = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!is_synced)
    throw DataError(fmt::format("cannot be brought to the disk ({}); check the disk", std::strerror(problem)), path);
}

}  // namespace

void refuse_existing(const std::string& path, IfExists if_exists) {
  if (if_exists == IfExists::refuse && std::filesystem::exists(path))
    throw DataError("exists already; choose another name or overwrite it with --force", path);
}

std::size_t SequenceTable::num_steps() const {
  return header.vocabulary > 0 ? tokens.size() : features.size() / static_cast<std::size_t>(header.num_features);
}

std::size_t SequenceTable::num_sequences(Split split) const {
  return static_cast<std::size_t>(std::count_if(sequences.begin(), sequences.end(), [&](const auto& row) {
    return row.split == static_cast<std::int32_t>(split);
  }));
}

void SequenceTable::close_sequence(std::size_t start, Split split) {
  sequences.push_back({static_cast<std::int64_t>(start), static_cast<std::int32_t>(num_steps() - start),
                       static_cast<std::int32_t>(split)});
}

struct DatasetWriter::Body {
  std::string path, temporary;
  IfExists if_exists;
  std::optional<h5::File> file;
  std::optional<h5::Array> steps, targets;
  std::optional<h5::Table> sequences;
  Fingerprint steps_print, targets_print, sequences_print;

  template <class T>
  static void append(h5::Array& array, Fingerprint& print, std::span<const T> values) {
    SEQSWEEP_EXPECT(values.size() % array.row_size() == 0, "appended values are no whole rows");
    if (values.empty()) return;
    array.append(values);
    print.add(std::as_bytes(values));
  }
};

DatasetWriter::DatasetWriter(const std::string& path, const DatasetHeader& header, IfExists if_exists)
    : body_(std::make_unique<Body>()) {
  refuse_existing(path, if_exists);
  body_->path = path;
  body_->if_exists = if_exists;
  const auto directory = std::filesystem::path(path).parent_path();
  if (!directory.empty() && !std::filesystem::is_directory(directory))
    throw DataError(fmt::format("cannot be made: there is no directory {}; make it first", directory.string()), path);
  body_->temporary = fmt::format("{}.tmp-{}", path, ::getpid());
  std::filesystem::remove(body_->temporary);
  auto& file = body_->file.emplace(h5::File::create(body_->temporary));
  const auto D = static_cast<std::size_t>(header.num_features), K = static_cast<std::size_t>(header.num_outputs);
  const std::vector<std::size_t> scalar_rows;
  body_->steps = header.vocabulary > 0 ? file.create_array(schema::tokens, h5::Kind::i32, scalar_rows)
                                       : file.create_array(schema::features, h5::Kind::f32, {D});
  body_->targets = header.target_kind == TargetKind::classes
                       ? file.create_array(schema::classes, h5::Kind::i32, scalar_rows)
                       : file.create_array(schema::targets, h5::Kind::f32, {K});
  body_->sequences = file.create_table(schema::sequences, schema::sequence_row(), 4096, true);
}

DatasetWriter::~DatasetWriter() {
  if (!body_->file) return;
  body_->steps.reset();
  body_->targets.reset();
  body_->sequences.reset();
  body_->file.reset();
  std::error_code ignored;
  std::filesystem::remove(body_->temporary, ignored);
}

void DatasetWriter::append_features(std::span<const float> rows) {
  Body::append(*body_->steps, body_->steps_print, rows);
}
void DatasetWriter::append_tokens(std::span<const std::int32_t> tokens) {
  Body::append(*body_->steps, body_->steps_print, tokens);
}
void DatasetWriter::append_targets(std::span<const float> rows) {
  Body::append(*body_->targets, body_->targets_print, rows);
}
void DatasetWriter::append_classes(std::span<const std::int32_t> classes) {
  Body::append(*body_->targets, body_->targets_print, classes);
}
void DatasetWriter::append_sequences(std::span<const schema::SequenceRow> rows) {
  if (rows.empty()) return;
  body_->sequences->append(std::as_bytes(rows));
  body_->sequences_print.add(std::as_bytes(rows));
}

std::string DatasetWriter::finish(const DatasetHeader& header) {
  check_header(header, body_->path);
  DatasetHeader complete = header;
  complete.fingerprint =
      fingerprint_of(header, {body_->sequences_print.hex(), body_->steps_print.hex(), body_->targets_print.hex()});
  write_header(*body_->file, complete);
  body_->file->flush();  // throws where that fails; closing an array would not
  body_->steps.reset();
  body_->targets.reset();
  body_->sequences.reset();
  body_->file->close();
  sync_to_disk(body_->temporary);
  refuse_existing(body_->path, body_->if_exists);
  if (std::rename(body_->temporary.c_str(), body_->path.c_str()) != 0)
    throw DataError(fmt::format("cannot be made ({}); check the disk", std::strerror(errno)), body_->path);
  body_->file.reset();
  return complete.fingerprint;
}

std::string write_dataset(const SequenceTable& table, const std::string& path, IfExists if_exists) {
  const auto& header = table.header;
  check_header(header, path);
  check_sequences(table.sequences, table.num_steps(), path);
  check_steps(header, std::span(table.features), path);
  check_steps(header, std::span(table.tokens), path);
  check_targets(header, std::span(table.targets), path);
  check_targets(header, std::span(table.classes), path);
  const auto rows = header.target_position == TargetPosition::per_step ? table.num_steps() : table.sequences.size();
  const auto found = header.target_kind == TargetKind::classes
                         ? table.classes.size()
                         : table.targets.size() / static_cast<std::size_t>(header.num_outputs);
  if (found != rows) throw DataError(fmt::format("has {} rows of targets, not {}", found, rows), path);
  DatasetWriter writer(path, header, if_exists);
  writer.append_features(table.features);
  writer.append_tokens(table.tokens);
  writer.append_targets(table.targets);
  writer.append_classes(table.classes);
  writer.append_sequences(table.sequences);
  return writer.finish(header);
}

}  // namespace seqsweep::data
