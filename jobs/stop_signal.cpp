// SPDX-License-Identifier: Apache-2.0
#include "stop_signal.hpp"

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::jobs {
namespace {

volatile std::sig_atomic_t received = 0;

extern "C" void remember(int signal) {
  if (received == SIGINT && signal == SIGINT) std::_Exit(static_cast<int>(ExitCode::stopped));
  received = signal;
}

extern "C" void end_now(int) {
  constexpr std::string_view text =
      "seqsweep: warning: some ranks did not stop in time and are ended; what was recorded is saved, the same command "
      "goes on\n";
  [[maybe_unused]] const auto ignored = write(STDERR_FILENO, text.data(), text.size());
  std::_Exit(static_cast<int>(ExitCode::stopped));
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaction(signal, &action, nullptr);
}

const char* stop_signal() {
  switch (received) {
    case 0:
      return nullptr;
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    default:
      return "SIGUSR1";
  }
}

void end_within(double seconds) {
  struct sigaction action = {};
  action.sa_handler = end_now;
  sigaction(SIGALRM, &action, nullptr);
  alarm(static_cast<unsigned>(std::ceil(seconds)));
}

}  // namespace seqsweep::jobs
