// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "seqsweep/core/error.hpp"

/// What every fuzz target is: libFuzzer calls it with one input after another; replay.cpp calls it with files.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace seqsweep::fuzz {

/// An input, taken piece by piece. Behind its end come zeros and empty texts.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool is_empty() const { return rest_.empty(); }
  [[nodiscard]] std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
  /// Little-endian, of so many bytes.
  [[nodiscard]] std::uint64_t number(std::size_t num_bytes);
  /// 0 … limit - 1; 0 where limit is 0.
  [[nodiscard]] std::size_t below(std::size_t limit);
  [[nodiscard]] std::string text(std::size_t most_bytes);
  [[nodiscard]] std::string text_until(std::string_view separator);
  [[nodiscard]] std::string rest() { return text(rest_.size()); }

 private:
  std::string_view rest_;
};

/// "FOLDER/NAME" in a folder of this process, in memory where the system has such a place. It goes when the process
/// ends.
[[nodiscard]] std::string scratch_path(const std::string& name);
/// The same, with a file of this content there.
std::string scratch_file(const std::string& name, std::string_view content);
[[nodiscard]] std::string content_of(const std::string& path);

/// Runs what hostile input may make fail, but with an Error of one line only. Says whether it succeeded; whatever else
/// is thrown (a ContractViolation, std::bad_alloc …) goes on and ends the program: that is what fuzzing looks for.
bool succeeds(const std::function<void()>& call);

/// Ends the program where a promise was broken that no exception tells of.
void require(bool condition, const char* promise);

}  // namespace seqsweep::fuzz
