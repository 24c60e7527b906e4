// SPDX-License-Identifier: Apache-2.0
#include "support.hpp"

#include <algorithm>
#include <barrier>
#include <filesystem>
#include <thread>

#include <unistd.h>

#include "seqsweep/core/random.hpp"

namespace seqsweep::trial::testing_support {
namespace {

struct ScratchDirectory {
  ScratchDirectory() : path(std::filesystem::temp_directory_path() / ("seqsweep-trial-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

data::Split split_of(int sequence) {
  return sequence < 50 ? data::Split::train : sequence < 70 ? data::Split::validation : data::Split::test;
}

// What the ranks of a group share: a place for everybody's values, and a meeting point before and after.
struct Meeting {
  explicit Meeting(int num_ranks) : barrier(num_ranks), places(static_cast<std::size_t>(num_ranks)) {}
  std::barrier<> barrier;
  std::vector<std::span<std::byte>> places;
};

class ThreadGroup final : public Group {
 public:
  ThreadGroup(int rank, int size, Meeting& meeting) : rank_(rank), size_(size), meeting_(meeting) {}
  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }

  void add_in_tree(std::span<float> values) override {
    std::vector<float> sum;
    exchange(std::as_writable_bytes(values), [&] { sum = tree(0, size_, values.size()); });
    std::copy(sum.begin(), sum.end(), values.begin());
  }
  void gather(std::span<const double> mine, std::span<double> all) override {
    std::vector<double> copy(mine.begin(), mine.end());
    exchange(std::as_writable_bytes(std::span(copy)), [&] {
      for (std::size_t r = 0; r < meeting_.places.size(); ++r)
        std::copy_n(reinterpret_cast<const double*>(meeting_.places[r].data()), mine.size(),
                    all.begin() + static_cast<std::ptrdiff_t>(r * mine.size()));
    });
  }
  void broadcast(std::span<std::byte> bytes) override {
    std::vector<std::byte> leaders;
    exchange(bytes, [&] { leaders.assign(meeting_.places[0].begin(), meeting_.places[0].end()); });
    std::copy(leaders.begin(), leaders.end(), bytes.begin());
  }

 private:
  template <class Read>
  void exchange(std::span<std::byte> mine, Read read) {
    meeting_.places[static_cast<std::size_t>(rank_)] = mine;
    meeting_.barrier.arrive_and_wait();
    read();
    meeting_.barrier.arrive_and_wait();
  }
  [[nodiscard]] std::vector<float> tree(int first, int count, std::size_t size) const {
    const auto* values = reinterpret_cast<const float*>(meeting_.places[static_cast<std::size_t>(first)].data());
    if (count == 1) return {values, values + size};
    auto left = tree(first, count / 2, size);
    const auto right = tree(first + count / 2, count / 2, size);
    for (std::size_t i = 0; i < size; ++i) left[i] = left[i] + right[i];
    return left;
  }

  int rank_, size_;
  Meeting& meeting_;
};

}  // namespace

std::string scratch(const std::string& name) {
  static const ScratchDirectory directory;
  return (directory.path / name).string();
}

data::Dataset write_and_load(data::SequenceTable table, const std::string& name) {
  table.header.name = name;
  data::set_floors(table);
  data::write_dataset(table, scratch(name + ".h5"), data::IfExists::overwrite);
  return data::Dataset::load(scratch(name + ".h5"));
}

const data::Dataset& regression_data() {
  static const data::Dataset dataset = [] {
    auto random = RandomKey(3).fold(Purpose::test).stream();
    data::SequenceTable table;
    table.header.num_features = 2;
    table.header.feature_names = {"value", "marker"};
    table.header.feature_mean = {0, 0};
    table.header.feature_sd = {1, 1};
    table.header.target_mean = {0};
    table.header.target_sd = {1};
    for (int s = 0; s < 90; ++s) {
      const std::size_t start = table.num_steps();
      const auto length = 3 + random.below(10);
      float sum = 0;
      for (std::uint32_t t = 0; t < length; ++t) {
        table.features.push_back(static_cast<float>(random.uniform()));
        table.features.push_back(t % 3 == 0 ? 1.0F : 0.0F);
        if (t % 3 == 0) sum += table.features[table.features.size() - 2];
      }
      table.targets.push_back(sum);
      table.close_sequence(start, split_of(s));
    }
    return write_and_load(std::move(table), "regression");
  }();
  return dataset;
}

const data::Dataset& tagging_data() {
  static const data::Dataset dataset = [] {
    auto random = RandomKey(4).fold(Purpose::test).stream();
    data::SequenceTable table;
    table.header.vocabulary = 11;
    table.header.target_kind = data::TargetKind::classes;
    table.header.target_position = data::TargetPosition::per_step;
    table.header.num_outputs = 4;
    for (int s = 0; s < 90; ++s) {
      const std::size_t start = table.tokens.size();
      const auto length = 2 + random.below(9);
      for (std::uint32_t t = 0; t < length; ++t) {
        table.tokens.push_back(static_cast<std::int32_t>(1 + random.below(10)));
        table.classes.push_back(t == 0 ? 0 : table.tokens[table.tokens.size() - 2] % 4);
      }
      table.close_sequence(start, split_of(s));
    }
    return write_and_load(std::move(table), "tagging");
  }();
  return dataset;
}

TrialSettings small_settings() {
  TrialSettings settings;
  settings.network.loss = "auto";
  settings.network.cell = "lstm";
  settings.network.hidden_size = 7;
  settings.network.embedding_size = 5;
  settings.network.num_layers = 2;
  settings.network.dropout = 0.2;
  settings.optimizer.name = "adam";
  settings.optimizer.learning_rate = 0.01;
  settings.optimizer.clip_norm = 0.5;
  settings.optimizer.l2 = 1e-3;
  settings.batch_size = 16;
  settings.shards = 4;
  settings.max_epochs = 3;
  return settings;
}

void run_group(int num_ranks, const std::function<void(Group&)>& body) {
  Meeting meeting(num_ranks);
  std::vector<std::jthread> ranks;
  for (int rank = 0; rank < num_ranks; ++rank)
    ranks.emplace_back([&, rank] {
      ThreadGroup group(rank, num_ranks, meeting);
      body(group);
    });
}

}  // namespace seqsweep::trial::testing_support
