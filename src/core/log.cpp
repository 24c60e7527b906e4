// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/core/log.hpp"

#include <memory>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace seqsweep::log {
namespace {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = spdlog::stderr_logger_mt("seqsweep");
    made->set_pattern("seqsweep: %v");
    return made;
  }();
  return *instance;
}

}  // namespace

void start(Level level, int rank) {
  const bool verbose = level == Level::verbose;
  logger().set_level(verbose                 ? spdlog::level::debug
                     : level == Level::quiet ? spdlog::level::warn
                                             : spdlog::level::info);
  if (verbose) logger().set_pattern(rank >= 0 ? fmt::format("[%H:%M:%S.%e rank {}] %v", rank) : "[%H:%M:%S.%e] %v");
}

void info(const std::string& text) {
  logger().info(text);
}
void warning(const std::string& text) {
  logger().warn("warning: {}", text);
}
void detail(const std::string& text) {
  logger().debug(text);
}

}  // namespace seqsweep::log
