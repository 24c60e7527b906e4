// SPDX-License-Identifier: Apache-2.0
//
// Sweeps over a program of the user's, points to try first, and limits.
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/config/plan.hpp"

#include "config_file.hpp"
#include "error_cases.hpp"

namespace seqsweep::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Not;
using testing::Pair;

const std::string command =
    "[trial]\nobjective = command\ncommand = ./simulate --x {x} {model.hidden_size}\n[sweep]\nmetric = energy\n"
    "[parameters]\nx = uniform(0, 1)\nsolver = choice(cg, gmres)\nrestart = int(10, 50) if parameters.solver == gmres\n"
    "mesh = coarse\n[model]\nhidden_size = int(8, 64)\n";

std::vector<std::string> dimension_names(const SweepConfig& config) {
  std::vector<std::string> names;
  for (const auto& dimension : config.space.dimensions()) names.push_back(dimension.name);
  return names;
}

TEST(Command, has_parameters_of_any_name_and_distribution) {
  const auto config = read_text(command);
  EXPECT_THAT(dimension_names(config),
              ElementsAre("model.hidden_size", "parameters.solver", "parameters.restart", "parameters.x"));
  EXPECT_EQ(config.objective.metric, "energy");
  EXPECT_EQ(config.study.goal, search::Goal::minimize);
  EXPECT_EQ(config.base.max_epochs, 1) << "most programs know no epochs";
}

TEST(Command, is_defined_by_what_is_written_and_not_by_settings_of_networks) {
  const auto definition = read_text(command).definition();
  EXPECT_THAT(definition, Contains(Pair("trial.command", "./simulate --x {x} {model.hidden_size}")));
  EXPECT_THAT(definition, Contains(Pair("parameters.mesh", "coarse")));
  EXPECT_THAT(definition, Contains(Pair("parameters.restart", "int(10, 50) if parameters.solver == gmres")));
  EXPECT_THAT(definition, Contains(Key("model.hidden_size")));
  EXPECT_THAT(definition, Not(Contains(Key("model.cell"))));
  EXPECT_THAT(definition, Not(Contains(Key("train.learning_rate"))));
}

TEST(Command, puts_the_point_into_its_parameters) {
  const auto config = read_text(command);
  search::Point point{{std::int64_t{16}, std::string("cg"), std::nullopt, 0.25}};
  const auto settings = settings_at(config, point);
  EXPECT_THAT(settings.parameters, Contains(Pair("x", "0.25")));
  EXPECT_THAT(settings.parameters, Contains(Pair("solver", "cg")));
  EXPECT_THAT(settings.parameters, Contains(Pair("mesh", "coarse")));
  EXPECT_EQ(settings.network.hidden_size, 16);
}

TEST(Command, has_a_plan_without_what_is_not_known) {
  const auto text = text_of(make_plan(read_text(command), {}));
  EXPECT_THAT(text, testing::HasSubstr("./simulate --x"));
  EXPECT_THAT(text, Not(testing::HasSubstr("memory of a rank")));
}

TEST(StartPoints, are_read_in_order_of_name_and_may_leave_dimensions_open) {
  const auto config = read_text(command + "[start]\nb = x=0.5, parameters.solver = gmres\na = model.hidden_size=8\n");
  ASSERT_EQ(config.study.first_points.size(), 2u);
  EXPECT_EQ(config.study.first_points[0].values[0], search::Value(std::int64_t{8}));
  EXPECT_EQ(config.study.first_points[0].values[3], std::nullopt);
  EXPECT_EQ(config.study.first_points[1].values[3], search::Value(0.5));
  EXPECT_THAT(config.definition(), Contains(Pair("start.a", "model.hidden_size=8")));
}

std::string complaint_about_start(const std::string& point) {
  try {
    (void)read_text(command + "[start]\na = " + point + "\n");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(StartPoints, hold_every_value_that_is_written_or_are_refused) {
  EXPECT_THAT(complaint_about_start("x=0.2, x=0.8"), testing::HasSubstr("parameters.x is given twice"));
  EXPECT_THAT(complaint_about_start("x=0.2, parameters.x=0.8"), testing::HasSubstr("parameters.x is given twice"));
  EXPECT_THAT(complaint_about_start("solver=cg, restart=20"),
              testing::HasSubstr("start.a: parameters.restart exists only if parameters.solver == gmres, and here "
                                 "parameters.solver = cg; leave it out"));
  EXPECT_THAT(complaint_about_start("restart=20"), testing::HasSubstr("name parameters.solver, too"));
  EXPECT_EQ(complaint_about_start("solver=gmres, restart=20"), "accepted");
  EXPECT_EQ(complaint_about_start("restart=20, solver=gmres"), "accepted") << "in any order";
}

TEST(StartPoints, read_numbers_as_numbers) {
  EXPECT_EQ(complaint_about_start("restart=20.0, solver=gmres"), "accepted");
  EXPECT_EQ(complaint_about_start("x=2.50e-1"), "accepted");
  EXPECT_THAT(complaint_about_start("restart=20.5, solver=gmres"), testing::HasSubstr("lies outside"));
  const auto stepped = read_text(
      "[trial]\nobjective = command\ncommand = ./p {x}\n[sweep]\nmetric = value\n[parameters]\nx = uniform(-0.3, 0.3, "
      "0.1)\n"
      "[start]\na = x=0.20\nb = x=0\n");
  EXPECT_EQ(stepped.study.first_points.at(0).values.at(0), search::Value(0.2));
  EXPECT_EQ(stepped.study.first_points.at(1).values.at(0), search::Value(0.0));
}

TEST(Limits, object_to_points_that_exceed_them) {
  const std::string text = "[data]\npath = d.h5\n[model]\ncell = rnn\nhidden_size = int(1, 1000)\n[limits]\n";
  const DataFacts data{.num_features = 2, .train_sequences = 10, .train_steps = 100, .max_length = 10};
  const auto objection = [&](const std::string& limit, std::int64_t hidden_size) {
    return objection_to(read_text(text + limit), data, search::Point{{hidden_size}}).value_or("");
  };
  // W_ih, W_hh and two biases of 10 units, a head of one output.
  EXPECT_EQ(objection("parameters = 160\n", 10), "");
  EXPECT_EQ(objection("parameters = 150\n", 10), "151 parameters, limits.parameters = 150");
  EXPECT_EQ(objection("memory = 30MB\n", 10), "");
  EXPECT_THAT(objection("memory = 30MB\n", 1000), testing::HasSubstr("limits.memory = 30.0 MB"));
  EXPECT_EQ(objection("multiply_adds = 1e6\n", 10), "");
  EXPECT_THAT(objection("multiply_adds = 1e6\n", 1000), testing::HasSubstr("multiply-adds an epoch"));
}

TEST(Limits, whole_start_points_beyond_them_are_refused_before_anything_begins) {
  const DataFacts data{.num_features = 2, .train_sequences = 10, .train_steps = 100, .max_length = 10};
  const std::string text =
      "[data]\npath = d.h5\n[model]\ncell = rnn\nhidden_size = int(1, 1000)\n[limits]\nparameters = 150\n[start]\na = "
      "model.hidden_size=";
  EXPECT_NO_THROW(check_first_points(read_text(text + "9\n"), data));
  try {
    check_first_points(read_text(text + "10\n"), data);
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.key, "start.a");
    EXPECT_THAT(error.what(), testing::HasSubstr("start.a = model.hidden_size=10 is beyond [limits] (151 parameters"));
  }
}

TEST(StartPoints, that_are_equal_are_refused) {
  const std::string text = command + "[start]\na = x=0.5, solver=cg, model.hidden_size=8\nb = ";
  EXPECT_NO_THROW((void)read_text(text + "x=0.5, solver=cg, model.hidden_size=9\n"));
  EXPECT_NO_THROW((void)read_text(text + "x=0.5, solver=cg\n")) << "what is left out makes it another";
  EXPECT_THROW((void)read_text(text + "model.hidden_size=8, solver=cg, x=5e-1\n"), ConfigError);
}

// Who writes 0 wants nothing of it, and would get it without limit.
TEST(Limits, a_written_zero_is_never_taken_for_no_limit) {
  const std::string network = "[data]\npath = d.h5\n";
  for (const auto* text :
       {"[sweep]\ntime_limit = 0s\n", "[sweep]\nmax_total_epochs = 0\n", "[sweep]\nmax_multiply_adds = 0.0\n",
        "[limits]\nparameters = 0\n", "[limits]\nmemory = 0GB\n", "[limits]\nmultiply_adds = 0\n",
        "[cluster]\nkeep_checkpoints = 0\n", "[cluster]\ncheckpoint_space = 0B\n",
        "[cluster]\ncheckpoint_space = 0.5B\n"}) {
    try {
      (void)read_text(network + text);
      ADD_FAILURE() << text << " is accepted";
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("would mean '")) << text;
    }
  }
  for (const auto* text :
       {"[sweep]\nreplicate_best = 0\npatience = 0\n", "[cluster]\nkeep_checkpoints = all\n",
        "[cluster]\ncheckpoint_space = unbounded\nlost_after = 0s\n", "[train]\npatience = 0\nclip_norm = 0\n"})
    EXPECT_NO_THROW((void)read_text(network + text)) << text;
}

TEST(Plan, says_where_steps_end_before_the_upper_bound) {
  const auto plan_of = [](const std::string& x) {
    return text_of(make_plan(read_text("[trial]\nobjective = command\ncommand = ./p {x}\n[sweep]\nmetric = value\n"
                                       "[parameters]\nx = " +
                                       x + "\n"),
                             {}));
  };
  EXPECT_THAT(plan_of("uniform(0, 1, 0.3)"), testing::HasSubstr("uniform(0, 1, 0.3), up to 0.9"));
  EXPECT_THAT(plan_of("int(1, 10, 4)"), testing::HasSubstr("int(1, 10, 4), up to 9"));
  for (const auto* whole : {"uniform(0, 1, 0.25)", "int(1, 9, 4)", "uniform(0, 1)", "int(1, 10, log)", "choice(a, b)"})
    EXPECT_THAT(plan_of(whole), Not(testing::HasSubstr("up to"))) << whole;
}

TEST(Plan, names_searched_parameters_that_the_command_may_have_forgotten) {
  const auto plan_of = [](const std::string& command_line) {
    const auto text = text_of(make_plan(read_text("[trial]\nobjective = command\ncommand = " + command_line +
                                                  "\n[sweep]\nmetric = value\n[parameters]\nx = uniform(0, 1)\n"
                                                  "y = uniform(0, 1)\nconstant = 3\n"),
                                        {}));
    return std::regex_replace(text, std::regex("\\s+"), " ");  // on one line
  };
  EXPECT_THAT(plan_of("./p --x $x {y}"), testing::HasSubstr("parameters.x in the program's settings file alone"));
  EXPECT_THAT(plan_of("./p {parameters.y}"), testing::HasSubstr("parameters.x in the program's settings"));
  for (const auto* whole : {"./p {x} {y}", "./p {parameters.x} {y}", "./p {settings}", "./p $SEQSWEEP_SETTINGS"})
    EXPECT_THAT(plan_of(whole), Not(testing::HasSubstr("alone"))) << whole;
}

TEST(Command, mistakes_are_refused_with_their_line) {
  const std::string head = "[trial]\nobjective = command\n";
  const auto complaint = [](const std::string& text) {
    try {
      (void)read_text(text);
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(complaint(head + "command = ./p\n"), testing::HasSubstr("sweep.metric is missing"));
  EXPECT_THAT(complaint(head + "command = ./p {y}\n[sweep]\nmetric = value\n[parameters]\nx = 1\n"),
              testing::HasSubstr(":3: trial.command names {y}"));
  EXPECT_THAT(complaint(head + "[sweep]\nmetric = value\n"), testing::HasSubstr("trial.command is empty"));
  EXPECT_THAT(complaint(head + "command = 'p\n[sweep]\nmetric = value\n"),
              testing::HasSubstr(":3: trial.command: the quote"));
  EXPECT_THAT(complaint("[data]\npath = a.h5\n[parameters]\nx = 1\n"),
              testing::HasSubstr(":4: parameters.x is for commands"));
  EXPECT_THAT(complaint(head + "command = ./p\n[sweep]\nmetric = value\n[limits]\nparameters = 9\n"),
              testing::HasSubstr("limits.parameters is for networks"));
  EXPECT_THAT(complaint(command + "[start]\na = y=1\n"), testing::HasSubstr("start.a: 'y' is no dimension"));
  EXPECT_THAT(complaint(command + "[start]\na = x=2\n"), testing::HasSubstr("start.a: parameters.x = 2 lies outside"));
  EXPECT_THAT(complaint(command + "[start]\na = 2\n"), testing::HasSubstr("'2' is no KEY=VALUE"));
  EXPECT_THAT(complaint("[data]\npath = a.h5\n[sweep]\nmetric = valloss\n"),
              testing::HasSubstr(":4: unknown sweep.metric 'valloss'"));
}

}  // namespace
}  // namespace seqsweep::config
