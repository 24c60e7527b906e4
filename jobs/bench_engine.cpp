// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <iostream>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/nn/instruction_set.hpp"

#include "bench.hpp"
#include "bench_training.hpp"
#include "command_line.hpp"
#include "in_world.hpp"
#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;

using Json = nlohmann::ordered_json;

constexpr auto about =
    "Trains on random sequences held in memory, with the code that a sweep runs, and takes the time\n"
    "of optimizer steps: gathering the batch, forward, loss, back-propagation, adding shards,\n"
    "optimizer. Without a shape: a table of rnn, lstm and gru with H = 32 … 512 (half a minute).\n"
    "Figures are medians over rounds of 0.2 s or more.\n"
    "\n"
    "GFLOP/s counts two operations for each multiply-add of the forward pass, three times (forward,\n"
    "input gradient, weight gradient), but no gradient of the input where it is features; gate\n"
    "mathematics and optimizer do not count. The peak is what a burst of FMA instructions reaches on\n"
    "the same core right before or after each round, whichever is more.\n"
    "\n"
    "Under mpirun all ranks train one network, each a part of every batch (--batch is the whole\n"
    "batch); with --alone each rank trains one of its own. Figures are those of all ranks together.\n"
    "\n"
    "--json prints one object for a shape, or an array of them for the table, with the keys\n"
    "  shape {cell, activation, input, vocabulary, embedding, hidden, layers, bidirectional, outputs,\n"
    "  per_step, batch, steps, min_steps}, shards, ranks, alone, optimizer, rounds, instruction_set,\n"
    "  sequences_per_s, sequences_per_s_range, time_steps_per_s, ms_per_step, gflops, peak_gflops,\n"
    "  share_of_peak, share_of_peak_range, data_share, reduce_share, bytes_per_rank.\n"
    "Keys are never renamed.";

constexpr std::array shape_options = {"cell",   "activation", "input",         "vocabulary", "embedding",
                                      "hidden", "layers",     "bidirectional", "outputs",    "per-step",
                                      "batch",  "steps",      "min-steps"};

po::options_description described() {
  const BenchShape shape;
  const BenchSettings settings;
  po::options_description options("options", terminal_columns);
  const auto number = [](int value, const char* name) {
    return po::value<int>()->default_value(value)->value_name(name);
  };
  const auto word = [](const std::string& value, const char* name) {
    return po::value<std::string>()->default_value(value)->value_name(name);
  };
  options.add_options()                                                                                           //
      ("cell", word(shape.cell, "NAME"), "rnn, lstm or gru")                                                      //
      ("activation", word(shape.activation, "NAME"), "of cell rnn: tanh, relu or sigmoid")                        //
      ("input", number(shape.num_features, "D"), "features of a step")                                            //
      ("vocabulary", number(0, "V"), "tokens instead of features, so many; 0: features")                          //
      ("embedding", number(shape.embedding_size, "E"), "embedding size of a token")                               //
      ("hidden", number(shape.hidden_size, "H"), "units of a layer and direction")                                //
      ("layers", number(shape.num_layers, "L"), "recurrent layers")                                               //
      ("bidirectional", "each layer reads in both directions")                                                    //
      ("outputs", number(0, "K"), "0: one number; two classes for tokens, with --per-step V")                     //
      ("per-step", "a target for each step instead of one per sequence")                                          //
      ("batch", number(shape.batch_size, "B"), "sequences in a minibatch")                                        //
      ("steps", number(shape.num_steps, "T"), "steps of a sequence")                                              //
      ("min-steps", number(0, "T"), "lengths are uniform from this to --steps; 0: all alike")                     //
      ("shards", number(0, "S"), "parts of a batch, as train.shards: a power of two; 0: its default")             //
      ("optimizer", word(settings.optimizer, "NAME"), "sgd, adam, adamw or rmsprop")                              //
      ("rounds", number(settings.num_rounds, "N"), "measurements, of which the median is shown")                  //
      ("alone", "under mpirun: each rank trains a network of its own")                                            //
      ("isa", po::value<std::string>()->value_name("NAME"), "instruction set: avx2, avx512 (default: the best)")  //
      ("json", "print JSON instead of text");
  return options;
}

int number_of(const po::variables_map& options, const std::string& name, int least, int most) {
  const int value = options[name].as<int>();
  if (value < least || value > most)
    throw ConfigError(fmt::format("--{} {} must be between {} and {}", name, value, least, most), "command line", name);
  return value;
}

BenchShape shape_of(const po::variables_map& options) {
  constexpr int most_units = 65536, most_steps = 1'000'000;
  BenchShape shape;
  shape.cell = options["cell"].as<std::string>();
  shape.activation = options["activation"].as<std::string>();
  shape.num_features = number_of(options, "input", 1, most_units);
  shape.vocabulary = number_of(options, "vocabulary", 0, 10'000'000);
  shape.embedding_size = number_of(options, "embedding", 1, most_units);
  shape.hidden_size = number_of(options, "hidden", 1, most_units);
  shape.num_layers = number_of(options, "layers", 1, 64);
  shape.bidirectional = options.count("bidirectional") > 0;
  shape.num_outputs = number_of(options, "outputs", 0, most_units);
  shape.has_step_head = options.count("per-step") > 0;
  shape.batch_size = number_of(options, "batch", 1, 1'000'000);
  shape.num_steps = number_of(options, "steps", 1, most_steps);
  shape.min_steps = number_of(options, "min-steps", 0, shape.num_steps);
  if (shape.cell != "rnn") refuse_unused(options, {"activation"}, fmt::format("for cell {}", shape.cell));
  if (shape.vocabulary == 0) refuse_unused(options, {"embedding"}, "without --vocabulary");
  if (shape.vocabulary > 0 && !options["input"].defaulted())
    throw ConfigError("--vocabulary and --input exclude each other: a step is a token or a row of features",
                      "command line", "vocabulary");
  return shape;
}

BenchSettings settings_of(const po::variables_map& options) {
  BenchSettings settings;
  settings.num_shards = number_of(options, "shards", 0, 1024);
  if ((settings.num_shards & (settings.num_shards - 1)) != 0)
    throw ConfigError(fmt::format("--shards {} is no power of two", settings.num_shards), "command line", "shards");
  settings.optimizer = options["optimizer"].as<std::string>();
  settings.num_rounds = number_of(options, "rounds", 1, 10'000);
  settings.rank_use = options.count("alone") > 0 ? RankUse::alone : RankUse::together;
  return settings;
}

bool has_shape(const po::variables_map& options) {
  for (const auto* name : shape_options)
    if (options.count(name) > 0 && !options[name].defaulted()) return true;
  return false;
}

struct Measured {
  BenchShape shape;
  TrainingRates rates;
};

Json to_json(const Measured& measured, const BenchSettings& settings, int num_ranks) {
  const auto& [shape, rates] = measured;
  const auto spec = network_of(shape);
  return {{"shape",
           {{"cell", shape.cell},
            {"activation", shape.activation},
            {"input", spec.num_features},
            {"vocabulary", shape.vocabulary},
            {"embedding", spec.vocabulary > 0 ? spec.embedding_size : 0},
            {"hidden", shape.hidden_size},
            {"layers", shape.num_layers},
            {"bidirectional", shape.bidirectional},
            {"outputs", spec.num_outputs},
            {"per_step", shape.has_step_head},
            {"batch", shape.batch_size},
            {"steps", shape.num_steps},
            {"min_steps", shape.min_steps > 0 ? shape.min_steps : shape.num_steps}}},
          {"shards", rates.num_shards},
          {"ranks", num_ranks},
          {"alone", settings.rank_use == RankUse::alone},
          {"optimizer", settings.optimizer},
          {"rounds", settings.num_rounds},
          {"instruction_set", nn::instruction_set_in_use()},
          {"sequences_per_s", rates.sequences_per_s.median},
          {"sequences_per_s_range", {rates.sequences_per_s.least, rates.sequences_per_s.most}},
          {"time_steps_per_s", rates.time_steps_per_s},
          {"ms_per_step", rates.ms_per_step},
          {"gflops", rates.gflops.median},
          {"peak_gflops", rates.peak_gflops.median},
          {"share_of_peak", rates.share_of_peak.median},
          {"share_of_peak_range", {rates.share_of_peak.least, rates.share_of_peak.most}},
          {"data_share", rates.data_share},
          {"reduce_share", rates.reduce_share},
          {"bytes_per_rank", rates.bytes_per_rank}};
}

std::string to_text(const std::vector<Measured>& table, const BenchSettings& settings, int num_ranks) {
  TextTable text;
  text.columns = {{"shape", true}, {"shards"}, {"sequences/s"}, {"ms/step"},
                  {"GFLOP/s"},     {"peak"},   {"share"},       {"memory/rank"}};
  for (const auto& [shape, rates] : table)
    text.rows.push_back({text_of(shape), std::to_string(rates.num_shards), four_digits(rates.sequences_per_s.median),
                         four_digits(rates.ms_per_step), four_digits(rates.gflops.median),
                         four_digits(rates.peak_gflops.median), percent(rates.share_of_peak.median),
                         human_bytes(rates.bytes_per_rank)});
  const char* use = num_ranks == 1                        ? "1 rank"
                    : settings.rank_use == RankUse::alone ? "ranks, each by itself"
                                                          : "ranks together";
  return fmt::format("Training step with {}, {}{}, {}; medians of {} rounds\n{}", settings.optimizer,
                     num_ranks == 1 ? "" : fmt::format("{} ", num_ranks), use, nn::instruction_set_in_use(),
                     settings.num_rounds, text.text());
}

int measure_in(const cluster::World& world, Arguments arguments) {
  std::optional<CommandLine> line;
  std::vector<BenchShape> shapes;
  BenchSettings settings;
  world.agree(error_of([&] {
    line = read_command_line({"bench engine", {}, about, described()}, arguments);
    if (!line) return;
    settings = settings_of(line->options);
    shapes = has_shape(line->options) ? std::vector{shape_of(line->options)} : default_shapes();
    if (line->options.count("isa") > 0) nn::use_instruction_set(line->options["isa"].as<std::string>());
  }));
  if (!line) return static_cast<int>(ExitCode::done);

  std::vector<Measured> table;
  for (const auto& shape : shapes) table.push_back({shape, measure_training(shape, settings, world)});
  if (line->options.count("json") == 0) {
    std::cout << to_text(table, settings, world.size());
    return static_cast<int>(ExitCode::done);
  }
  Json json = Json::array();
  for (const auto& measured : table) json.push_back(to_json(measured, settings, world.size()));
  std::cout << (has_shape(line->options) ? json[0] : json).dump(2) << '\n';
  return static_cast<int>(ExitCode::done);
}

}  // namespace

int run_bench_engine(Arguments arguments) {
  return run_in_world([&](const cluster::World& world) { return measure_in(world, arguments); });
}

}  // namespace seqsweep::jobs
