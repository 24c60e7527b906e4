// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/config/plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/data/batches.hpp"
#include "seqsweep/data/excerpt.hpp"
#include "seqsweep/nn/gradient_block.hpp"
#include "seqsweep/nn/network.hpp"
#include "seqsweep/nn/optimizer.hpp"
#include "seqsweep/search/reach.hpp"
#include "seqsweep/trial/training.hpp"

#include "dimensions.hpp"
#include "keys.hpp"
#include "parameters.hpp"

namespace seqsweep::config {
namespace {

constexpr std::size_t most_points = 20'000;  // extremes looked at

// Size and cost rise with each of the numbers among these; names may go either way.
const std::set<std::string, std::less<>> size_keys = {"data.batch_size",  "model.cell",          "model.hidden_size",
                                                      "model.num_layers", "model.bidirectional", "model.embedding_size",
                                                      "train.optimizer"};

// ---- the extremes of a space

// Dropout needs memory for its masks, but says little about a model's size.
bool matters(const std::string& name) {
  return size_keys.contains(name) || name == "model.dropout";
}

// The dimensions that matter: by themselves, or because one of those depends on them.
std::set<std::string> relevant_dimensions(const search::SearchSpace& space) {
  std::set<std::string> relevant;
  const auto& dimensions = space.dimensions();
  for (auto d = dimensions.rbegin(); d != dimensions.rend(); ++d) {
    if (matters(d->name)) relevant.insert(d->name);
    if (relevant.contains(d->name) && d->condition) relevant.insert(d->condition->key);
  }
  return relevant;
}

// What conditions ask of a dimension.
std::set<std::string> values_in_conditions(const search::SearchSpace& space, const std::string& name) {
  std::set<std::string> values;
  for (const auto& dimension : space.dimensions())
    if (dimension.condition && dimension.condition->key == name)
      values.insert(dimension.condition->values.begin(), dimension.condition->values.end());
  return values;
}

std::vector<search::Value> extremes_of_choice(const search::Choice& choice, const std::string& name,
                                              const std::set<std::string>& in_conditions) {
  const auto kind = find_key(name)->kind;
  if (kind != Kind::integer && kind != Kind::real) return {choice.values.begin(), choice.values.end()};
  const auto is_less = [](const std::string& a, const std::string& b) {
    return parse_real(a).value_or(0) < parse_real(b).value_or(0);
  };
  const auto [low, high] = std::minmax_element(choice.values.begin(), choice.values.end(), is_less);
  std::vector<search::Value> values;
  for (auto v = choice.values.begin(); v != choice.values.end(); ++v)
    if (v == low || v == high || in_conditions.contains(*v)) values.emplace_back(*v);
  return values;
}

std::vector<search::Value> extremes(const search::SearchSpace& space, const search::Dimension& dimension) {
  const auto in_conditions = values_in_conditions(space, dimension.name);
  if (const auto* choice = std::get_if<search::Choice>(&dimension.distribution))
    return extremes_of_choice(*choice, dimension.name, in_conditions);
  const double highest_quantile = std::nextafter(1.0, 0.0);
  std::vector<search::Value> values = {search::value_at(dimension.distribution, 0),
                                       search::value_at(dimension.distribution, highest_quantile)};
  for (const auto& text : in_conditions)
    if (const auto whole = parse_integer(text)) values.emplace_back(*whole);
  return values;
}

/// Calls `see` with each combination of extremes, conditions observed; says whether it came to the end.
class Extremes {
 public:
  Extremes(const search::SearchSpace& space, std::function<void(const search::Point&)> see)
      : space_(space), relevant_(relevant_dimensions(space)), see_(std::move(see)) {}

  bool visit() {
    descend();
    return num_seen_ < most_points;
  }

 private:
  void descend() {
    if (num_seen_ >= most_points) return;
    const auto d = point_.values.size();
    if (d == space_.size()) {
      ++num_seen_;
      return see_(point_);
    }
    const auto& dimension = space_.dimensions()[d];
    if (!space_.is_active(d, point_)) return with(std::nullopt);
    if (!relevant_.contains(dimension.name)) return with(search::value_at(dimension.distribution, 0.5));
    for (const auto& value : extremes(space_, dimension)) with(value);
  }
  void with(std::optional<search::Value> value) {
    point_.values.push_back(std::move(value));
    descend();
    point_.values.pop_back();
  }

  const search::SearchSpace& space_;
  std::set<std::string> relevant_;
  std::function<void(const search::Point&)> see_;
  search::Point point_;
  std::size_t num_seen_ = 0;
};

// Of the size keys in the sections that begin with `section` ("model": the network alone; "": all).
std::string size_text_of(const search::SearchSpace& space, const search::Point& point, std::string_view section) {
  std::vector<std::string> parts;
  for (std::size_t d = 0; d < space.size(); ++d) {
    const auto& name = space.dimensions()[d].name;
    if (point.values[d] && size_keys.contains(name) && name.starts_with(section))
      parts.push_back(fmt::format("{} = {}", name, search::text_of(*point.values[d])));
  }
  return join(parts, ", ");
}

// ---- one point

nn::NetworkSpec spec_for(const trial::TrialSettings& settings, const DataFacts& data) {
  auto spec = settings.network;
  spec.num_features = data.num_features;
  spec.vocabulary = data.vocabulary;
  spec.num_outputs = data.num_outputs;
  spec.head = data.head;
  if (spec.loss == "auto") spec.loss = data.loss;
  return spec;
}

// Gradients of one rank: that of a pass and a partial sum on each level of the tree above. Of an embedding they hold
// the rows of their tokens.
double gradient_bytes(const nn::ParameterLayout& layout, int shards_in_all, int shards_together, double shard_steps) {
  const nn::Tensor* embedding = nn::embedding_of(layout);
  const auto dense = static_cast<double>(layout.size - nn::dense_begin(layout));
  const auto floats = [&](double steps) {
    return dense + (embedding != nullptr ? std::min<double>(embedding->rows, steps) * embedding->columns : 0);
  };
  double total = floats(shards_together * shard_steps);
  for (int shards = shards_together; shards < shards_in_all; shards *= 2) total += floats(shards * shard_steps);
  return total * sizeof(float);
}

// What the program takes before it has a network: itself, HDF5, MPI on one node. Measured; some MPIs take more.
constexpr double process_bytes = 20e6;

// Besides: weights, the best weights, the optimizer's slots, and what the network packs and keeps.
double rank_bytes(const trial::TrialSettings& settings, const nn::NetworkSpec& spec, const nn::ParameterLayout& layout,
                  const DataFacts& data) {
  const int shards = settings.shards > 0 ? settings.shards : data::default_shards(settings.batch_size);
  const int together = trial::shards_of_a_pass(spec, settings.batch_size, shards);
  const double shard_sequences = std::ceil(static_cast<double>(settings.batch_size) / shards);
  const double blocks = 2 + nn::make_optimizer(settings.optimizer)->num_slots();
  return process_bytes + blocks * static_cast<double>(layout.size * sizeof(float)) +
         gradient_bytes(layout, shards, together, shard_sequences * data.max_length) +
         nn::scratch_bytes(spec, shard_sequences, data.max_length, together) +
         (data.is_private ? data.dataset_bytes : 0);
}

// What an epoch trains with. Whole numbers: then sums of costs are exact, in whatever order they are added.
struct Work {
  double sequences, steps;
};

Work whole_work(const DataFacts& data) {
  return {data.train_sequences, data.train_steps};
}

// Sequences of a share are as long as all are on average.
Work work_of_epoch(const trial::TrialSettings& settings, const DataFacts& data, int epoch) {
  const auto& fidelity = settings.fidelity;
  auto work = whole_work(data);
  if (const double share = fidelity.share_of_sequences_at(epoch); share < 1) {
    work.sequences = static_cast<double>(
        data::sequences_in_share(static_cast<std::size_t>(data.train_sequences), share, settings.batch_size));
    work.steps = std::round(data.train_steps * (work.sequences / data.train_sequences));
  }
  if (const double share = fidelity.share_of_steps_at(epoch); share < 1) {
    work.steps = 0;
    for (const auto& [length, num_sequences] : data.train_lengths)
      work.steps += num_sequences * data::steps_in_share(length, share);
  }
  return work;
}

// Backward costs twice as much as forward; validation goes forward only.
double epoch_cost(const nn::NetworkSpec& spec, const Work& work, const DataFacts& data) {
  return 3 * nn::forward_multiply_adds(spec, work.steps, work.sequences) +
         nn::forward_multiply_adds(spec, data.validation_steps, data.validation_sequences);
}

void raise_to(Plan& plan, const SweepConfig& config, const DataFacts& data, const search::Point& point) {
  const auto settings = settings_at(config, point);
  const auto spec = spec_for(settings, data);
  const auto layout = nn::layout_of(spec);
  const auto bytes = rank_bytes(settings, spec, layout, data);
  if (layout.size > plan.parameters) {
    plan.parameters = layout.size;
    plan.largest_point = size_text_of(config.space, point, "model");
  }
  if (bytes > plan.memory_per_rank_bytes) {
    plan.memory_per_rank_bytes = bytes;
    plan.hungriest_point = size_text_of(config.space, point, "");
  }
  plan.epoch_multiply_adds = std::max(plan.epoch_multiply_adds, epoch_cost(spec, whole_work(data), data));
  plan.trial_multiply_adds =
      std::max(plan.trial_multiply_adds, segment_cost(config, data, point, 0, settings.max_epochs));
}

}  // namespace

Plan make_plan(const SweepConfig& config, const DataFacts& data) {
  Plan plan;
  for (const auto& dimension : config.space.dimensions())
    plan.dimensions.push_back({dimension.name, search::text_of(dimension.distribution) +
                                                   end_of_steps(dimension.distribution) + condition_text(dimension)});
  const auto sampler = find_in(search::sampler_catalogue(), "sampler", config.study.sampler)
                           .make(config.space, {.num_objectives = config.metrics.size()});
  for (std::size_t m = 0; m < config.metrics.size(); ++m)
    plan.objectives.push_back(fmt::format("{} {}", name_of(config.goals[m]), config.metrics[m]));
  plan.sampler = config.study.sampler;
  plan.sampler_description = sampler->description();
  plan.scheduler = config.study.scheduler.name;
  plan.grid_size = config.space.grid_size();
  plan.trials = config.study.ends.trials;
  if (plan.sampler == "grid" && plan.grid_size) plan.trials = std::min(plan.trials, *plan.grid_size);
  plan.logical_workers = config.study.concurrency;
  plan.is_concurrency_given = config.is_concurrency_given;
  plan.budget = search::reach_of(config.study, plan.grid_size).sentence;
  plan.max_epochs = config.base.max_epochs;
  plan.fidelity = config.base.fidelity;
  plan.defaults = config.defaults;
  if (config.is_command()) {
    plan.command = config.base.command.command;
    if (const auto unnamed = unnamed_parameters(config); !unnamed.empty())
      plan.defaults.push_back(join(unnamed, ", ") + " in the program's settings file alone, since the command names " +
                              (unnamed.size() == 1 ? "it" : "them") + " nowhere");
    return plan;
  }
  plan.shared_data_bytes = data.is_private ? 0 : data.dataset_bytes;
  plan.is_exhaustive =
      Extremes(config.space, [&](const search::Point& point) { raise_to(plan, config, data, point); }).visit();
  const double allowed_bytes =
      static_cast<double>(config.limits.memory_bytes) + (data.is_private ? data.dataset_bytes : 0);
  if (config.limits.memory_bytes > 0 && plan.memory_per_rank_bytes > allowed_bytes) {
    plan.memory_per_rank_bytes = allowed_bytes;
    plan.hungriest_point = "limits.memory";
  }
  return plan;
}

double segment_cost(const SweepConfig& config, const DataFacts& data, const search::Point& point, int from_epoch,
                    int to_epoch) {
  const auto settings = settings_at(config, point);
  const auto& fidelity = settings.fidelity;
  if (config.is_command()) return (to_epoch - from_epoch) * fidelity.share_at(to_epoch);
  const auto spec = spec_for(settings, data);
  double cost = 0;
  for (int epoch = from_epoch; epoch < to_epoch;) {
    const int last = std::min(to_epoch, fidelity.same_until(epoch + 1));
    cost += (last - epoch) * epoch_cost(spec, work_of_epoch(settings, data, last), data);
    epoch = last;
  }
  return cost;
}

std::optional<std::string> objection_to(const SweepConfig& config, const DataFacts& data, const search::Point& point) {
  const auto& limits = config.limits;
  const auto settings = settings_at(config, point);
  const auto spec = spec_for(settings, data);
  const auto layout = nn::layout_of(spec);
  auto without_data = data;
  without_data.is_private = false;
  const auto exceeds = [](double value, double limit) { return limit > 0 && value > limit; };
  if (exceeds(static_cast<double>(layout.size), static_cast<double>(limits.parameters)))
    return fmt::format("{} parameters, limits.parameters = {}", layout.size, limits.parameters);
  const double bytes = rank_bytes(settings, spec, layout, without_data);
  if (exceeds(bytes, static_cast<double>(limits.memory_bytes)))
    return fmt::format("{} on a rank, limits.memory = {}", human_bytes(bytes),
                       human_bytes(static_cast<double>(limits.memory_bytes)));
  if (const double cost = epoch_cost(spec, whole_work(data), data); exceeds(cost, limits.epoch_multiply_adds))
    return fmt::format("{:.4g} multiply-adds an epoch, limits.multiply_adds = {:.4g}", cost,
                       limits.epoch_multiply_adds);
  return std::nullopt;
}

void check_first_points(const SweepConfig& config, const DataFacts& data) {
  auto point = config.study.first_points.begin();
  for (const auto& [name, text] : config.first_points) {
    const auto& given = *point++;
    if (!config.space.contains(given)) continue;
    if (const auto objection = objection_to(config, data, given))
      throw ConfigError(fmt::format("start.{} = {} is beyond [limits] ({}); raise the limit, or leave the point out",
                                    name, text, *objection),
                        config.path, "start." + name);
  }
}

void check_memory(const Plan& plan, double node_memory_bytes, int ranks_on_node) {
  const double needed = ranks_on_node * plan.memory_per_rank_bytes + plan.shared_data_bytes;
  if (needed <= node_memory_bytes) return;
  throw ConfigError(fmt::format(
      "the largest trial does not fit: {} ranks of {} each and {} of shared data need {}, the "
      "node has {}{}; start fewer ranks per node, make the model or the batches smaller, or leave such points "
      "out by limits.memory",
      ranks_on_node, human_bytes(plan.memory_per_rank_bytes), human_bytes(plan.shared_data_bytes), human_bytes(needed),
      human_bytes(node_memory_bytes),
      plan.hungriest_point.empty() ? "" : fmt::format(" (at {})", plan.hungriest_point)));
}

}  // namespace seqsweep::config
