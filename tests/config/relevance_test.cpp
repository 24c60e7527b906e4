// SPDX-License-Identifier: Apache-2.0
//
// Keys that can have no effect: each is used, or refused, or said, by the table itself.
#include "../../src/config/relevance.hpp"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/nn/optimizer.hpp"

#include "../../src/config/values.hpp"
#include "config_file.hpp"
#include "error_cases.hpp"

namespace seqsweep::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A value of the key that is not its default, within its range.
std::string another_value(const Key& key) {
  auto defaults = default_config();
  const auto usual = show(key, slot_of(key, defaults));
  const std::vector<std::string> candidates = {
      "2", "0.4", "0.5", "yes", "7s", "4GB", "x.h5", "0", "off", key.names != nullptr ? key.names().back() : ""};
  for (const auto& text : candidates) try {
      if (!text.empty() && canonical(key, text) != usual) return text;
    } catch (const ConfigError&) {
    }
  ADD_FAILURE() << key.full_name() << " has no other value here";
  return usual;
}

std::vector<std::string> other_values(const Key& other) {
  if (other.names != nullptr) return other.names();
  return {std::string(other.zero_name), "3"};
}

// A config in which `other` has this value, and `name` one that is not its default, if any.
std::string config_text(const std::string& name, const std::string& text, const Key& other, const std::string& value) {
  std::map<std::string, std::map<std::string, std::string>> sections;
  const auto set = [&](const std::string& key, const std::string& to) {
    sections[key.substr(0, key.find('.'))][key.substr(key.find('.') + 1)] = to;
  };
  const bool is_command = other.full_name() == "trial.objective" && value == "command";
  if (is_command) {
    set("trial.command", "./a {x}");
    set("parameters.x", "uniform(0, 1)");
    set("sweep.metric", "loss");
  } else {
    set("data.path", "a.h5");
  }
  if (value == "pbt") set("train.learning_rate", "uniform(0.1, 1)");
  if (other.full_name() == "search.sampler") set("train.l2", value == "grid" ? "choice(0, 1)" : "uniform(0, 1)");
  set(other.full_name(), value);
  if (!name.empty()) set(name, text);
  std::string ini;
  for (const auto& [section, keys_of_section] : sections) {
    ini += "[" + section + "]\n";
    for (const auto& [key, to] : keys_of_section) ini += key + " = " + to + "\n";
  }
  return ini;
}

bool names_key(const std::string& line, const std::string& name) {
  return line.find(name + " has no effect with") != std::string::npos;
}

TEST(Relevance, of_every_key_that_depends_on_another_is_told_for_every_value_of_that) {
  int count = 0;
  for (const auto& key : key_table()) {
    if (key.only_if.key.empty()) continue;
    ++count;
    const Key* other = find_key(key.only_if.key);
    ASSERT_NE(other, nullptr) << key.full_name();
    for (const auto& value : key.only_if.values) EXPECT_EQ(canonical(*other, value), value) << key.full_name();
    for (const auto& value : other_values(*other)) {
      const auto& values = key.only_if.values;
      const bool is_named = std::find(values.begin(), values.end(), value) != values.end();
      const bool has_effect = is_named != key.only_if.are_excluded;
      SCOPED_TRACE(key.full_name() + " with " + other->full_name() + " = " + value);
      const auto text = another_value(key);
      const auto warnings = read_text(config_text(key.full_name(), text, *other, value)).warnings;
      EXPECT_EQ(std::any_of(warnings.begin(), warnings.end(),
                            [&](const auto& line) { return names_key(line, key.full_name()); }),
                !has_effect);
      // The same on the command line is meant for this run, unless scripts say it to every sweep.
      const bool is_warned_of = key.role == Role::placement && key.full_name() != "search.warm_start";
      try {
        (void)read_text(config_text("", "", *other, value), {key.full_name() + "=" + text});
        EXPECT_TRUE(has_effect || is_warned_of);
      } catch (const ConfigError& error) {
        EXPECT_FALSE(has_effect || is_warned_of) << error.what();
        EXPECT_TRUE(names_key(error.what(), key.full_name())) << error.what();
        EXPECT_EQ(error.where, "command line");
      }
    }
  }
  EXPECT_GE(count, 25);
}

TEST(Relevance, of_a_key_with_its_default_is_not_asked_for) {
  EXPECT_THAT(read_with_data("[search]\nscheduler = none\ngrace_period = 1\n").warnings, IsEmpty());
  EXPECT_NO_THROW((void)read_with_data("[search]\nscheduler = none\n", {"search.grace_period=1"}));
}

TEST(Relevance, that_the_command_line_takes_away_leaves_a_shared_file_usable) {
  const std::string file = "[search]\ngrace_period = 4\n";
  EXPECT_THAT(read_with_data(file).warnings, IsEmpty());
  EXPECT_THAT(read_with_data(file, {"search.scheduler=none"}).warnings,
              ElementsAre("a.ini:4: search.grace_period has no effect with search.scheduler = none (it is for asha, "
                          "halving, hyperband, median)"));
}

TEST(Relevance, of_a_dimension_that_never_matters_is_an_error_unless_the_command_line_makes_it_so) {
  const std::string search = "[train]\noptimizer = adam\nmomentum = uniform(0, 0.9)\n";
  const std::string vain =
      "a.ini:5: train.momentum has no effect with train.optimizer = adam (it is for sgd, rmsprop), so that a search "
      "over it is in vain; leave it out";
  expect_errors({{search, vain},
                 {"[train]\n\nmomentum = uniform(0, 0.9)\n", vain},
                 {"[train]\noptimizer = choice(adam, adamw)\nmomentum = uniform(0, 0.9)\n",
                  "a.ini:5: train.momentum has no effect with train.optimizer = choice(adam, adamw) (it is for sgd, "
                  "rmsprop), so that a search over it is in vain; leave it out"},
                 {"[train]\noptimizer = choice(adam, sgd)\nmomentum = uniform(0, 0.9) if train.optimizer == adam\n",
                  "a.ini:5: train.momentum has no effect with train.optimizer = choice(adam, sgd) (it is for sgd, "
                  "rmsprop), so that a search over it is in vain; leave it out"},
                 {"[train]\noptimizer = adam\n",
                  "command line: train.momentum has no effect with train.optimizer = adam (it is for sgd, rmsprop); "
                  "leave it out",
                  {"train.momentum=uniform(0, 0.9)"}}},
                with_data);
  EXPECT_THAT(read_with_data("[train]\noptimizer = choice(adam, sgd)\nmomentum = uniform(0, 0.9)\n").warnings,
              IsEmpty());
  EXPECT_THAT(
      read_with_data("[train]\noptimizer = adam\nmomentum = uniform(0, 0.9) if train.optimizer == sgd\n").warnings,
      IsEmpty());
  const auto overridden =
      read_with_data("[train]\noptimizer = sgd\nmomentum = uniform(0, 0.9)\n", {"train.optimizer=adam"});
  EXPECT_THAT(overridden.warnings, ElementsAre(HasSubstr("and is searched all the same")));
  EXPECT_EQ(overridden.space.size(), 1u);
}

TEST(Relevance, of_settings_of_networks_is_the_command_s_own_affair_and_said) {
  const std::string head =
      "[trial]\nobjective = command\ncommand = ./a {model.hidden_size}\n[sweep]\nmetric = loss\n[model]\n";
  EXPECT_THAT(read_text(head + "hidden_size = 8\n").warnings, IsEmpty());
  EXPECT_THAT(read_text(head + "hidden_size = 8\nactivation = relu\n[train]\npatience = 3\n").warnings,
              ElementsAre("model.activation, train.patience: settings of networks, which do nothing here but that the "
                          "program finds them in {settings}"));
}

// ---- what the table says is what happens

// The parameters after some steps.
std::vector<float> trained(const nn::OptimizerSpec& spec) {
  constexpr std::size_t size = 16;
  std::vector<float> parameters(size, 1), gradient(size, 0.5F), first_slot(size), second_slot(size);
  const auto optimizer = nn::make_optimizer(spec);
  for (int step = 1; step <= 3; ++step) {
    const nn::UpdateBlock block{.size = size,
                                .parameters = parameters.data(),
                                .gradient = gradient.data(),
                                .slots = {first_slot.data(), second_slot.data()},
                                .decays = optimizer->has_decay()};
    optimizer->update(block, optimizer->factors(step, spec.learning_rate));
    for (auto& g : gradient) g *= -0.75F;
  }
  return parameters;
}

std::vector<double> rates(const nn::OptimizerSpec& spec) {
  std::vector<double> rates;
  const auto schedule = find_in(nn::schedule_catalogue(), "schedule", spec.schedule).make;
  for (int epoch = 0; epoch < 20; ++epoch) rates.push_back(schedule(spec, epoch, 20));
  return rates;
}

// Whether `differs` sees the key, for each value of the key that it depends on.
template <class Differs>
int compare_with_table(const std::string& other_name, Differs differs) {
  int count = 0;
  const Key& other = *find_key(other_name);
  for (const auto& key : key_table()) {
    if (key.only_if.key != other_name) continue;
    ++count;
    for (const auto& value : other.names()) {
      trial::TrialSettings usual;
      assign(other, slot_of(other, usual), value);
      auto changed = usual;
      assign(key, slot_of(key, changed), key.kind == Kind::integer ? "3" : "0.3");
      const auto& values = key.only_if.values;
      EXPECT_EQ(differs(usual, changed), std::find(values.begin(), values.end(), value) != values.end())
          << key.full_name() << " with " << value;
    }
  }
  return count;
}

TEST(Relevance, of_what_optimizers_take_is_as_they_behave) {
  const int count = compare_with_table("train.optimizer", [](const auto& usual, const auto& changed) {
    return trained(usual.optimizer) != trained(changed.optimizer);
  });
  EXPECT_EQ(count, 6);
}

TEST(Relevance, of_what_schedules_take_is_as_they_behave) {
  const int count = compare_with_table("train.schedule", [](const auto& usual, const auto& changed) {
    return rates(usual.optimizer) != rates(changed.optimizer);
  });
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace seqsweep::config
