// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace seqsweep::trial {

/// A program run as a child, in a process group of its own; its standard output and standard error are read through
/// pipes, its standard input is empty. It dies with this process, however that ends.
class Process {
 public:
  /// Throws ClusterError where it cannot be started. `environment` replaces or adds to that of this process, whose MPI
  /// variables are kept away from it: it may be an MPI program itself.
  Process(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment);
  /// Kills it where it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Of standard output and standard error: those that are complete and not blank. A carriage return ends a line, too;
  /// what is longer than `longest_line` is cut.
  struct Lines {
    std::vector<std::string> out, err;
  };
  /// Waits for output, at most so long; gives what has come.
  [[nodiscard]] Lines read_lines(int wait_ms);
  /// Whether it has ended. All that it wrote can be read then, without waiting.
  [[nodiscard]] bool has_ended();
  /// As waitpid() has it; it must have ended.
  [[nodiscard]] int status() const { return status_.value(); }
  /// To its whole process group.
  void signal(int number);

  /// The end of what it wrote to both, some kilobytes.
  [[nodiscard]] const std::string& tail() const { return tail_; }
  /// The last line that is not blank of standard error; where there is none, of standard output. As for a message.
  [[nodiscard]] std::string last_words() const;

 private:
  struct Pipe {
    int descriptor = -1;
    std::string partial;    // a line that has not ended yet
    std::string last_line;  // that is not blank
  };
  void drain(Pipe& pipe, std::vector<std::string>& lines);
  void keep_tail(const char* bytes, std::size_t count);

  pid_t pid_ = -1;
  Pipe out_, err_;
  std::optional<int> status_;
  std::string tail_;
};

/// "exit code 1", "killed by signal 11 (Segmentation fault)".
[[nodiscard]] std::string status_text(int status);

}  // namespace seqsweep::trial
