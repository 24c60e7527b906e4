// SPDX-License-Identifier: Apache-2.0
#include "process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "metric_lines.hpp"

namespace seqsweep::trial {
namespace {

constexpr std::size_t longest_tail = 16 << 10;  // [bytes]

// What tells a process that it is a rank of an MPI job.
bool is_of_mpi(std::string_view variable) {
  for (const std::string_view prefix :
       {"OMPI_", "PMIX_", "PMI_", "PRTE_", "MPI_LOCAL", "MV2_COMM_", "SLURM_STEP_NUM_TASKS"})
    if (variable.starts_with(prefix)) return true;
  return false;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (!is_of_mpi(text) && !changes.contains(std::string(text.substr(0, text.find('=')))))
      variables.emplace_back(text);
  }
  for (const auto& [name, value] : changes) variables.push_back(fmt::format("{}={}", name, value));
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw ClusterError(
        fmt::format("no pipe to a command could be made ({}); raise the limit of open files", std::strerror(errno)));
  return ends;
}

// Between fork and exec: only calls that are allowed after a fork.
[[noreturn]] void become(char** arguments, char** environment, int out, int err, int report) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int number : {SIGTERM, SIGINT, SIGPIPE, SIGXFSZ}) std::signal(number, SIG_DFL);
  std::signal(SIGUSR1, SIG_IGN);  // Slurm sends it to all processes of a job; it is meant for us, who then send SIGTERM
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execvpe(arguments[0], arguments, environment);
  const int error = errno;
  [[maybe_unused]] const auto ignored = write(report, &error, sizeof error);
  _exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment) {
  auto words = arguments;
  auto variables = environment_with(environment);
  const auto argv = pointers_to(words), envp = pointers_to(variables);
  const auto out = make_pipe(), err = make_pipe(), report = make_pipe();
  pid_ = fork();
  if (pid_ == 0) become(const_cast<char**>(argv.data()), const_cast<char**>(envp.data()), out[1], err[1], report[1]);
  for (const int end : {out[1], err[1], report[1]}) close(end);
  out_.descriptor = out[0];
  err_.descriptor = err[0];
  int error = pid_ < 0 ? errno : 0;
  if (pid_ > 0 && read(report[0], &error, sizeof error) > 0) waitpid(std::exchange(pid_, -1), nullptr, 0);
  close(report[0]);
  if (error == 0) {
    for (const int end : {out[0], err[0]}) fcntl(end, F_SETFL, O_NONBLOCK);
    return;
  }
  for (const int end : {out[0], err[0]}) close(end);
  throw ClusterError(fmt::format("'{}' cannot be started ({}); check trial.command on this node", arguments.front(),
                                 std::strerror(error)));
}

Process::~Process() {
  if (!status_) {
    signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  for (const auto* pipe : {&out_, &err_})
    if (pipe->descriptor >= 0) close(pipe->descriptor);
}

Process::Lines Process::read_lines(int wait_ms) {
  std::array<pollfd, 2> waiting = {pollfd{out_.descriptor, POLLIN, 0}, pollfd{err_.descriptor, POLLIN, 0}};
  poll(waiting.data(), waiting.size(), wait_ms);
  Lines lines;
  drain(out_, lines.out);
  drain(err_, lines.err);
  return lines;
}

// Reads what is there. A progress bar ends its states with carriage returns, and what is printed next stands behind the
// last of them. At the end a line without a line feed is a line, too.
void Process::drain(Pipe& pipe, std::vector<std::string>& lines) {
  std::array<char, 4096> buffer;
  const auto finish_line = [&] {
    const auto text = trim(pipe.partial);
    if (!text.empty()) {
      pipe.last_line = text;
      lines.push_back(pipe.partial);
    }
    pipe.partial.clear();
  };
  while (pipe.descriptor >= 0) {
    const auto count = read(pipe.descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {  // nothing for now; or ever, where what it started holds the pipe open
      if (status_) finish_line();
      return;
    }
    if (count == 0) {
      close(std::exchange(pipe.descriptor, -1));
      finish_line();
      return;
    }
    keep_tail(buffer.data(), static_cast<std::size_t>(count));
    for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(count))) {
      if (c == '\n' || c == '\r')
        finish_line();
      else if (pipe.partial.size() < longest_line)
        pipe.partial.push_back(c);
    }
  }
}

void Process::keep_tail(const char* bytes, std::size_t count) {
  tail_.append(bytes, count);
  if (tail_.size() > 2 * longest_tail) tail_.erase(0, tail_.size() - longest_tail);
}

// The end of its output is no sign: what it started may hold the pipes open.
bool Process::has_ended() {
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_.has_value();
}

void Process::signal(int number) {
  if (pid_ > 0) kill(-pid_, number);
}

std::string Process::last_words() const {
  constexpr std::size_t most_bytes = 300;
  return excerpt(err_.last_line.empty() ? out_.last_line : err_.last_line, most_bytes);
}

std::string status_text(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("killed by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

}  // namespace seqsweep::trial
