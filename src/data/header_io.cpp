// SPDX-License-Identifier: Apache-2.0
#include "data/header_io.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <tuple>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/hash.hpp"
#include "seqsweep/core/shortened.hpp"
#include "seqsweep/data/schema.hpp"

namespace seqsweep::data {
namespace {

constexpr const char* remake = "make or import it again";
constexpr std::int64_t most_outputs = 1 << 24;  // of D, K and vocabulary, so that no product of them overflows

template <std::size_t N>
void copy_name(std::string_view text, char (&name)[N]) {
  std::memset(name, 0, N);
  std::memcpy(name, text.data(), std::min(text.size(), N));
}

template <std::size_t N>
std::string name_in(const char (&name)[N]) {
  return {name, strnlen(name, N)};
}

template <class Row>
void write_rows(h5::File& file, const char* object, const h5::RowType& type, std::span<const Row> rows) {
  auto table = file.create_table(object, type, std::clamp<std::size_t>(rows.size(), 1, 1024), true);
  if (!rows.empty()) table.append(std::as_bytes(rows));
  table.flush();
}

template <class Row>
std::vector<Row> read_rows(const h5::File& file, const char* object, const h5::RowType& type,
                           std::size_t most_rows = most_outputs) {
  const auto table = file.open_table(object, type);
  if (table.num_rows() > most_rows)
    throw DataError(fmt::format("{} has {} rows, more than a data set can have; {}", object, table.num_rows(), remake),
                    file.path());
  std::vector<Row> rows(table.num_rows());
  if (!rows.empty()) table.read(0, std::as_writable_bytes(std::span(rows)));
  return rows;
}

void write_columns(h5::File& file, const char* object, std::size_t count, const std::vector<std::string>& names,
                   std::span<const float> mean, std::span<const float> sd) {
  std::vector<schema::ColumnRow> rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i < names.size()) copy_name(names[i], rows[i].name);
    rows[i].mean = i < mean.size() ? mean[i] : 0.0F;
    rows[i].sd = i < sd.size() ? sd[i] : 1.0F;
  }
  write_rows<schema::ColumnRow>(file, object, schema::column_row(), rows);
}

struct Columns {
  std::vector<std::string> names;  // empty where no column has one
  std::vector<float> mean, sd;
};

Columns read_columns(const h5::File& file, const char* object) {
  Columns columns;
  for (const auto& row : read_rows<schema::ColumnRow>(file, object, schema::column_row())) {
    columns.names.push_back(name_in(row.name));
    columns.mean.push_back(row.mean);
    columns.sd.push_back(row.sd);
  }
  if (std::all_of(columns.names.begin(), columns.names.end(), [](const auto& n) { return n.empty(); }))
    columns.names.clear();
  return columns;
}

template <class Enum>
Enum enum_in(const h5::File& file, const char* attribute, std::initializer_list<Enum> values) {
  const auto text = file.read_text("/", attribute);
  for (const Enum value : values)
    if (text == name_of(value)) return value;
  throw DataError(fmt::format("unknown {} '{}'; the file is damaged or newer than this program", attribute, text),
                  file.path());
}

void read_floors(const h5::File& file, DatasetHeader& header) {
  const auto rows = read_rows<schema::FloorRow>(file, schema::floors, schema::floor_row(), header.floors.size());
  if (rows.size() != header.floors.size())
    throw DataError(fmt::format("{} has {} rows, not 3; {}", schema::floors, rows.size(), remake), file.path());
  for (std::size_t s = 0; s < rows.size(); ++s)
    header.floors[s] = {rows[s].loss, rows[s].accuracy, rows[s].mae, rows[s].rmse};
}

}  // namespace

std::string_view name_of(Split split) {
  constexpr std::array names = {"train", "validation", "test"};
  return names[static_cast<std::size_t>(split)];
}

std::string_view name_of(TargetKind kind) {
  constexpr std::array names = {"real", "classes", "binary"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(TargetPosition position) {
  return position == TargetPosition::per_step ? "per_step" : "per_sequence";
}

std::string cut_name(std::string_view text) {
  return shortened(text, schema::name_bytes);
}

void write_header(h5::File& file, const DatasetHeader& header) {
  file.write_attribute("/", "format", std::string(schema::format));
  file.write_attribute("/", "format_version", schema::format_version);
  file.write_attribute("/", "name", header.name);
  file.write_attribute("/", "provenance", header.provenance);
  file.write_attribute("/", "fingerprint", header.fingerprint);
  file.write_attribute("/", "target_kind", std::string(name_of(header.target_kind)));
  file.write_attribute("/", "target_position", std::string(name_of(header.target_position)));
  file.write_attribute("/", "target_unit", header.target_unit);
  file.write_attribute("/", "floor_rule", header.floor_rule);
  if (!header.text_rules.empty()) file.write_attribute("/", "text_rules", header.text_rules);
  file.write_attribute("/", "vocabulary", static_cast<std::int64_t>(header.vocabulary));
  write_columns(file, schema::feature_columns, static_cast<std::size_t>(header.num_features), header.feature_names,
                header.feature_mean, header.feature_sd);
  write_columns(file, schema::target_columns, static_cast<std::size_t>(header.num_outputs), header.output_names,
                header.target_mean, header.target_sd);
  std::vector<schema::NameRow> tokens(header.token_names.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) copy_name(header.token_names[i], tokens[i].name);
  write_rows<schema::NameRow>(file, schema::token_names, schema::name_row(), tokens);
  std::vector<schema::FloorRow> floors(all_splits.size());
  for (const Split split : all_splits) {
    const auto s = static_cast<std::size_t>(split);
    copy_name(name_of(split), floors[s].split);
    const auto& floor = header.floors[s];
    std::tie(floors[s].loss, floors[s].accuracy, floors[s].mae, floors[s].rmse) =
        std::tie(floor.loss, floor.accuracy, floor.mae, floor.rmse);
  }
  write_rows<schema::FloorRow>(file, schema::floors, schema::floor_row(), floors);
}

h5::File open_dataset_file(const std::string& path) {
  if (!std::filesystem::exists(path))
    throw DataError("no such file; make it with 'seqsweep dataset make' or 'seqsweep dataset import'", path);
  if (!h5::File::is_hdf5(path))
    throw DataError("no HDF5 file; turn your data into a data set with 'seqsweep dataset import'", path);
  auto file = h5::File::open(path, h5::Access::read);
  if (!file.has_attribute("/", "format") || file.read_text("/", "format") != schema::format)
    throw DataError("an HDF5 file but no seqsweep data set; make one with 'seqsweep dataset import'", path);
  const auto version = file.read_integer("/", "format_version");
  if (version != schema::format_version)
    throw DataError(fmt::format("data set format {}, but this program reads format {}; {} with this program", version,
                                schema::format_version, remake),
                    path);
  return file;
}

void check_header(const DatasetHeader& header, const std::string& path) {
  const auto refuse = [&](const std::string& problem) { throw DataError(problem + "; " + remake, path); };
  if ((header.num_features > 0) == (header.vocabulary > 0)) refuse("has neither features nor tokens, or both");
  if (header.num_features < 0 || header.vocabulary < 0 || header.num_outputs < 1) refuse("has a negative size");
  const auto check_statistics = [&](std::span<const float> mean, std::span<const float> sd, int count, const char* of) {
    if (mean.size() != static_cast<std::size_t>(count) || sd.size() != mean.size())
      refuse(fmt::format("has statistics of {} {} columns, not {}", mean.size(), of, count));
    for (std::size_t i = 0; i < mean.size(); ++i)
      if (!std::isfinite(mean[i]) || !std::isfinite(sd[i]) || sd[i] <= 0)
        refuse(fmt::format("{} column {} has mean {} and sd {}; sd must be above 0", of, i, mean[i], sd[i]));
  };
  check_statistics(header.feature_mean, header.feature_sd, header.num_features, "feature");
  if (header.target_kind == TargetKind::real)
    check_statistics(header.target_mean, header.target_sd, header.num_outputs, "target");
  const auto check_names = [&](const std::vector<std::string>& names, int count, const char* of) {
    if (!names.empty() && names.size() != static_cast<std::size_t>(count))
      refuse(fmt::format("has {} names for {} {}", names.size(), count, of));
    for (const auto& name : names) {
      if (name.size() > schema::name_bytes) refuse(fmt::format("the name '{}' is too long", name));
      if (name.find('\0') != std::string::npos) refuse(fmt::format("a name of its {} holds a zero byte", of));
    }
  };
  check_names(header.feature_names, header.num_features, "features");
  check_names(header.output_names, header.num_outputs, "outputs");
  check_names(header.token_names, header.vocabulary, "tokens");
}

DatasetHeader read_header(const h5::File& file, const std::string& path) {
  DatasetHeader header;
  header.name = file.read_text("/", "name");
  header.provenance = file.read_text("/", "provenance");
  header.fingerprint = file.read_text("/", "fingerprint");
  header.target_kind = enum_in(file, "target_kind", {TargetKind::real, TargetKind::classes, TargetKind::binary});
  header.target_position = enum_in(file, "target_position", {TargetPosition::per_sequence, TargetPosition::per_step});
  header.target_unit = file.read_text("/", "target_unit");
  header.floor_rule = file.read_text("/", "floor_rule");
  if (file.has_attribute("/", "text_rules")) header.text_rules = file.read_text("/", "text_rules");
  const auto vocabulary = file.read_integer("/", "vocabulary");
  if (vocabulary < 0 || vocabulary > most_outputs)
    throw DataError(fmt::format("has a vocabulary of {} tokens; {}", vocabulary, remake), path);
  header.vocabulary = static_cast<int>(vocabulary);
  auto features = read_columns(file, schema::feature_columns);
  header.num_features = static_cast<int>(features.mean.size());
  header.feature_names = std::move(features.names);
  header.feature_mean = std::move(features.mean);
  header.feature_sd = std::move(features.sd);
  auto targets = read_columns(file, schema::target_columns);
  header.num_outputs = static_cast<int>(targets.mean.size());
  header.output_names = std::move(targets.names);
  if (header.target_kind == TargetKind::real) {
    header.target_mean = std::move(targets.mean);
    header.target_sd = std::move(targets.sd);
  }
  for (const auto& row : read_rows<schema::NameRow>(file, schema::token_names, schema::name_row()))
    header.token_names.push_back(name_in(row.name));
  read_floors(file, header);
  check_header(header, path);
  return header;
}

DatasetHeader read_header(const std::string& path) {
  return read_header(open_dataset_file(path), path);
}

std::string fingerprint_of(const DatasetHeader& header, const ContentFingerprints& content) {
  Fingerprint print;
  print.add(fmt::format("seqsweep data set {}\n{} {}\n{} {} {}\n{}\n", schema::format_version,
                        name_of(header.target_kind), name_of(header.target_position), header.num_features,
                        header.vocabulary, header.num_outputs, header.target_unit));
  for (const auto* names : {&header.feature_names, &header.token_names, &header.output_names})
    for (const auto& name : *names) print.add(name + '\n');
  for (const auto* numbers : {&header.feature_mean, &header.feature_sd, &header.target_mean, &header.target_sd})
    print.add(std::as_bytes(std::span(*numbers)));
  print.add(fmt::format("{} {} {}", content.sequences, content.steps, content.targets));
  return print.hex();
}

}  // namespace seqsweep::data
