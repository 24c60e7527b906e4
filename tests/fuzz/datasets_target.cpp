// SPDX-License-Identifier: Apache-2.0
// A data set file with damages (see damage.hpp): it loads, or it is an Error. Loaded into memory and read from disk;
// and once more with the fingerprint that fits the damaged content, as a forger would have it.
#include <filesystem>

#include "seqsweep/data/catalogues.hpp"
#include "seqsweep/data/dataset.hpp"
#include "seqsweep/h5/file.hpp"

#include "damage.hpp"
#include "dataset_use.hpp"
#include "fuzz.hpp"

namespace seqsweep::fuzz {
namespace {

std::string made(const char* task, const std::vector<std::pair<std::string, std::string>>& given) {
  const auto& [options, make] = find_in(data::task_catalogue(), "task", task).make;
  data::Options values(options);
  for (const auto& [name, value] : given) values.set(name, {value});
  const auto path = scratch_path("whole.h5");
  data::write_dataset(make(values), path, data::IfExists::overwrite);
  return content_of(path);
}

// Features with a number per sequence; tokens with a class per step.
const std::vector<std::string>& whole_files() {
  static const std::vector<std::string> files = {made("adding", {{"sequences", "8"}, {"length", "5"}}),
                                                 made("copy_memory", {{"sequences", "8"}, {"delay", "4"}})};
  return files;
}

void load_with_fitting_fingerprint(const std::string& path) {
  const std::string before = "its content has fingerprint ";
  std::string found;
  try {
    use(path, {});
  } catch (const DataError& error) {
    const std::string text = error.what();
    if (const auto at = text.find(before); at != std::string::npos)
      found = text.substr(at + before.size(), text.find(',', at) - at - before.size());
  }
  if (found.empty()) return;
  h5::File::open(path, h5::Access::write).write_attribute("/", "fingerprint", found);
  use(path, {});
}

}  // namespace
}  // namespace seqsweep::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seqsweep;
  fuzz::Input input(data, size);
  const auto& files = fuzz::whole_files();
  const auto path = fuzz::damaged_file("dataset.h5", files[input.byte() % files.size()], input);
  fuzz::succeeds([&] { fuzz::use(path, {.memory_limit_bytes = 1}); });
  fuzz::succeeds([&] { fuzz::load_with_fitting_fingerprint(path); });
  return 0;
}
