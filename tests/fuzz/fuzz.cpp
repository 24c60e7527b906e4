// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace seqsweep::fuzz {
namespace {

class Folder {
 public:
  Folder() {
    const std::filesystem::path in_memory = "/dev/shm";
    const auto parent = is_directory(in_memory) ? in_memory : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "seqsweep-fuzz-XXXXXX").string();
    require(mkdtemp(pattern.data()) != nullptr, "a folder for files can be made");
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

std::uint64_t Input::number(std::size_t num_bytes) {
  std::uint64_t value = 0;
  const auto bytes = text(num_bytes);
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::size_t Input::below(std::size_t limit) {
  return limit == 0 ? 0 : number(limit > 256 ? 4 : 1) % limit;
}

std::string Input::text(std::size_t most_bytes) {
  const std::string text(rest_.substr(0, most_bytes));
  rest_.remove_prefix(text.size());
  return text;
}

std::string Input::text_until(std::string_view separator) {
  const auto end = rest_.find(separator);
  auto text = this->text(end);
  if (end != std::string_view::npos) rest_.remove_prefix(separator.size());
  return text;
}

std::string scratch_path(const std::string& name) {
  static const Folder folder;
  return (folder.path() / name).string();
}

std::string scratch_file(const std::string& name, std::string_view content) {
  auto path = scratch_path(name);
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool succeeds(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    const std::string_view text = error.what();
    require(!text.empty() && text.find('\n') == std::string_view::npos, "an error is one line");
    return false;
  }
  return true;
}

void require(bool condition, const char* promise) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace seqsweep::fuzz
