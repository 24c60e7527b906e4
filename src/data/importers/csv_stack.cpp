// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_stack.hpp"

#include "data/statistics.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr const char* value_column = "value";

template <class T>
std::vector<T> repeated(const std::vector<T>& once, std::size_t times) {
  std::vector<T> all;
  all.reserve(once.size() * times);
  for (std::size_t i = 0; i < times; ++i) all.insert(all.end(), once.begin(), once.end());
  return all;
}

}  // namespace

void stack_targets(CsvPlan& plan, CsvRows& rows, std::vector<Series>& series, RowSet& training) {
  const auto num_targets = plan.targets.size();
  const auto num_rows = rows.num_rows();
  CsvRows stacked;
  std::vector<Series> stacked_series;
  auto& values = stacked.numbers[value_column];
  for (std::size_t j = 0; j < num_targets; ++j) {
    const auto& column = rows.numbers.at(plan.targets[j]);
    const auto moments = moments_of(values_in(column, training));
    for (const double x : column) values.push_back((x - moments.mean) / moments.sd);
    for (std::size_t s = 0; s < rows.num_series(); ++s) {
      stacked.series_begin.push_back(j * num_rows + rows.series_begin[s]);
      stacked.series_name.push_back(plan.targets[j] +
                                    (rows.series_name[s].empty() ? "" : " of " + rows.series_name[s]));
    }
    for (auto one : series) {
      one.begin += j * num_rows;
      for (auto& end : one.ends) end += j * num_rows;
      stacked_series.push_back(one);
    }
  }
  stacked.series_begin.push_back(num_targets * num_rows);
  for (const auto& [name, texts] : rows.texts) stacked.texts[name] = repeated(texts, num_targets);
  stacked.times = repeated(rows.times, num_targets);
  stacked.lines = repeated(rows.lines, num_targets);
  training = repeated(training, num_targets);
  rows = std::move(stacked);
  series = std::move(stacked_series);
  plan.features = plan.targets = {value_column};
}

}  // namespace seqsweep::data::importers
