// SPDX-License-Identifier: Apache-2.0
#include "data/progress.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace seqsweep::data {

using std::chrono::steady_clock;

Progress::Progress(std::string label)
    : label_(std::move(label)),
      start_(steady_clock::now()),
      last_(start_),
      is_terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (is_shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(double share) {
  const auto now = steady_clock::now();
  if (!is_terminal_ || now - start_ < std::chrono::seconds(1) || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  is_shown_ = true;
  constexpr int cells = 30;
  const int full = std::clamp(static_cast<int>(share * cells), 0, cells);
  const auto bar = fmt::format("{:#<{}}{:.<{}}", "", full, "", cells - full);
  std::fputs(fmt::format("\r{:.40} [{}] {:3.0f} %", label_, bar, share * 100).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace seqsweep::data
