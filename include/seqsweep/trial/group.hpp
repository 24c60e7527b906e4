// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <span>

namespace seqsweep::trial {

/// Thrown out of a wait for the others of a group that is given up, because one of them is lost. Every rank's training
/// state is then that of its last whole step.
class GroupAbandoned final : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "the group of ranks is given up"; }
};

/// The ranks that train one trial together: a power of two. Each call is collective over the group, and what it gives
/// is the same on every rank. Every call that waits may throw GroupAbandoned; nothing may be done with the group then.
class Group {
 public:
  virtual ~Group() = default;
  [[nodiscard]] virtual int rank() const = 0;  ///< within the group; 0 leads: it alone reports and writes files
  [[nodiscard]] virtual int size() const = 0;
  [[nodiscard]] bool is_leader() const { return rank() == 0; }

  /// Adds the ranks' blocks element by element in the fixed binary tree ((0+1)+(2+3))+…, the result everywhere.
  virtual void add_in_tree(std::span<float> values) = 0;

  /// The same in parts, so that what is finished travels while the rest is still being computed. Every rank starts the
  /// same sizes in the same order; a part must not be touched between its start and finish_add_in_tree(), after which
  /// the sums are in place everywhere. The bits do not depend on how a block is cut into parts.
  /// A group that cannot overlap adds at the start.
  virtual void start_add_in_tree(std::span<float> part) { add_in_tree(part); }
  /// Keeps started parts moving; to be called now and then while computing. Cheap, and nothing where nothing moves.
  virtual void progress() {}
  virtual void finish_add_in_tree() {}

  /// all[r·n … r·n + n-1] becomes what rank r gave as `mine`, n = mine.size(), the same on every rank.
  virtual void gather(std::span<const double> mine, std::span<double> all) = 0;
  /// The leader's bytes, everywhere.
  virtual void broadcast(std::span<std::byte> bytes) = 0;
};

/// A rank by itself.
class SoloGroup final : public Group {
 public:
  [[nodiscard]] int rank() const override { return 0; }
  [[nodiscard]] int size() const override { return 1; }
  void add_in_tree(std::span<float>) override {}
  void gather(std::span<const double> mine, std::span<double> all) override;
  void broadcast(std::span<std::byte>) override {}
};

}  // namespace seqsweep::trial
