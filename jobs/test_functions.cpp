// SPDX-License-Identifier: Apache-2.0
//
// Branin, Hartmann, Ackley, Rosenbrock and Levy as in Surjanovic, Bingham, "Virtual library of simulation experiments"
// (sfu.ca/~ssurjano). Ackley's domain is not centred on its optimum, or a search that begins in the middle had found
// it. The last three are made up in the shape of tuning a network: sums of squares, so that the optimum is known.
#include "test_functions.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::jobs {
namespace {

using search::Choice;
using search::Condition;
using search::Integer;
using search::LogUniform;
using search::Point;
using search::SearchSpace;
using search::Uniform;
using std::numbers::pi;

double square(double x) {
  return x * x;
}

// The number of a dimension that exists.
double number(const Point& point, std::size_t d) {
  const auto& value = *point.values[d];
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* word = std::get_if<std::string>(&value)) return *parse_real(*word);
  return std::get<double>(value);
}

const std::string& word(const Point& point, std::size_t d) {
  return std::get<std::string>(*point.values[d]);
}

std::vector<double> numbers(const Point& point) {
  std::vector<double> x(point.values.size());
  for (std::size_t d = 0; d < x.size(); ++d) x[d] = number(point, d);
  return x;
}

// [low, high]^size, dimensions x1, x2 …
SearchSpace box(std::size_t size, double low, double high) {
  std::vector<search::Dimension> dimensions;
  for (std::size_t d = 0; d < size; ++d) dimensions.push_back({"x" + std::to_string(d + 1), Uniform{low, high}, {}});
  return SearchSpace(std::move(dimensions));
}

SearchSpace branin_space() {
  return SearchSpace({{"x1", Uniform{-5, 10}, {}}, {"x2", Uniform{0, 15}, {}}});
}

double branin(const Point& point) {
  const double x1 = number(point, 0), x2 = number(point, 1);
  return square(x2 - 5.1 / (4 * pi * pi) * x1 * x1 + 5 / pi * x1 - 6) + 10 * (1 - 1 / (8 * pi)) * std::cos(x1) + 10;
}

// -Σ_i α_i exp(-Σ_d A_id (x_d - P_id)²)
template <std::size_t D>
double hartmann(const Point& point, const double (&A)[4][D], const double (&P)[4][D]) {
  constexpr double alpha[4] = {1.0, 1.2, 3.0, 3.2};
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    double distance = 0;
    for (std::size_t d = 0; d < D; ++d) distance += A[i][d] * square(number(point, d) - P[i][d]);
    sum -= alpha[i] * std::exp(-distance);
  }
  return sum;
}

double hartmann3(const Point& point) {
  constexpr double A[4][3] = {{3, 10, 30}, {0.1, 10, 35}, {3, 10, 30}, {0.1, 10, 35}};
  constexpr double P[4][3] = {
      {0.3689, 0.1170, 0.2673}, {0.4699, 0.4387, 0.7470}, {0.1091, 0.8732, 0.5547}, {0.0381, 0.5743, 0.8828}};
  return hartmann(point, A, P);
}

double hartmann6(const Point& point) {
  constexpr double A[4][6] = {
      {10, 3, 17, 3.5, 1.7, 8}, {0.05, 10, 17, 0.1, 8, 14}, {3, 3.5, 1.7, 10, 17, 8}, {17, 8, 0.05, 10, 0.1, 14}};
  constexpr double P[4][6] = {{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
                              {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
                              {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
                              {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}};
  return hartmann(point, A, P);
}

double ackley(const Point& point) {
  const auto x = numbers(point);
  const double D = static_cast<double>(x.size());
  double squares = 0, cosines = 0;
  for (const double x_d : x) {
    squares += x_d * x_d;
    cosines += std::cos(2 * pi * x_d);
  }
  return 20 + std::numbers::e - 20 * std::exp(-0.2 * std::sqrt(squares / D)) - std::exp(cosines / D);
}

double rosenbrock(const Point& point) {
  const auto x = numbers(point);
  double sum = 0;
  for (std::size_t d = 0; d + 1 < x.size(); ++d) sum += 100 * square(x[d + 1] - square(x[d])) + square(x[d] - 1);
  return sum;
}

double levy(const Point& point) {
  auto w = numbers(point);
  for (double& w_d : w) w_d = 1 + (w_d - 1) / 4;
  double sum = square(std::sin(pi * w.front())) + square(w.back() - 1) * (1 + square(std::sin(2 * pi * w.back())));
  for (std::size_t d = 0; d + 1 < w.size(); ++d) sum += square(w[d] - 1) * (1 + 10 * square(std::sin(pi * w[d] + 1)));
  return sum;
}

// An optimizer and what suits it: numbers, integers and names that depend on each other.
SearchSpace mixed_space() {
  return SearchSpace({{"learning_rate", LogUniform{1e-5, 1}, {}},
                      {"batch_size", Choice{{"16", "32", "64", "128", "256"}}, {}},
                      {"layers", Integer{1, 6}, {}},
                      {"optimizer", Choice{{"sgd", "adam", "rmsprop"}}, {}},
                      {"momentum", Uniform{0, 0.99}, {}}});
}

double mixed(const Point& point) {
  struct Optimizer {
    double floor, log_rate, momentum;  // what is best for it
  };
  const auto& name = word(point, 3);
  const auto optimizer = name == "sgd"    ? Optimizer{0.1, -1.0, 0.95}
                         : name == "adam" ? Optimizer{0, -2.7, 0.8}
                                          : Optimizer{0.05, -3.2, 0.3};
  const double log_rate = std::log10(number(point, 0));
  const double log_batch = std::log2(number(point, 1)) - 6;
  return optimizer.floor + 0.3 * square(log_rate - optimizer.log_rate - 0.3 * log_batch) + 0.02 * square(log_batch) +
         0.03 * square(number(point, 2) - 3) + 0.5 * square(number(point, 4) - optimizer.momentum);
}

// A recurrent network: layers bring dimensions of their own.
SearchSpace conditional_space() {
  const auto size = Integer{8, 256, 1, true};
  const auto is_deep = Condition{"layers", {"2", "3"}};
  return SearchSpace({{"learning_rate", LogUniform{1e-4, 1e-1}, {}},
                      {"cell", Choice{{"rnn", "lstm", "gru"}}, {}},
                      {"activation", Choice{{"tanh", "relu"}}, Condition{"cell", {"rnn"}}},
                      {"layers", Integer{1, 3}, {}},
                      {"size_1", size, {}},
                      {"size_2", size, is_deep},
                      {"size_3", size, Condition{"layers", {"3"}}},
                      {"dropout", Uniform{0, 0.6}, is_deep}});
}

double conditional(const Point& point) {
  constexpr double of_layers[] = {0.15, 0, 0.05};
  constexpr double best_log_size[] = {7, 6, 5};
  const auto num_layers = static_cast<std::size_t>(number(point, 3));
  const auto& cell = word(point, 1);
  double loss = cell == "lstm" ? 0 : cell == "gru" ? 0.05 : 0.2;
  if (cell == "rnn" && word(point, 2) == "relu") loss += 0.1;
  loss += of_layers[num_layers - 1];
  loss += 0.2 * square(std::log10(number(point, 0)) + 2 + 0.25 * static_cast<double>(num_layers - 1));
  for (std::size_t l = 0; l < num_layers; ++l)
    loss += 0.03 * square(std::log2(number(point, 4 + l)) - best_log_size[l]);
  return num_layers > 1 ? loss + square(number(point, 7) - 0.2) : loss;
}

// A validation loss: training is best at a rate half of the one from which it diverges, and that rate depends on the
// rest; with a small rate nothing is learned.
SearchSpace network_space() {
  return SearchSpace({{"learning_rate", LogUniform{1e-5, 1}, {}},
                      {"hidden_size", Integer{16, 512, 1, true}, {}},
                      {"dropout", Uniform{0, 0.7}, {}},
                      {"weight_decay", LogUniform{1e-8, 1e-1}, {}},
                      {"clip_norm", LogUniform{0.1, 100}, {}}});
}

double network(const Point& point) {
  const double log_rate = std::log10(number(point, 0)), log_size = std::log2(number(point, 1));
  const double log_decay = std::log10(number(point, 3)), log_clip = std::log10(number(point, 4));
  const double log_edge = -1 - 0.15 * (log_size - 6) - 0.25 * log_clip;
  if (log_rate > log_edge) return std::numeric_limits<double>::infinity();
  return 0.2 + 0.8 * (1 - std::exp(-0.5 * square(log_rate - (log_edge - 0.3)))) + 0.03 * square(log_size - 7) +
         0.5 * square(number(point, 2) - 0.05 * (log_size - 2)) + 0.1 * (1 - std::exp(-square(log_decay + 4) / 8)) +
         0.02 * square(log_clip);
}

constexpr double branin_optimum = 0.39788735772973816;

}  // namespace

std::span<const TestFunction> test_function_catalogue() {
  static constexpr std::array<TestFunction, 10> catalogue = {{
      {"branin", "2 dimensions, three equal optima", branin_space, branin, branin_optimum},
      {"hartmann3", "3 dimensions, smooth", [] { return box(3, 0, 1); }, hartmann3, -3.8627797873326603},
      {"hartmann6", "6 dimensions, smooth", [] { return box(6, 0, 1); }, hartmann6, -3.3223680114155147},
      {"ackley", "5 dimensions, a narrow funnel with ripples", [] { return box(5, -15, 30); }, ackley, 0},
      {"rosenbrock", "4 dimensions, a bent valley", [] { return box(4, -5, 10); }, rosenbrock, 0},
      {"levy", "5 dimensions, many local optima", [] { return box(5, -10, 10); }, levy, 0},
      {"noisy_branin", "branin with noise", branin_space, branin, branin_optimum, 2},
      {"mixed", "5 dimensions: numbers, integers, names", mixed_space, mixed, 0},
      {"conditional", "4 to 7 dimensions, by the number of layers", conditional_space, conditional, 0},
      {"network", "5 dimensions, diverges in a fifth of the space", network_space, network, 0.2},
  }};
  return catalogue;
}

const TestFunction& find_test_function(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& function : test_function_catalogue()) {
    if (function.name == name) return function;
    names.emplace_back(function.name);
  }
  throw ConfigError("unknown test function '" + name + "' " + known_names(name, names), "command line", "functions");
}

double measured(const TestFunction& function, double value, std::uint64_t seed, TrialId trial) {
  if (function.noise_sd == 0) return value;
  auto stream = RandomKey(seed).fold(Purpose::test).fold(static_cast<std::uint64_t>(trial.value)).stream();
  return value + function.noise_sd * stream.normal();
}

}  // namespace seqsweep::jobs
