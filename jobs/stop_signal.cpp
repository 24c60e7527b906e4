// SPDX-License-Identifier: Apache-2.0
#include "stop_signal.hpp"

#include <csignal>
#include <cstdlib>

#include "seqsweep/core/error.hpp"

namespace seqsweep::jobs {
namespace {

volatile std::sig_atomic_t received = 0;

extern "C" void remember(int signal) {
  if (received == SIGINT && signal == SIGINT) std::_Exit(static_cast<int>(ExitCode::stopped));
  received = signal;
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

}  // namespace seqsweep::jobs
