// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seqsweep::jobs {

struct TerminalSize {
  std::size_t columns = 0, rows = 0;
  bool operator==(const TerminalSize&) const = default;
};
/// Of the terminal behind a file descriptor. COLUMNS and LINES win over what it says; terminal_columns and no rows
/// where it is no terminal.
[[nodiscard]] TerminalSize terminal_size(int file);

/// What text may use to look well where it goes.
struct TextStyle {
  std::size_t columns;
  bool is_terminal = false;  ///< somebody looks at it now
  bool has_colours = false;

  enum class Paint { strong, faint, good, warning, bad };
  /// Text in a colour, where there are colours. Only of whole lines or line ends: tables count characters.
  [[nodiscard]] std::string painted(std::string_view text, Paint paint) const;
  /// The line that opens a paragraph, after an empty one.
  [[nodiscard]] std::string heading(std::string_view text) const;
  /// Of sentences: longer lines are hard to read.
  [[nodiscard]] std::size_t prose_columns() const;
};
/// Whether somebody looks at what is written to a file descriptor now. mpirun gives each rank a terminal of its own for
/// standard output, whatever it passes the text on to; there the question is where mpirun writes.
[[nodiscard]] bool is_terminal(int file);
/// Whether it is one that moves its cursor when told to (TERM is not dumb).
[[nodiscard]] bool can_redraw(int file);

/// For standard output. Colours only on a terminal, and not with NO_COLOR (no-color.org), CLICOLOR=0 or TERM=dumb;
/// CLICOLOR_FORCE=1 asks for them anywhere (bixense.com/clicolors).
[[nodiscard]] TextStyle style_of_output();

/// The terminal for a picture that renews itself: an empty screen of its own, keys without Enter. The former screen
/// comes back at the end.
class FullScreen {
 public:
  FullScreen();
  ~FullScreen();
  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;
  /// Shows the first lines, as many as fit, and `footer` below them.
  void show(std::string_view text, std::string_view footer) const;
  /// Waits for a key so long. [s] The key, or 0.
  [[nodiscard]] static char key_within(double seconds);
};

}  // namespace seqsweep::jobs
