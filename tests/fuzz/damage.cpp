// SPDX-License-Identifier: Apache-2.0
#include "damage.hpp"

#include <filesystem>

#include "h5/edits.hpp"

namespace seqsweep::fuzz {
namespace {

std::string with_bytes_overwritten(std::string content, Input& input) {
  constexpr std::uint8_t cut = 0xCC;
  while (!input.is_empty() && !content.empty()) {
    const auto kind = input.byte();
    const auto offset = input.number(3) % content.size();
    if (kind == cut)
      content.resize(offset);
    else
      content[offset] = static_cast<char>(input.byte());
  }
  return content;
}

}  // namespace

std::string damaged_file(const std::string& name, const std::string& whole, Input& input) {
  test::keep_no_free_lists();
  std::filesystem::remove(scratch_path(name));
  if (input.byte() % 2 == 0) return scratch_file(name, with_bytes_overwritten(whole, input));
  auto path = scratch_file(name, whole);
  constexpr int most_edits = 12;
  test::edit_hdf5(path, input, most_edits);
  return path;
}

}  // namespace seqsweep::fuzz
