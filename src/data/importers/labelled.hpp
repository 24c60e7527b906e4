// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "seqsweep/data/dataset.hpp"

namespace seqsweep::data::importers {

/// Class labels as texts turned into 0 … K-1, ordered as numbers where all are numbers, else alphabetically; so the
/// numbering does not depend on the order of the data. Labels are the same where label_text() of them is.
class Labels {
 public:
  /// `path` and `line` say where it stands, should it have to be refused.
  void add(const std::string& label, const std::string& path = {}, std::int64_t line = 0);
  /// Call once, after the last add(). DataError for what would be two classes by its spelling alone, numbers that are
  /// equal (1 and 1.0); and for a number that is none (nan) among numbers.
  void number_them();
  [[nodiscard]] std::int32_t number_of(const std::string& label) const;
  [[nodiscard]] bool has(const std::string& label) const;
  /// Fills kind, num_outputs and output_names.
  void describe(DatasetHeader& header) const;

  /// Whether these are no classes but numbers to predict: not all whole, and rather one a sequence than one a class.
  [[nodiscard]] bool are_measurements() const;
  /// "38 different numbers in 40 sequences, such as '0.53'", for the message about it.
  [[nodiscard]] std::string measurements_text() const;

 private:
  struct Class {
    std::int32_t number = -1;
    std::string path;  // where it stands first
    std::int64_t line = 0;
  };
  [[nodiscard]] bool are_numbers() const;
  [[nodiscard]] std::string first_fraction() const;  // a number that is not whole; empty where there is none
  void refuse_equal_numbers() const;
  std::map<std::string, Class> classes_;
  std::vector<std::string> ordered_;
  std::size_t num_added_ = 0;
};

}  // namespace seqsweep::data::importers
