// SPDX-License-Identifier: Apache-2.0
#include "in_world.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <string>

#include <fmt/core.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/version.hpp"

namespace seqsweep::jobs {
namespace {

int ended_by(ExitCode exit_code, const std::string& where, const std::string& text) {
  fmt::print(stderr, "seqsweep: error: {}{}\n", where, text);
  return static_cast<int>(exit_code);
}

// What all ranks must have in common before they do anything together.
std::string program_text() {
  return fmt::format("seqsweep {} ({}, {})", program_version, git_revision, instruction_set);
}

// Rank 0 speaks for all. What it does not say may be due to another rank's node.
std::string place_of(const cluster::World& world) {
  return world.rank() == 0 ? "" : fmt::format("rank {} on host {}: ", world.rank(), world.host());
}

}  // namespace

int report_current_error(const std::string& where) {
  try {
    throw;
  } catch (const cluster::ElsewhereError& error) {
    return static_cast<int>(error.exit_code());
  } catch (const Error& error) {
    return ended_by(error.exit_code(), where, error.what());
  } catch (const std::bad_alloc&) {
    return ended_by(ExitCode::cluster, where,
                    "out of memory; choose a smaller model or batch, or fewer ranks on a node");
  } catch (const std::exception& error) {
    return ended_by(ExitCode::internal, where, error.what());
  }
}

int run_in_world(const std::function<int(const cluster::World&)>& part) {
  const cluster::World world;
  if (world.rank() != 0 && std::freopen("/dev/null", "w", stdout) == nullptr) std::fclose(stdout);
  int exit_code = 0;
  try {
    world.agree_on("program", program_text());
    exit_code = part(world);
  } catch (...) {
    exit_code = report_current_error(place_of(world));
    if (!world.has_parted()) world.abort(static_cast<ExitCode>(exit_code));
  }
  std::cout.flush();
  std::fflush(stdout);
  if (world.has_left_behind()) std::_Exit(exit_code);
  return exit_code;
}

std::exception_ptr error_of(const std::function<void()>& work) {
  try {
    work();
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace seqsweep::jobs
