// SPDX-License-Identifier: Apache-2.0
#include "seal.hpp"

#include "durable_file.hpp"
#include "header_io.hpp"
#include "tables.hpp"

namespace seqsweep::store {
namespace {

template <class Record>
void verify_table(const h5::File& file, const RowFormat<Record>& format, std::span<const Record> records) {
  const auto expected = format.encode(records);
  const auto table = file.open_table(format.path, format.type);
  std::vector<std::byte> found(table.num_rows() * format.type.row_bytes);
  table.read(0, found);
  if (found != expected)
    throw StoreError(
        fmt::format("table '{}' does not read back as it was written; check the disk. The unsealed results "
                    "are safe, and the same command seals them again",
                    format.path),
        file.path());
}

/// Calls visit(format, records) for every table.
template <class Visit>
void for_each_table(const Results& results, Visit visit) {
  const Tables tables(results.header, TableUse::sealed);
  const auto trials = trial_rows(results);
  const auto flow = flow_rows(results.epochs);
  const auto metrics = metric_rows(results.epochs);
  visit(tables.trials, std::span<const TrialRow>(trials));
  visit(tables.epochs, std::span<const EpochRecord>(results.epochs));
  visit(tables.gradient_flow, std::span<const FlowRow>(flow));
  visit(tables.metrics, std::span<const MetricRow>(metrics));
  visit(tables.segments, std::span<const search::Segment>(results.decisions));
  visit(tables.segment_results, std::span<const SegmentRecord>(results.segments));
  visit(tables.timing, std::span<const TimingRecord>(results.timing));
}

}  // namespace

void write_sealed(const std::string& path, const Results& results) {
  Results canonical = results;
  make_canonical(canonical);
  auto file = h5::File::create(path);
  constexpr bool is_sealed = true;
  write_header(file, canonical.header, is_sealed);
  for_each_table(canonical,
                 [&](const auto& format, auto records) { write_table(file, format, records, TableUse::sealed); });
  file.close();
  sync(path);
  file = h5::File::open(path, h5::Access::read);
  for_each_table(canonical, [&](const auto& format, auto records) { verify_table(file, format, records); });
  if (read_header(file).definition != canonical.header.definition)
    throw StoreError("the definition does not read back as it was written; check the disk", path);
}

}  // namespace seqsweep::store
