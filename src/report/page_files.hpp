// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The files of src/report/page/ and the plot library, as the build put them into the program (embed.cmake).
namespace seqsweep::report::files {

extern const std::string_view page_html;
extern const std::string_view style_css;
extern const std::string_view scripts;  ///< all of ours, one after the other
extern const std::string_view echarts;  ///< empty: the build found none
extern const std::string_view echarts_why_not;

}  // namespace seqsweep::report::files
