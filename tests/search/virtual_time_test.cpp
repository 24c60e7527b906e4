// SPDX-License-Identifier: Apache-2.0
//
// The Study against a model of the virtual clock written as plainly as possible: promotion ASHA, one list of what is
// running, one sorted list per rung, everything looked up by going through it.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "simulation.hpp"

namespace seqsweep::search {
namespace {

struct ModelDecision {
  double start, finish;
  int trial, rung;
};

struct Model {
  std::vector<double> cost_per_epoch;  // of each trial
  int concurrency, trials;
  std::vector<int> rungs;  // [epochs]
  std::size_t eta;
  World world;

  int started = 0;
  std::vector<std::vector<std::pair<double, int>>> ranking{rungs.size()};  // rung -> sorted (value, trial)
  std::vector<std::set<int>> promoted{rungs.size()};
  std::vector<ModelDecision> running{}, decisions{};

  int epochs_before(int rung) const { return rung == 0 ? 0 : rungs[static_cast<std::size_t>(rung) - 1]; }

  bool next_segment(int& trial, int& rung) {
    for (auto r = rungs.size() - 1; r-- > 0;)
      for (std::size_t i = 0; i < ranking[r].size() / eta; ++i)
        if (promoted[r].insert(ranking[r][i].second).second) {
          trial = ranking[r][i].second;
          rung = static_cast<int>(r) + 1;
          return true;
        }
    trial = started;
    rung = 0;
    return started++ < trials;
  }

  void decide(double now) {
    int trial = 0, rung = 0;
    while (running.size() < static_cast<std::size_t>(concurrency) && next_segment(trial, rung)) {
      const int epochs = rungs[static_cast<std::size_t>(rung)] - epochs_before(rung);
      running.push_back({now, now + cost_per_epoch[static_cast<std::size_t>(trial)] * epochs, trial, rung});
      decisions.push_back(running.back());
    }
  }

  // Results arrive at their virtual finish: what any other arrival must amount to.
  void run() {
    decide(0);
    while (!running.empty()) {
      const auto first = std::min_element(running.begin(), running.end(),
                                          [](const auto& a, const auto& b) { return a.finish < b.finish; });
      const auto done = *first;
      running.erase(first);
      auto& rung = ranking[static_cast<std::size_t>(done.rung)];
      rung.emplace_back(world.value(TrialId(done.trial), rungs[static_cast<std::size_t>(done.rung)]), done.trial);
      std::sort(rung.begin(), rung.end());
      decide(done.finish);
    }
  }
};

TEST(VirtualTime, the_study_decides_as_the_model) {
  for (const auto& [seed, concurrency, eta, max_epochs, rungs] :
       {std::tuple{1, 16, 4, 16, std::vector{1, 4, 16}}, std::tuple{2, 16, 4, 16, std::vector{1, 4, 16}},
        std::tuple{3, 1, 2, 8, std::vector{1, 2, 4, 8}}, std::tuple{4, 7, 3, 20, std::vector{1, 3, 9, 20}},
        std::tuple{5, 300, 4, 16, std::vector{1, 4, 16}}}) {
    const World world{
        .seed = static_cast<std::uint64_t>(seed), .has_early_endings = false, .num_levels = seed == 2 ? 5 : 100000};
    StudyOptions options{
        .seed = static_cast<std::uint64_t>(seed), .ends = {.trials = 200}, .concurrency = concurrency, .scheduler = {}};
    options.scheduler = {.name = "asha", .max_epochs = max_epochs, .reduction_factor = eta};
    // Costs without ties: the model breaks ties as the study does only where none are.
    const SearchSpace space({{"cost", LogUniform{1, 100}, {}}});
    Study study(options, space, [](const Point& point) { return std::get<double>(*point.values[0]); });
    run_in_random_order(study, world, static_cast<std::uint64_t>(seed));

    std::vector<double> costs;
    for (const auto& trial : study.trials()) costs.push_back(std::get<double>(*trial.point.values[0]));
    ASSERT_EQ(costs.size(), 200u);
    Model model{costs, concurrency, 200, rungs, static_cast<std::size_t>(eta), world};
    model.run();

    ASSERT_EQ(study.decisions().size(), model.decisions.size());
    for (std::size_t i = 0; i < model.decisions.size(); ++i) {
      const auto& mine = study.decisions()[i];
      const auto& expected = model.decisions[i];
      ASSERT_EQ(mine.trial.value, expected.trial) << "decision " << i;
      ASSERT_EQ(mine.from_epoch, model.epochs_before(expected.rung)) << "decision " << i;
      ASSERT_EQ(mine.to_epoch, rungs[static_cast<std::size_t>(expected.rung)]) << "decision " << i;
      ASSERT_DOUBLE_EQ(mine.virtual_start, expected.start) << "decision " << i;
      ASSERT_DOUBLE_EQ(mine.virtual_finish, expected.finish) << "decision " << i;
    }
    EXPECT_GT(model.decisions.size(), 220u) << "nothing was promoted";
  }
}

}  // namespace
}  // namespace seqsweep::search
