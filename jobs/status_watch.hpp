// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace seqsweep::jobs {

/// Prints the status again every `period_s` seconds until the sweep is finished, q is pressed or a signal comes. On a
/// terminal the picture renews itself, and the last one stays; else each is a block of its own.
void watch_status(const std::string& path, std::size_t num_best, double period_s);

}  // namespace seqsweep::jobs
