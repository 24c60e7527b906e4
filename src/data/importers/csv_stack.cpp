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

Moments training_moments(const std::vector<double>& column, const TrainingRows& training) {
  std::vector<double> values;
  for (std::size_t row = 0; row < column.size(); ++row)
    if (training[row]) values.push_back(column[row]);
  return moments_of(values);
}

}  // namespace

void stack_targets(CsvPlan& plan, CsvRows& rows, const TrainingRows& training) {
  const auto num_targets = plan.targets.size();
  const auto num_rows = rows.num_rows();
  CsvRows stacked;
  auto& values = stacked.numbers[value_column];
  for (std::size_t j = 0; j < num_targets; ++j) {
    const auto& column = rows.numbers.at(plan.targets[j]);
    const auto moments = training_moments(column, training);
    for (const double x : column) values.push_back((x - moments.mean) / moments.sd);
    for (std::size_t s = 0; s + 1 < rows.series_begin.size(); ++s) {
      stacked.series_begin.push_back(j * num_rows + rows.series_begin[s]);
      stacked.series_name.push_back(plan.targets[j] +
                                    (rows.series_name[s].empty() ? "" : " of " + rows.series_name[s]));
    }
  }
  stacked.series_begin.push_back(num_targets * num_rows);
  for (const auto& [name, texts] : rows.texts) stacked.texts[name] = repeated(texts, num_targets);
  stacked.times = repeated(rows.times, num_targets);
  stacked.lines = repeated(rows.lines, num_targets);
  rows = std::move(stacked);
  plan.features = plan.targets = {value_column};
}

}  // namespace seqsweep::data::importers
