// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace seqsweep::jobs {

/// From here on SIGTERM, SIGINT and SIGUSR1 ask for a clean stop instead of ending the process.
/// A second SIGINT ends it at once (acknowledged records are safe).
void catch_stop_signals();

/// The name of the signal that asked to stop ("SIGTERM"), or nullptr.
[[nodiscard]] const char* stop_signal();

/// This process ends with ExitCode::stopped when so many seconds have passed, wherever it hangs then: a rank that does
/// not answer, a file system. Acknowledged records are safe.
void end_within(double seconds);

}  // namespace seqsweep::jobs
