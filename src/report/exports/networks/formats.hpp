// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/report/network_exports.hpp"

namespace seqsweep::report {

// One file each.
extern const NetworkFormat onnx_format, torch_format, keras_format;

}  // namespace seqsweep::report
