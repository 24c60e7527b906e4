// SPDX-License-Identifier: Apache-2.0
// Running a task or importer, and what is said of every data set that comes out.
#include "seqsweep/data/catalogues.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::data {
namespace {

constexpr std::size_t most_names = 12;  // in one remark

std::string class_names(const DatasetHeader& header, const std::vector<std::size_t>& classes) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(classes.size(), most_names); ++i)
    names.push_back(classes[i] < header.output_names.size() ? header.output_names[classes[i]]
                                                            : std::to_string(classes[i]));
  const auto more = classes.size() - names.size();
  return join(names, ", ") + (more > 0 ? fmt::format(", … ({} more)", more) : "");
}

void remark_untrained_classes(SequenceTable& table) {
  const auto& header = table.header;
  if (header.target_kind != TargetKind::classes || header.target_position != TargetPosition::per_sequence) return;
  const auto K = static_cast<std::size_t>(header.num_outputs);
  std::vector<std::size_t> trained(K), all(K);
  for (std::size_t i = 0; i < table.sequences.size(); ++i) {
    if (table.classes[i] < 0) continue;
    const auto k = static_cast<std::size_t>(table.classes[i]);
    ++all[k];
    if (table.sequences[i].split == static_cast<std::int32_t>(Split::train)) ++trained[k];
  }
  if (K == 1)
    table.remarks.push_back(
        fmt::format("all sequences are of one class, {}: there is nothing to tell apart", class_names(header, {0})));
  std::vector<std::size_t> untrained, absent;
  for (std::size_t k = 0; k < K; ++k)
    if (trained[k] == 0) (all[k] == 0 ? absent : untrained).push_back(k);
  if (!untrained.empty())
    table.remarks.push_back(
        fmt::format("{} of {} classes have no training sequence, so no network can learn them: {}; give the train "
                    "part more, or leave them out",
                    untrained.size(), K, class_names(header, untrained)));
  if (!absent.empty())
    table.remarks.push_back(
        fmt::format("{} of {} classes occur in no part: {}", absent.size(), K, class_names(header, absent)));
}

SequenceTable finished(SequenceTable table, const Options& options) {
  options.refuse_unread();
  remark_untrained_classes(table);
  return table;
}

}  // namespace

SequenceTable make_table(const Task& task, const Options& options) {
  return finished(task.make(options), options);
}

SequenceTable import_table(const Importer& importer, const std::vector<std::string>& files, const Options& options) {
  return finished(importer.import(files, options), options);
}

}  // namespace seqsweep::data
