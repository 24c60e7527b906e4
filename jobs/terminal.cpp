// SPDX-License-Identifier: Apache-2.0
#include "terminal.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "seqsweep/core/text.hpp"

#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

constexpr std::size_t least_columns = 40, most_columns = 1000;

std::optional<std::size_t> environment_number(const char* name) {
  const char* text = std::getenv(name);
  const auto number = text == nullptr ? std::nullopt : parse_integer(text);
  return number && *number > 0 ? std::optional(static_cast<std::size_t>(*number)) : std::nullopt;
}

bool is_set(const char* name) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != '\0';
}

bool is_dumb() {
  const char* kind = std::getenv("TERM");
  return kind != nullptr && std::strcmp(kind, "dumb") == 0;
}

bool has_value(const char* name, const char* value) {
  const char* text = std::getenv(name);
  return text != nullptr && std::strcmp(text, value) == 0;
}

bool wants_colours(int file) {
  if (is_set("NO_COLOR")) return false;
  if (is_set("CLICOLOR_FORCE") && !has_value("CLICOLOR_FORCE", "0")) return true;
  return can_redraw(file) && !has_value("CLICOLOR", "0");
}

// ---- where mpirun writes

pid_t parent_of(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("PPid:")) return static_cast<pid_t>(parse_integer(line.substr(5)).value_or(0));
  return 0;
}

bool is_terminal_device(const std::string& link) {
  std::error_code error;
  const auto target = std::filesystem::read_symlink(link, error).string();
  return !error && (target.starts_with("/dev/pts/") || target.starts_with("/dev/tty") || target == "/dev/console");
}

// Shells and scripts between us and mpirun write where we do: the first ancestor that does not is mpirun, or its
// daemon on this node, which writes to no terminal.
bool launcher_writes_to_terminal(int file) {
  struct stat own {};
  if (fstat(file, &own) != 0) return false;
  constexpr int most_ancestors = 64;
  pid_t process = getppid();
  for (int i = 0; i < most_ancestors && process > 1; ++i, process = parent_of(process)) {
    const auto link = fmt::format("/proc/{}/fd/{}", process, file);
    struct stat there {};
    if (stat(link.c_str(), &there) != 0) return false;
    if (there.st_rdev != own.st_rdev || !S_ISCHR(there.st_mode)) return is_terminal_device(link);
  }
  return false;
}

void write_out(std::string_view text) {
  while (!text.empty()) {
    const auto written = write(STDOUT_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// As they were when the program started.
termios former_keys;

}  // namespace

bool is_terminal(int file) {
  if (isatty(file) == 0) return false;
  const bool is_started_by_mpirun = std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr;
  return !is_started_by_mpirun || launcher_writes_to_terminal(file);
}

bool can_redraw(int file) {
  return is_terminal(file) && !is_dumb();
}

TerminalSize terminal_size(int file) {
  winsize size{};
  const bool is_terminal = ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const auto columns = environment_number("COLUMNS").value_or(is_terminal ? size.ws_col : terminal_columns);
  const auto rows = environment_number("LINES").value_or(is_terminal ? size.ws_row : 0);
  return {std::clamp(columns, least_columns, most_columns), rows};
}

std::string TextStyle::painted(std::string_view text, Paint paint) const {
  if (!has_colours || text.empty()) return std::string(text);
  const auto code = [paint] {
    switch (paint) {
      case Paint::strong:
        return 1;
      case Paint::faint:
        return 2;
      case Paint::good:
        return 32;
      case Paint::warning:
        return 33;
      case Paint::bad:
        return 31;
    }
    return 0;
  };
  return fmt::format("\x1b[{}m{}\x1b[0m", code(), text);
}

std::string TextStyle::heading(std::string_view text) const {
  return "\n" + painted(trim(wrapped("", std::string(text), prose_columns())), Paint::strong) + "\n";
}

std::size_t TextStyle::prose_columns() const {
  constexpr std::size_t most = 120;
  return std::min(columns, most);
}

TextStyle style_of_output() {
  TextStyle style{.columns = terminal_size(STDOUT_FILENO).columns};
  style.is_terminal = is_terminal(STDOUT_FILENO);
  style.has_colours = wants_colours(STDOUT_FILENO);
  return style;
}

FullScreen::FullScreen() {
  if (tcgetattr(STDIN_FILENO, &former_keys) == 0) {
    termios keys = former_keys;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
  }
  write_out("\x1b[?1049h\x1b[?25l");  // another screen, without cursor
}

FullScreen::~FullScreen() {
  write_out("\x1b[?25h\x1b[?1049l");
  if (isatty(STDIN_FILENO) != 0) tcsetattr(STDIN_FILENO, TCSANOW, &former_keys);
}

void FullScreen::show(std::string_view text, std::string_view footer) const {
  const auto lines = split(text, '\n');
  const std::size_t rows = std::max<std::size_t>(2, terminal_size(STDOUT_FILENO).rows);
  std::string picture = "\x1b[H";  // from the top left, over what is there: nothing flickers
  for (std::size_t i = 0; i < std::min(lines.size(), rows - 1); ++i) picture += lines[i] + "\x1b[K\r\n";
  write_out(picture + std::string(footer) + "\x1b[J");
}

char FullScreen::key_within(double seconds) {
  const auto wait_ms = static_cast<int>(1000 * seconds);
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (poll(&input, 1, wait_ms) <= 0) return 0;
  char key = 0;
  if (read(STDIN_FILENO, &key, 1) == 1) return key;
  poll(nullptr, 0, wait_ms);  // no keys will ever come, and poll() would say so at once
  return 0;
}

}  // namespace seqsweep::jobs
