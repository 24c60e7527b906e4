// SPDX-License-Identifier: Apache-2.0
#include "data/importers/importers.hpp"

namespace seqsweep::data {

std::span<const CatalogueEntry<Importer>> importer_catalogue() {
  static const std::array catalogue = {
      CatalogueEntry<Importer>{"csv", "tables: windows of time series, or one sequence per id", importers::csv()},
      CatalogueEntry<Importer>{"idx", "images as sequences of rows, columns or pixels (MNIST format)",
                               importers::idx()},
      CatalogueEntry<Importer>{"text", "labelled sentences, or a text as a language model", importers::text()},
      CatalogueEntry<Importer>{"ts", "labelled time series of unequal length (UEA, sktime)", importers::ts()},
      CatalogueEntry<Importer>{"piano_roll", "which keys sound next, one piece of music a line",
                               importers::piano_roll()},
  };
  return catalogue;
}

}  // namespace seqsweep::data
