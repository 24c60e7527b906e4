// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace seqsweep::nn {

/// The vector instructions that the kernels of this process use: "avx512", "avx2" …; at first the best that the
/// processor has. A result has the same bits under each of them.
[[nodiscard]] std::string instruction_set_in_use();

/// What this processor can run and the kernels were compiled for, best first.
[[nodiscard]] std::vector<std::string> available_instruction_sets();

/// Networks made from now on use this one; those made before must not be used any more.
/// Throws ConfigError where it is not available. Not thread-safe.
void use_instruction_set(const std::string& name);

/// float32 multiply-adds per second, in 10⁹ floating-point operations, of a burst of about 0.1 ms on this core now: the
/// peak that shares are taken of. [GFLOP/s]
[[nodiscard]] double probe_peak_gflops();

}  // namespace seqsweep::nn
