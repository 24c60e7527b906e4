// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <hdf5.h>

#include "seqsweep/h5/file.hpp"

namespace seqsweep::h5 {

/// To be called before any other HDF5 call of a public function: from then on HDF5 prints nothing.
void silence();

/// What HDF5 says of its last failure, one line: "outermost: innermost".
[[nodiscard]] std::string reason();

/// Whether HDF5's last call failed because the system refused it (no space, no permission …).
[[nodiscard]] bool is_refused_by_system();
/// "(No space left on device); make room …": why HDF5's last call failed, and what to do where the system refused it;
/// or
/// "(HDF5: REASON)".
[[nodiscard]] std::string explanation();

/// Throws StoreError "FILE: cannot VERB 'OBJECT' EXPLANATION".
[[noreturn]] void fail(const char* verb, const std::string& file, const std::string& object);

/// Every HDF5 call goes through here: negative results become a StoreError.
template <class Result>
Result checked(Result result, const char* verb, const std::string& file, const std::string& object) {
  if (result < 0) fail(verb, file, object);
  return result;
}

/// A handle of what an HDF5 call opened or made.
inline Handle owned(hid_t id, Handle::Close close, const char* verb, const std::string& file,
                    const std::string& object) {
  return {checked(id, verb, file, object), close};
}

}  // namespace seqsweep::h5
