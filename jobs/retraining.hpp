// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "seqsweep/cluster/messages.hpp"

#include "sweep_session.hpp"

namespace seqsweep::jobs {

/// What was trained, one stage after the other, until a recorded trial was what it is: its ancestors' stages, oldest
/// first, and its own. `name`: "RESULTS.h5:14". Throws ConfigError where the session is not that of the file's sweep,
/// or there is no such trial.
[[nodiscard]] std::vector<cluster::RunSegment> recorded_stages(SweepSession& session, const std::string& name);

}  // namespace seqsweep::jobs
