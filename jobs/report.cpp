// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/report/page.hpp"
#include "seqsweep/store/results_file.hpp"

#include "command_line.hpp"
#include "own_input.hpp"
#include "recorded_reach.hpp"
#include "report_text.hpp"
#include "stop_signal.hpp"
#include "whole_file.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

constexpr auto about =
    "Writes one page that opens in any browser, without network or server: the best configuration and how\n"
    "sure it is, progress, trials, learning curves, importance, rungs, gradient flow, and where the time\n"
    "went. The sweep may still be running; --watch then writes the page again until the sweep is finished,\n"
    "and the open page follows.";

std::string now_text() {
  return fmt::format("{:%Y-%m-%d %H:%M:%S %Z}", fmt::localtime(std::time(nullptr)));
}

struct ReportOptions {
  std::string results, output;
  int watch_s = 0;  // [s] 0: once
};

// Whether the sweep is finished by now.
bool write_report(const ReportOptions& options, int reload_s) {
  const auto results = store::read_results(options.results);
  report::PageContext context;
  context.results_path = options.results;
  context.made_at = now_text();
  context.budget = recorded_reach(results.header).sentence;
  context.reload_s = results.is_sealed ? 0 : reload_s;
  write_whole_file(options.output, report::page(results, context));
  return results.is_sealed;
}

void wait(int seconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (stop_signal() == nullptr && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

// Until the sweep is finished, or somebody stops it: then the last page no longer loads itself again.
void watch(const ReportOptions& options) {
  catch_stop_signals();
  bool is_finished = write_report(options, options.watch_s);
  while (!is_finished && stop_signal() == nullptr) {
    wait(options.watch_s);
    try {
      is_finished = write_report(options, stop_signal() == nullptr ? options.watch_s : 0);
    } catch (const StoreError& error) {  // a sweep that is killed, resumed or sealed replaces its file
      log::warning(error.what());
    }
  }
}

// A page is written again as often as one likes; anything else of that name is somebody's work.
void refuse_other_file(const std::string& output) {
  std::string beginning(2, '\0');
  std::ifstream file(output, std::ios::binary);
  if (!fs::is_regular_file(output) || fs::is_empty(output) || !file.read(beginning.data(), 2)) return;
  if (beginning != "<!")
    throw ConfigError(fmt::format("{} exists and is no page; give another name with -o, or remove it", output),
                      "command line", "output");
}

ReportOptions options_of(const CommandLine& line) {
  ReportOptions options;
  options.results = line.positional.at("RESULTS.h5");
  options.output = line.options["output"].as<std::string>();
  if (options.output.empty()) options.output = fs::path(options.results).replace_extension(".html").string();
  refuse_own_input(options.output, std::array{options.results});
  refuse_other_file(options.output);
  if (line.options.count("watch") == 0) return options;
  options.watch_s = line.options["watch"].as<int>();
  if (options.watch_s < 1) throw ConfigError("--watch must be 1 or more seconds", "command line", "watch");
  return options;
}

}  // namespace

int run_report(Arguments arguments) {
  CommandLineSpec spec{"report", {"RESULTS.h5"}, about, po::options_description("options", terminal_columns)};
  spec.options.add_options()  //
      ("output,o", po::value<std::string>()->default_value("", "RESULTS.html")->value_name("PAGE.html"),
       "where to write it")  //
      ("watch", po::value<int>()->value_name("N"), "write it again every N seconds until the sweep is finished");
  const auto line = read_command_line(std::move(spec), arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  const auto options = options_of(*line);
  if (const auto library = report::plot_library(); !library.is_there)
    log::warning(fmt::format("the page will have tables instead of plots: {}", library.why_not));
  if (options.watch_s > 0)
    watch(options);
  else
    write_report(options, 0);
  fmt::print("{}\n", options.output);
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
