// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace seqsweep::data {

/// Whether the target of a step is an input of a later one (the next token, the next frame, the keys of the next step):
/// by how many steps, or nothing. A network that reads such sequences in both directions has read each answer before it
/// gives it. Told from the content: in every sequence that was looked at, targets (all of a step, or one column of
/// numbers) equal what is fed in so many steps later, and not only because nothing changes. Reads the beginning of the
/// file, up to some 64 MB of it where the answer is yes; little where it is no. Throws DataError where it cannot be
/// read.
[[nodiscard]] std::optional<int> steps_to_own_answer(const std::string& path);

}  // namespace seqsweep::data
