// SPDX-License-Identifier: Apache-2.0
// Writes a small data set for read_back.sh.
#include <cstdio>

#include "seqsweep/data/writer.hpp"

int main(int argc, char** argv) {
  using namespace seqsweep::data;
  if (argc != 2) return 2;
  SequenceTable table;
  auto& header = table.header;
  header.name = "three";
  header.num_features = 2;
  header.feature_names = {"left", "right"};
  header.feature_mean = {1.5F, 0};
  header.feature_sd = {0.5F, 1};
  header.output_names = {"sum"};
  header.target_mean = {0};
  header.target_sd = {2};
  header.target_unit = "m/s";
  table.features = {1, 10, 2, 20, 3, 30};
  table.sequences = {{0, 2, 0}, {1, 2, 2}};
  table.targets = {33, 55};
  set_floors(table);
  std::puts(write_dataset(table, argv[1], IfExists::overwrite).c_str());
}
