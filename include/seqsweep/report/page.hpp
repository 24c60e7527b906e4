// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

/// What a page says besides what the results file holds.
struct PageContext {
  std::string results_path;  ///< as the reader would name it in a command
  std::string made_at;       ///< when the file was read, for people
  std::string budget;        ///< how far the sweep's budget carries, one sentence; empty: nothing to say
  int reload_s = 0;          ///< [s] the page loads itself again so often; 0: never
};

/// One HTML page with everything in it: it opens without network or server. Text from the file is data in it, never
/// markup. Without the plot library in the build, tables stand for the plots, and the page says so.
[[nodiscard]] std::string page(const store::Results& results, const PageContext& context);

/// Whether this build has the plot library; where not, why not.
struct PlotLibrary {
  bool is_there = false;
  std::string why_not;
};
[[nodiscard]] PlotLibrary plot_library();

/// For text between tags and in quoted attributes.
[[nodiscard]] std::string html_escaped(const std::string& text);
/// A JSON text that may stand inside a <script> element: no text in it can end the element or begin a comment.
[[nodiscard]] std::string script_escaped(const std::string& json);

}  // namespace seqsweep::report
