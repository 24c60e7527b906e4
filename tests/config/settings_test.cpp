// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"

#include "config_file.hpp"

namespace seqsweep::config {
namespace {

TEST(SettingsAt, puts_every_kind_of_value_where_it_belongs) {
  const auto config = read_with_data(
      "batch_size = choice(16, 32)\n[model]\ncell = choice(rnn, lstm)\nactivation = choice(tanh, relu) if model.cell "
      "== rnn\n"
      "hidden_size = int(16, 256, log)\nbidirectional = choice(yes, no)\nforget_bias = normal(1, 0.5)\n"
      "[train]\nlearning_rate = loguniform(1e-4, 1e-1)\nclip_norm = choice(off, 1)\nmomentum = 0.5\n");
  search::Point point;
  point.values = {"32", "rnn", "relu", std::int64_t{77}, "yes", 0.1 + 0.2, 1.0 / 30, "off"};
  ASSERT_TRUE(config.space.contains(point));
  const auto settings = settings_at(config, point);
  EXPECT_EQ(settings.batch_size, 32);
  EXPECT_EQ(settings.network.cell, "rnn");
  EXPECT_EQ(settings.network.activation, "relu");
  EXPECT_EQ(settings.network.hidden_size, 77);
  EXPECT_TRUE(settings.network.bidirectional);
  EXPECT_EQ(settings.network.forget_bias, 0.1 + 0.2);  // to the last bit
  EXPECT_EQ(settings.optimizer.learning_rate, 1.0 / 30);
  EXPECT_EQ(settings.optimizer.clip_norm, 0);
  EXPECT_EQ(settings.optimizer.momentum, 0.5);
}

TEST(SettingsAt, leaves_defaults_where_a_condition_does_not_hold) {
  const auto config =
      read_with_data("[model]\ncell = choice(rnn, lstm)\nactivation = choice(relu) if model.cell == rnn\n");
  search::Point point;
  point.values = {"lstm", std::nullopt};
  EXPECT_EQ(settings_at(config, point).network.activation, nn::NetworkSpec().activation);
}

TEST(SettingsAt, refuses_a_point_of_another_space) {
  EXPECT_THROW((void)settings_at(read_with_data(""), search::Point{{std::string("lstm")}}), ContractViolation);
}

// Whatever the sampler may propose, the checks of the key table must accept.
TEST(SettingsAt, accepts_every_quantile_of_every_distribution_that_was_accepted) {
  const auto config = read_with_data(
      "batch_size = int(8, 64, 8)\n[model]\ndropout = uniform(0, 0.9, 0.3)\nhidden_size = int(1, 65536, log)\n"
      "forget_bias = normal(0, 100)\n[train]\nlearning_rate = lognormal(-7, 3)\nl2 = loguniform(1e-12, 1)\n"
      "optimizer = sgd\nmomentum = uniform(0, 0.999)\npatience = int(0, 5)\n");
  auto stream = RandomKey(1).fold(Purpose::test).stream();
  for (int i = 0; i < 2000; ++i) {
    const double u = i == 0 ? 0 : i == 1 ? 1 - 0x1p-53 : stream.uniform();
    search::Point point;
    for (const auto& dimension : config.space.dimensions())
      point.values.emplace_back(search::value_at(dimension.distribution, u));
    ASSERT_NO_THROW((void)settings_at(config, point)) << u;
  }
}

}  // namespace
}  // namespace seqsweep::config
