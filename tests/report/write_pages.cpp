// SPDX-License-Identifier: Apache-2.0
// Writes the pages that page_test.py opens besides those of real sweeps: write_pages FOLDER.
#include <fstream>

#include "seqsweep/report/page.hpp"

#include "report/sweeps.hpp"

namespace {

void write(const std::string& path, const seqsweep::store::Results& results, int reload_s) {
  seqsweep::report::PageContext context;
  context.results_path = "a folder/" + std::string(seqsweep::test::hostile_text) + ".h5";
  context.made_at = "today";
  context.reload_s = reload_s;
  std::ofstream(path) << seqsweep::report::page(results, context);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace seqsweep;
  if (argc != 2) return 2;
  const std::string folder = std::string(argv[1]) + "/";
  constexpr int never = 0;
  write(folder + "hostile.html", test::hostile_sweep(), never);
  write(folder + "empty.html", test::empty_sweep(), never);
  write(folder + "one.html", test::sweep_of_one_trial(), never);
  write(folder + "failed.html", test::failed_sweep(), never);
  write(folder + "large.html", test::large_sweep(10000), never);
  write(folder + "reloading.html", test::sweep_of_one_trial(), 1);
  return 0;
}
