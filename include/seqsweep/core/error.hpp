// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace seqsweep {

/// What `seqsweep` tells the shell.
enum class ExitCode : int {
  done = 0,
  bad_config = 2,       ///< config file or command line
  bad_file = 3,         ///< data set, results file or checkpoint
  cluster = 4,          ///< a rank or its MPI failed
  no_usable_trial = 5,  ///< all was done, but every trial diverged or failed: there is nothing to choose
  internal = 70,        ///< a bug in seqsweep
  stopped = 75,         ///< stopped early by a signal or a time limit; everything is saved, the same command resumes
};

/// The world failed, and the user can do something about it. The text is one line:
/// the problem, why, and what to do.
class Error : public std::runtime_error {
 public:
  Error(const std::string& text, ExitCode exit_code) : std::runtime_error(text), exit_code_(exit_code) {}
  [[nodiscard]] ExitCode exit_code() const noexcept { return exit_code_; }

 private:
  ExitCode exit_code_;
};

/// A bad config file or command line. `where` is "file:line" or "command line"; it opens the text.
class ConfigError : public Error {
 public:
  ConfigError(const std::string& problem, const std::string& where = {}, std::string key = {});
  std::string where;
  std::string key;
};

/// Bad input data, or a data set that does not fit. `file` (with ":line" for text) opens the text.
class DataError : public Error {
 public:
  DataError(const std::string& problem, const std::string& file, std::int64_t line = 0);
  std::string file;
  std::int64_t line;
};

/// A results file or checkpoint that cannot be read or written. `file` opens the text.
class StoreError : public Error {
 public:
  StoreError(const std::string& problem, const std::string& file);
  std::string file;
};

/// A rank, a message or MPI itself failed.
class ClusterError : public Error {
 public:
  explicit ClusterError(const std::string& problem, int rank = -1);
  int rank;
};

/// A bug in seqsweep: a promise between two of its parts was broken.
class ContractViolation : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace detail {
[[noreturn]] void contract_violated(const char* kind, const char* condition, const std::string& text, const char* file,
                                    int line);
}  // namespace detail

}  // namespace seqsweep

/// What a function may take for granted from its caller, checked in every build.
#define SEQSWEEP_EXPECT(condition, text)                                                                       \
  do {                                                                                                         \
    if (!(condition)) ::seqsweep::detail::contract_violated("expected", #condition, text, __FILE__, __LINE__); \
  } while (false)

/// What a function promises of its own work, checked in every build.
#define SEQSWEEP_ENSURE(condition, text)                                                                             \
  do {                                                                                                               \
    if (!(condition)) ::seqsweep::detail::contract_violated("broken promise", #condition, text, __FILE__, __LINE__); \
  } while (false)
