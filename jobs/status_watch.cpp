// SPDX-License-Identifier: Apache-2.0
#include "status_watch.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include "seqsweep/core/error.hpp"

#include "status_text.hpp"
#include "stop_signal.hpp"

namespace seqsweep::jobs {
namespace {

using Clock = std::chrono::steady_clock;

std::string time_text() {
  return fmt::format("{:%H:%M:%S}", fmt::localtime(std::time(nullptr)));
}

/// The newest status that could be read. A sweep that is resumed or sealed replaces its file.
class View {
 public:
  View(std::string path, std::size_t num_best)
      : path_(std::move(path)), num_best_(num_best), status_(read_status(path_, num_best)) {}

  void renew() {
    try {
      status_ = read_status(path_, num_best_);
      problem_.clear();
    } catch (const StoreError& error) {
      problem_ = error.what();
    }
    time_ = time_text();
  }

  [[nodiscard]] bool is_finished() const { return status_.summary.is_sealed; }
  [[nodiscard]] std::string text(const TextStyle& style) const { return to_text(status_, num_best_, style); }
  [[nodiscard]] std::string brief_text(const TextStyle& style) const {
    return to_brief_text(status_, num_best_, style);
  }
  [[nodiscard]] const std::string& time() const { return time_; }
  /// Why it is not newer; empty: it is new.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  std::string path_;
  std::size_t num_best_;
  Status status_;
  std::string problem_, time_ = time_text();
};

bool wants_to_leave(char key) {
  return key == 'q' || key == 'Q' || stop_signal() != nullptr;
}

// Draws at once when the terminal's size changes; ends with the terminal.
void watch_on_terminal(View& view, double period_s) {
  constexpr double look_s = 0.1;
  const FullScreen screen;
  char key = 0;
  while (!view.is_finished() && !wants_to_leave(key)) {
    const auto style = style_of_output();
    if (!can_redraw(STDOUT_FILENO)) return;
    const auto footer = view.problem().empty() ? fmt::format("{}, every {:g} s; q leaves", view.time(), period_s)
                                               : fmt::format("{}; q leaves", view.problem());
    screen.show(view.brief_text(style), style.painted(first_columns(footer, style.columns), TextStyle::Paint::faint));
    const auto end = Clock::now() + std::chrono::duration<double>(period_s);
    const auto size = terminal_size(STDOUT_FILENO);
    while (Clock::now() < end && terminal_size(STDOUT_FILENO) == size && !wants_to_leave(key))
      key = FullScreen::key_within(look_s);
    if (Clock::now() >= end) view.renew();
  }
}

void watch_in_blocks(View& view, double period_s) {
  const auto print = [&] {
    if (!view.problem().empty()) return fmt::print("# {}: {}\n\n", view.time(), view.problem());
    fmt::print("# {}\n{}\n", view.time(), view.text(style_of_output()));
  };
  while (!view.is_finished() && stop_signal() == nullptr) {
    print();
    std::fflush(stdout);
    const auto end = Clock::now() + std::chrono::duration<double>(period_s);
    while (Clock::now() < end && stop_signal() == nullptr) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    view.renew();
  }
}

}  // namespace

void watch_status(const std::string& path, std::size_t num_best, double period_s) {
  View view(path, num_best);
  catch_stop_signals();
  if (can_redraw(STDOUT_FILENO))
    watch_on_terminal(view, period_s);
  else
    watch_in_blocks(view, period_s);
  fmt::print("{}", view.text(style_of_output()));
}

}  // namespace seqsweep::jobs
