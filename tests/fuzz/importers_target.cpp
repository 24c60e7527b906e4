// SPDX-License-Identifier: Apache-2.0
// The first line is what stands behind `dataset import` ("idx @0 @1 --steps rows"; @0 is the first file), the rest are
// the files, separated by a line "%%". They are a data set or an Error, and what was written as a data set can be read.
#include "seqsweep/core/text.hpp"
#include "seqsweep/data/catalogues.hpp"
#include "seqsweep/data/dataset.hpp"

#include "dataset_use.hpp"
#include "fuzz.hpp"

namespace seqsweep::fuzz {
namespace {

struct CommandLine {
  std::string format;
  std::vector<std::string> files;
  std::vector<std::pair<std::string, std::vector<std::string>>> options;
};

// A user may ask for as much memory as there is: keys, windows and horizons of 10,000 and more are left out.
bool asks_for_much(const std::string& line) {
  std::size_t digits = 0;
  for (const char c : line) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 4) return true;
  }
  return false;
}

CommandLine read_command_line(const std::string& line, const std::vector<std::string>& files) {
  CommandLine found;
  for (auto word : split(line, ' ')) {
    if (word.starts_with('@')) {
      const auto index = parse_integer(word.substr(1));
      word = index && *index >= 0 && static_cast<std::size_t>(*index) < files.size()
                 ? files[static_cast<std::size_t>(*index)]
                 : scratch_path("missing");
    }
    if (found.format.empty())
      found.format = word;
    else if (word.starts_with("--"))
      found.options.push_back({word.substr(2), {}});
    else if (!found.options.empty())
      found.options.back().second.push_back(word);
    else
      found.files.push_back(word);
  }
  return found;
}

data::SequenceTable import(const CommandLine& line) {
  const auto& importer = find_in(data::importer_catalogue(), "format", line.format).make;
  data::Options options(importer.options);
  for (const auto& [name, values] : line.options) options.set(name, values);
  return data::import_table(importer, line.files, options);
}

}  // namespace
}  // namespace seqsweep::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seqsweep;
  fuzz::Input input(data, size);
  const auto line = input.text_until("\n");
  if (fuzz::asks_for_much(line) || line.find('\0') != std::string::npos) return 0;  // no shell passes zero bytes
  std::vector<std::string> files;
  while (!input.is_empty() && files.size() < 6)
    files.push_back(fuzz::scratch_file("file" + std::to_string(files.size()), input.text_until("\n%%\n")));
  const auto path = fuzz::scratch_path("imported.h5");
  fuzz::succeeds([&] {
    auto table = fuzz::import(fuzz::read_command_line(line, files));
    data::write_dataset(table, path, data::IfExists::overwrite);
    fuzz::require(fuzz::succeeds([&] { fuzz::use(path, data::LoadOptions{}); }), "a written data set can be read");
  });
  return 0;
}
