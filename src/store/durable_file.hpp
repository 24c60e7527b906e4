// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace seqsweep::store {

/// Waits until a file's (or folder's) bytes are on the disk. Throws StoreError.
void sync(const std::string& path);
/// The folder that a path lies in; "." for a bare name.
[[nodiscard]] std::string folder_of(const std::string& path);
/// Renames a synced file over `to`, durably. Throws StoreError.
void put_in_place(const std::string& from, const std::string& to);

}  // namespace seqsweep::store
