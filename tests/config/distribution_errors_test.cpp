// SPDX-License-Identifier: Apache-2.0
#include "error_cases.hpp"

namespace seqsweep::config {
namespace {

const std::vector<Case> in_distributions = {
    {"[sweep]\ntrials = int(1, 5)\n", "a.ini:4: sweep.trials cannot be searched; write one value"},
    {"[train]\nmax_epochs = choice(8, 16)\n", "a.ini:4: train.max_epochs cannot be searched; write one value"},
    {"[train]\nl2 = uniform(1)\n",
     "a.ini:4: train.l2: uniform needs 2 or 3 numbers, got 1: uniform(a, b[, step]) (column 6)"},
    {"[train]\nl2 = uniform(1, 2, 3, 4)\n",
     "a.ini:4: train.l2: uniform needs 2 or 3 numbers, got 4: uniform(a, b[, step]) (column 6)"},
    {"[train]\nl2 = loguniform(1)\n",
     "a.ini:4: train.l2: loguniform needs 2 numbers, got 1: loguniform(a, b) (column 6)"},
    {"[train]\nl2 = unifrom(0, 1)\n",
     "a.ini:4: train.l2: unknown distribution 'unifrom' (known: uniform, loguniform, int, normal, lognormal, "
     "choice); did you mean 'uniform'? (column 6)"},
    {"[train]\nl2 = uniform(0, one)\n", "a.ini:4: train.l2: uniform needs numbers, found 'one' (column 17)"},
    {"[train]\nl2 = uniform(0 1)\n", "a.ini:4: train.l2: expected ',' or ')', found '1' (column 16)"},
    {"[train]\nl2 = uniform(0, 1\n", "a.ini:4: train.l2: expected ',' or ')', found the end of the line (column 18)"},
    {"[train]\nl2 = uniform()\n", "a.ini:4: train.l2: expected a value, found ')' (column 14)"},
    {"[train]\nl2 = uniform(0, 1) or so\n",
     "a.ini:4: train.l2: expected 'if' or the end of the line, found 'or' (column 20)"},
    {"[train]\nl2 = uniform(0,, 1)\n", "a.ini:4: train.l2: expected a value, found ',' (column 16)"},
    {"[train]\nl2 = uniform(1, 0)\n",
     "a.ini:4: train.l2 = uniform(1, 0): the range is reversed; write the lower bound first"},
    {"[train]\nl2 = loguniform(0, 1)\n",
     "a.ini:4: train.l2 = loguniform(0, 1): the range is logarithmic and must be above 0; write a positive "
     "lower bound, or uniform"},
    {"[train]\nl2 = uniform(0, 1, 0)\n", "a.ini:4: train.l2: the step of uniform must be more than 0 (column 20)"},
    {"[train]\nl2 = uniform(0, 1, 2)\n",
     "a.ini:4: train.l2 = uniform(0, 1, 2): the step is wider than the range; write a smaller one"},
    {"[model]\ndropout = uniform(0, 1)\n",
     "a.ini:4: model.dropout must be at least 0 and less than 1, found 1 (column 22)"},
    {"[model]\ndropout = normal(0.2, 0.1)\n",
     "a.ini:4: model.dropout: normal may leave its range (at least 0 and less than 1); use uniform (column 11)"},
    {"[model]\ndropout = lognormal(-1, 1)\n",
     "a.ini:4: model.dropout: lognormal may leave its range (at least 0 and less than 1); use uniform or "
     "loguniform (column 11)"},
    {"[train]\nlearning_rate = normal(0.01, 0.001)\n",
     "a.ini:4: train.learning_rate: normal may leave its range (more than 0); use uniform or lognormal (column 17)"},
    {"[train]\nlearning_rate = lognormal(-7, -1)\n",
     "a.ini:4: train.learning_rate = lognormal(-7, -1): the standard deviation is not above 0; write a positive one"},
    {"[model]\nhidden_size = uniform(16, 64)\n",
     "a.ini:4: model.hidden_size: uniform does not suit it (integer, between 1 and 65536); use int(a, b[, "
     "step | log]), choice(v, ...) (column 15)"},
    {"[train]\nlearning_rate = int(1, 2)\n",
     "a.ini:4: train.learning_rate: int does not suit it (real, more than 0); use uniform(a, b[, step]), "
     "loguniform(a, b), normal(mean, sd), lognormal(mean, sd), choice(v, ...) (column 17)"},
    {"[model]\ncell = int(1, 2)\n",
     "a.ini:4: model.cell: int does not suit it (one of {model.cell}); use choice(v, ...) (column 8)"},
    {"[model]\nhidden_size = int(0, 64)\n",
     "a.ini:4: model.hidden_size must be between 1 and 65536, found 0 (column 19)"},
    {"[model]\nhidden_size = int(8, 64, lg)\n",
     "a.ini:4: model.hidden_size: int takes a step of at least 1 or 'log', found 'lg' (column 26)"},
    {"[model]\nhidden_size = int(8.5, 64)\n",
     "a.ini:4: model.hidden_size: int needs integers, found '8.5' (column 19)"},
    {"[model]\nhidden_size = int(8, 64, 0)\n",
     "a.ini:4: model.hidden_size: int takes a step of at least 1 or 'log', found '0' (column 26)"},
    {"[model]\ncell = choice(rnn, lsmt)\n",
     "a.ini:4: unknown model.cell 'lsmt' (known: {model.cell}); did you mean 'lstm'? (column 20)"},
    {"[model]\nhidden_size = choice(16, big)\n",
     "a.ini:4: model.hidden_size must be an integer or a distribution, found 'big' (column 26)"},
    {"[model]\ncell = choice(rnn, gru, rnn)\n",
     "a.ini:4: model.cell = choice(rnn, gru, rnn): 'rnn' stands there twice; write each value once"},
    {"[train]\nl2 = choice(1e-3, 0.001)\n",
     "a.ini:4: train.l2 = choice(0.001, 0.001): '0.001' stands there twice; write each value once"},
};

TEST(DistributionErrors, name_the_column_and_what_is_wrong_there) {
  expect_errors(in_distributions, with_data);
}

const std::vector<Case> in_conditions = {
    {"[model]\nactivation = choice(tanh, relu) if model.cel == rnn\n",
     "a.ini:4: model.activation: unknown key 'model.cel' in its condition; did you mean 'model.cell'? (column 36)"},
    {"[model]\nactivation = choice(tanh, relu) if cell == rnn\n",
     "a.ini:4: model.activation: unknown key 'cell' in its condition (conditions name keys in full: "
     "model.cell) (column 36)"},
    {"[model]\nactivation = choice(tanh, relu) if model.cell != rnn\n",
     "a.ini:4: model.activation: expected '==' or 'in' after model.cell, found '!=' (column 47)"},
    {"[model]\nactivation = choice(tanh, relu) if model.cell = rnn\n",
     "a.ini:4: model.activation: expected '==' or 'in' after model.cell, found '=' (column 47)"},
    {"[model]\nactivation = choice(tanh, relu) if model.cell\n",
     "a.ini:4: model.activation: expected '==' or 'in' after model.cell, found the end of the line (column 46)"},
    {"[model]\nactivation = choice(tanh, relu) if\n",
     "a.ini:4: model.activation: expected the key of a condition, found the end of the line (column 35)"},
    {"[model]\nactivation = choice(tanh, relu) if model.cell in rnn\n",
     "a.ini:4: model.activation: expected '(' after in, found 'rnn' (column 50)"},
    {"[model]\nactivation = choice(tanh, relu) if model.cell == rnn and more\n",
     "a.ini:4: model.activation: expected the end of the line, found 'and' (column 54)"},
    {"[model]\nactivation = choice(tanh, relu) if model.cell == rmn\n",
     "a.ini:4: model.activation: unknown model.cell 'rmn' (known: {model.cell}); did you mean 'rnn'? (column 50)"},
    {"[model]\nactivation = choice(tanh, relu) if sweep.seed == 1\n",
     "a.ini:4: model.activation: its condition looks at sweep.seed, which cannot be searched (column 36)"},
    {"[model]\ncell = choice(lstm, gru)\nactivation = choice(tanh, relu) if model.cell == rnn\n",
     "a.ini:5: the condition of model.activation asks for model.cell == rnn, which it never is (known: lstm, gru)"},
    {"[model]\nactivation = choice(tanh, relu) if model.cell == rnn\ncell = choice(lstm, rnn)\n",
     "a.ini:4: model.activation: its condition looks at model.cell, which is declared later (line 5); move "
     "that above (column 36)"},
    {"[model]\ncell = choice(lstm, rnn) if model.cell == rnn\n",
     "a.ini:4: model.cell: its condition goes in a circle: model.cell if model.cell (column 29)"},
    {"[model]\ncell = choice(lstm, rnn)\nactivation = choice(tanh, relu) if model.cell == rnn\n",
     "a.ini:5: model.activation: its condition goes in a circle: model.cell if model.activation if model.cell "
     "(column 36)",
     {"model.cell=choice(lstm, rnn) if model.activation == tanh"}},
    {"[train]\nlearning_rate = uniform(0.1, 1)\nl2 = uniform(0,1) if train.learning_rate == 0.5\n",
     "a.ini:5: the condition of train.l2 asks for train.learning_rate == 0.5, which it never is (it is "
     "uniform(0.1, 1))"},
    {"[model]\nactivation = relu if model.cell == rnn\n",
     "a.ini:4: model.activation: only a distribution takes a condition; write choice(relu) if ... (column 19)"},
    {"[train]\nl2 = 0.5 if model.cell == rnn\n",
     "a.ini:4: train.l2: only a distribution takes a condition; write choice(0.5) if ... (column 10)"},
};

TEST(DistributionErrors, in_conditions_name_the_column_and_what_is_wrong_there) {
  expect_errors(in_conditions, with_data);
}

}  // namespace
}  // namespace seqsweep::config
