// SPDX-License-Identifier: Apache-2.0
#include "simulation.hpp"

#include <algorithm>
#include <cmath>
#include <queue>

#include "seqsweep/core/random.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::search {
namespace {

RandomStream stream_of(std::uint64_t seed, TrialId trial, int epoch) {
  return RandomKey(seed)
      .fold(Purpose::test)
      .fold(static_cast<std::uint64_t>(trial.value))
      .fold(static_cast<std::uint64_t>(epoch))
      .stream();
}

}  // namespace

double World::value(TrialId trial, int epoch) const {
  double best = 1;
  for (int e = 1; e <= epoch; ++e) {
    auto stream = stream_of(seed, trial, e);
    best = std::min(best, std::floor(stream.uniform() * num_levels) / num_levels + 1.0 / e);
  }
  return best;
}

SegmentResult World::run(const Segment& segment) const {
  SegmentResult result{.trial = segment.trial, .from_epoch = segment.from_epoch, .to_epoch = segment.to_epoch};
  auto stream = stream_of(seed + 1000, segment.trial, segment.to_epoch);
  const double luck = has_early_endings ? stream.uniform() : 1;
  if (luck < 0.04)
    result.ending = Ending::failed;
  else if (luck < 0.10)
    result.ending = Ending::diverged;
  else if (luck < 0.18)
    result.ending = Ending::exhausted;
  const auto span = static_cast<std::uint32_t>(segment.to_epoch - segment.from_epoch);
  result.last_epoch = result.ending == Ending::reached ? segment.to_epoch
                                                       : segment.from_epoch + 1 + static_cast<int>(stream.below(span));
  result.value = luck > 0.18 && luck < 0.22 ? std::nan("") : value(segment.trial, result.last_epoch);
  for (int m = 1; m <= num_further; ++m) {
    auto further = stream_of(seed + 2000, segment.trial, m);
    result.further.push_back(std::floor(further.uniform() * num_levels) / num_levels);
  }
  return result;
}

SearchSpace simulated_space() {
  return SearchSpace({{"cell", Choice{{"rnn", "lstm", "gru"}}, {}},
                      {"hidden", Integer{1, 24}, {}},
                      {"activation", Choice{{"tanh", "relu"}}, Condition{"cell", {"rnn"}}},
                      {"dropout", Uniform{0, 0.5, 0.1}, Condition{"cell", {"lstm", "gru"}}}});
}

double simulated_cost(const Point& point) {
  const double gates = text_of(*point.values[0]) == "lstm" ? 4 : text_of(*point.values[0]) == "gru" ? 3 : 1;
  return gates * static_cast<double>(std::get<std::int64_t>(*point.values[1]));
}

void run_in_random_order(Study& study, const World& world, std::uint64_t order) {
  auto stream = RandomKey(order).fold(Purpose::test).stream();
  auto open = study.begin();
  while (!open.empty()) {
    std::swap(open[stream.below(static_cast<std::uint32_t>(open.size()))], open.back());
    const auto result = world.run(open.back());
    open.pop_back();
    for (auto& segment : study.report(result)) open.push_back(std::move(segment));
  }
}

void run_on_workers(Study& study, const World& world, int num_workers, std::uint64_t timing) {
  auto stream = RandomKey(timing).fold(Purpose::test).stream();
  using Done = std::pair<double, std::size_t>;  // wall time, index in `begun`
  std::priority_queue<Done, std::vector<Done>, std::greater<>> busy;
  std::vector<Segment> begun;
  std::deque<Segment> queue;
  const auto enqueue = [&](std::vector<Segment> segments) {
    for (auto& segment : segments) queue.push_back(std::move(segment));
  };
  double now = 0;
  enqueue(study.begin());
  while (!queue.empty() || !busy.empty()) {
    for (; !queue.empty() && busy.size() < static_cast<std::size_t>(num_workers); queue.pop_front()) {
      const double duration = queue.front().virtual_finish - queue.front().virtual_start;
      busy.emplace(now + duration * std::exp(stream.normal()), begun.size());
      begun.push_back(queue.front());
    }
    const auto [end, index] = busy.top();
    busy.pop();
    now = end;
    enqueue(study.report(world.run(begun[index])));
  }
}

std::vector<Decision> decisions_of(const Study& study) {
  std::vector<Decision> decisions;
  for (const auto& s : study.decisions())
    decisions.emplace_back(s.trial, s.from_epoch, s.to_epoch, s.virtual_start, s.virtual_finish, s.reason);
  return decisions;
}

std::vector<Point> points_of(const Study& study) {
  std::vector<Point> points;
  for (const auto& trial : study.trials()) points.push_back(trial.point);
  return points;
}

std::vector<std::string> outcomes_of(const Study& study) {
  std::vector<std::string> outcomes;
  for (const auto& trial : study.trials()) {
    auto text = std::string(name_of(trial.state)) + ": " + trial.reason;
    for (const auto& [epoch, value] : trial.curve)
      text.append(", ").append(shortest(epoch)).append(": ").append(shortest(value));
    outcomes.push_back(text);
  }
  return outcomes;
}

}  // namespace seqsweep::search
