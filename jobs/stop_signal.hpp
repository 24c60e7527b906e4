// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace seqsweep::jobs {

/// From here on SIGTERM, SIGINT and SIGUSR1 ask for a clean stop instead of ending the process.
/// A second SIGINT ends it at once (acknowledged records are safe).
void catch_stop_signals();

/// The name of the signal that asked to stop ("SIGTERM"), or nullptr.
[[nodiscard]] const char* stop_signal();

}  // namespace seqsweep::jobs
