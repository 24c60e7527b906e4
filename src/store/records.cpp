// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/store/records.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <tuple>

#include "seqsweep/core/text.hpp"

#include "tables.hpp"

namespace seqsweep::store {
namespace {

const auto epoch_key = [](const EpochRecord& r) { return std::tuple(r.trial, r.epoch); };
const auto segment_key = [](const auto& r) { return std::tuple(r.trial, r.to_epoch, r.from_epoch); };
const auto bin_key = [](const nn::GradientFlowBin& b) { return std::tuple(b.layer, b.distance_from); };
const auto metric_key = [](const Metric& m) { return m.name; };
const auto timing_key = [](const TimingRecord& r) {
  return std::tuple(r.started_s, r.trial, r.to_epoch, r.first_rank);
};

template <class Record, class Key>
void keep_first(std::vector<Record>& records, Key key) {
  const auto is_before = [&](const Record& a, const Record& b) { return key(a) < key(b); };
  const auto is_not_before = [&](const Record& a, const Record& b) { return !is_before(a, b); };
  if (std::adjacent_find(records.begin(), records.end(), is_not_before) == records.end()) return;  // a sealed file
  std::vector<std::size_t> order(records.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return is_before(records[a], records[b]); });
  std::vector<bool> is_repeat(records.size(), false);
  for (std::size_t i = 1; i < order.size(); ++i)
    is_repeat[order[i]] = !is_before(records[order[i - 1]], records[order[i]]);
  std::size_t at = 0;
  std::erase_if(records, [&](const Record&) { return is_repeat[at++]; });
}

template <class Record, class Key>
void sort_by(std::vector<Record>& records, Key key) {
  std::stable_sort(records.begin(), records.end(), [&](const Record& a, const Record& b) { return key(a) < key(b); });
}

// Each once, the first of equals, in order.
template <class Record, class Key>
void make_canonical(std::vector<Record>& records, Key key) {
  keep_first(records, key);
  sort_by(records, key);
}

// Calls take(epoch, row) for each row whose epoch is there. Rows of one epoch come together.
template <class Row, class Take>
void for_each_epoch(std::span<const Row> rows, std::vector<EpochRecord>& epochs, Take take) {
  std::vector<EpochRecord*> by_key;
  for (auto& epoch : epochs) by_key.push_back(&epoch);
  std::sort(by_key.begin(), by_key.end(), [](auto* a, auto* b) { return epoch_key(*a) < epoch_key(*b); });
  EpochRecord* epoch = nullptr;
  for (const auto& row : rows) {
    const std::tuple key(row.trial, row.epoch);
    if (!epoch || epoch_key(*epoch) != key) {
      const auto found =
          std::lower_bound(by_key.begin(), by_key.end(), key, [](auto* e, const auto& k) { return epoch_key(*e) < k; });
      if (found == by_key.end() || epoch_key(**found) != key) continue;
      epoch = *found;
    }
    take(*epoch, row);
  }
}

}  // namespace

bool Scores::is_score(const std::string& name) {
  constexpr std::array<std::string_view, 5> names = {"loss", "accuracy", "mae", "rmse", "r2"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

double Scores::by_name(const std::string& name) const {
  if (name == "loss") return loss;
  if (name == "accuracy") return accuracy;
  if (name == "mae") return mae;
  if (name == "rmse") return rmse;
  if (name == "r2") return r2;
  throw ContractViolation(fmt::format("no score is called '{}'", name));
}

void refuse_table(const h5::File& file, const std::string& table, const std::string& problem) {
  throw StoreError(fmt::format("table '{}', {}; the file is damaged: take a copy of it, or remove it and run the same "
                               "command again, to the same results",
                               table, problem),
                   file.path());
}

void put_cell(std::byte* at, std::int64_t value) {
  std::memcpy(at, &value, sizeof value);
}

void put_cell(std::byte* at, double value) {
  if (std::isnan(value)) value = not_applicable;
  std::memcpy(at, &value, sizeof value);
}

void put_cell(std::byte* at, const std::string& text, std::size_t width) {
  std::size_t length = std::min(text.size(), width);
  // Never half a character: the bytes 10xxxxxx continue one.
  if (length < text.size())
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  std::memset(at, 0, width);
  std::memcpy(at, text.data(), length);
}

std::int64_t integer_cell(const std::byte* at) {
  std::int64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

double real_cell(const std::byte* at) {
  double value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

std::string text_cell(const std::byte* at, std::size_t width) {
  const auto* first = reinterpret_cast<const char*>(at);
  return {first, strnlen(first, width)};
}

std::string shown_cell(const h5::Column& column, const std::byte* row) {
  const std::byte* at = row + column.offset;
  if (column.kind == h5::Kind::text) return fmt::format("'{}'", text_cell(at, column.text_bytes));
  return column.kind == h5::Kind::i64 ? std::to_string(integer_cell(at)) : shortest(real_cell(at));
}

TrialRow row_of(const search::TrialRecord& trial, const SegmentRecord* last_segment) {
  TrialRow row;
  row.trial = trial.id;
  row.state = trial.state;
  row.reason = trial.reason;
  row.point = trial.point;
  row.parent = trial.parent;
  if (last_segment) {
    row.epochs = last_segment->last_epoch;
    row.value = last_segment->value;
    row.best_epoch = last_segment->best_epoch;
    row.further = last_segment->further;
    row.test = last_segment->test;
    row.message = last_segment->message;
  }
  return row;
}

std::vector<FlowRow> flow_rows(std::span<const EpochRecord> epochs) {
  std::vector<FlowRow> rows;
  for (const auto& epoch : epochs)
    for (const auto& bin : epoch.gradient_flow) rows.push_back({epoch.trial, epoch.epoch, bin});
  return rows;
}

std::vector<MetricRow> metric_rows(std::span<const EpochRecord> epochs) {
  std::vector<MetricRow> rows;
  for (const auto& epoch : epochs)
    for (const auto& metric : epoch.metrics) rows.push_back({epoch.trial, epoch.epoch, metric});
  return rows;
}

void attach(std::span<const FlowRow> rows, std::vector<EpochRecord>& epochs) {
  for_each_epoch(rows, epochs, [](EpochRecord& epoch, const FlowRow& row) { epoch.gradient_flow.push_back(row.bin); });
  for (auto& epoch : epochs) make_canonical(epoch.gradient_flow, bin_key);
}

void attach(std::span<const MetricRow> rows, std::vector<EpochRecord>& epochs) {
  for_each_epoch(rows, epochs, [](EpochRecord& epoch, const MetricRow& row) { epoch.metrics.push_back(row.metric); });
  for (auto& epoch : epochs) make_canonical(epoch.metrics, metric_key);
}

std::vector<const SegmentRecord*> last_segments(const Results& results) {
  std::vector<const SegmentRecord*> last;
  for (const auto& segment : results.segments) {
    SEQSWEEP_EXPECT(segment.trial.value >= 0, "a segment belongs to no trial");
    const auto trial = static_cast<std::size_t>(segment.trial.value);
    if (trial >= last.size()) last.resize(trial + 1);
    if (!last[trial] || last[trial]->to_epoch < segment.to_epoch) last[trial] = &segment;
  }
  return last;
}

std::vector<TrialRow> trial_rows(const Results& results) {
  const auto last = last_segments(results);
  std::vector<TrialRow> rows;
  for (const auto& trial : results.trials) {
    const auto id = static_cast<std::size_t>(trial.id.value);
    rows.push_back(row_of(trial, id < last.size() ? last[id] : nullptr));
  }
  return rows;
}

void drop_repeats(Results& results) {
  keep_first(results.trials, [](const search::TrialRecord& r) { return r.id; });
  keep_first(results.decisions, segment_key);
  keep_first(results.epochs, epoch_key);
  keep_first(results.segments, segment_key);
}

void make_canonical(Results& results) {
  drop_repeats(results);
  sort_by(results.trials, [](const search::TrialRecord& r) { return r.id; });
  sort_by(results.epochs, epoch_key);
  sort_by(results.segments, segment_key);
  sort_by(results.timing, timing_key);
  for (auto& epoch : results.epochs) {
    make_canonical(epoch.gradient_flow, bin_key);
    make_canonical(epoch.metrics, metric_key);
  }
}

}  // namespace seqsweep::store
