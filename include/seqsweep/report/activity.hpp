// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

/// Whether somebody works on a sweep, and why not on more of it. Says only what the file and its lock file prove.
struct Activity {
  enum class Kind {
    finished,
    running,
    stopping,  ///< at the next step of each team
    silent,    ///< a process holds the file but has written nothing for long
    stopped,
    unknown,  ///< not finished, and nothing says whether it runs
  };
  Kind kind = Kind::unknown;
  std::string sentence;                        ///< "running for 3 min 5 s on 4 ranks"
  double utilisation = store::not_applicable;  ///< rank seconds at work / rank seconds since this run began
  std::vector<std::string> reasons;            ///< why ranks are idle, or nothing moves; a sentence each
};
[[nodiscard]] std::string_view name_of(Activity::Kind kind);

/// `writer` as the lock file says; `now_s` since the epoch of Unix.
[[nodiscard]] Activity activity_of(const store::Results& results, const std::optional<store::WriterProcess>& writer,
                                   double now_s);

}  // namespace seqsweep::report
