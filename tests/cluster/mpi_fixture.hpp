// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/cluster/world.hpp"

namespace seqsweep::cluster {

/// All ranks of this test program; made at the first call, finalised at exit.
const World& test_world();

}  // namespace seqsweep::cluster
