// SPDX-License-Identifier: Apache-2.0
#include "progress_line.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

#include "report_text.hpp"
#include "terminal.hpp"

namespace seqsweep::jobs {
namespace {

constexpr std::chrono::milliseconds terminal_period{200};
constexpr std::chrono::seconds log_period{30};

}  // namespace

std::string progress_text(const search::Study& study, const cluster::Progress& progress, const ProgressNames& names,
                          double elapsed_s) {
  const int settled = progress.trials_begun - progress.trials_running;
  const int planned = std::max(study.options().ends.trials, progress.trials_begun);  // fewer than copies come to
  std::string text = fmt::format("{}/{} trials, {} running", settled, planned, progress.trials_running);
  if (progress.trials_paused > 0) text += fmt::format(", {} paused", progress.trials_paused);
  if (progress.trials_failed > 0) text += fmt::format(", {} failed", progress.trials_failed);
  if (progress.ranks_lost > 0)
    text += fmt::format(" · {} rank{} lost", progress.ranks_lost, progress.ranks_lost == 1 ? "" : "s");
  if (!study.options().further_goals.empty()) text += fmt::format(" · {} on the Pareto front", study.front().size());
  if (const auto* best = study.best(); best != nullptr && std::isfinite(best->value())) {
    const double value = search::turned(study.options().goal, best->value());
    text += fmt::format(" · best {} {}", names.metric, four_digits(value));
    if (!std::isnan(names.floor)) text += fmt::format(" (floor {})", four_digits(names.floor));
  }
  if (progress.epochs_done > 0)
    text += fmt::format(" · {:.2g} epochs/s", static_cast<double>(progress.epochs_done) / elapsed_s);
  const double share = static_cast<double>(settled) / std::max(1, planned);
  if (settled >= 2 && share < 1)
    text += fmt::format(" · about {} left", human_seconds(elapsed_s * (1 - share) / share));
  return text;
}

ProgressLine::ProgressLine(ProgressNames names, bool is_quiet)
    : names_(std::move(names)),
      is_quiet_(is_quiet),
      is_terminal_(can_redraw(STDERR_FILENO)),
      start_(Clock::now()),
      next_(start_ + (is_terminal_ ? terminal_period : std::chrono::milliseconds(log_period))) {}

void ProgressLine::update(const search::Study& study, const cluster::Coordinator& coordinator) {
  const auto now = Clock::now();
  if (is_quiet_ || now < next_) return;
  next_ = now + (is_terminal_ ? terminal_period : std::chrono::milliseconds(log_period));
  const double elapsed_s = std::chrono::duration<double>(now - start_).count();
  const auto text = progress_text(study, coordinator.progress(), names_, elapsed_s);
  if (!is_terminal_) {
    log::info(text);
    return;
  }
  fmt::print(stderr, "\r\x1b[K{}", first_columns(text, terminal_size(STDERR_FILENO).columns - 1));
  std::fflush(stderr);
  has_text_ = true;
}

void ProgressLine::finish() {
  if (has_text_) fmt::print(stderr, "\r\x1b[K");
  has_text_ = false;
}

}  // namespace seqsweep::jobs
