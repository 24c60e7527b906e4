// SPDX-License-Identifier: Apache-2.0
#include "error_cases.hpp"

namespace seqsweep::config {
namespace {

const std::vector<Case> in_the_file = {
    {"", "a.ini: data.path is missing; name the data set under [data]: path = FILE.h5"},
    {"trials = 3\n", "a.ini:1: 'trials' stands before the first section; put it under [sweep]"},
    {"foo = 3\n", "a.ini:1: 'foo' stands before the first section; write a [section] first"},
    {"[sweeps]\n",
     "a.ini:1: unknown section [sweeps] (known: sweep, search, limits, trial, data, model, train, cluster, start, "
     "parameters); did you mean 'sweep'?"},
    {"[sweep\ntrials = 3\n", "a.ini:1: the section header '[sweep' does not end with ']'"},
    {"[]\n",
     "a.ini:1: unknown section [] (known: sweep, search, limits, trial, data, model, train, cluster, start, "
     "parameters)"},
    {"[sweep]\ntrials 3\n", "a.ini:2: 'trials 3' is neither a [section] nor key = value"},
    {"[sweep]\n= 3\n", "a.ini:2: there is no key before '='"},
    {"[sweep]\ntrials =\n", "a.ini:2: sweep.trials has no value; write one, or leave the key out to take the default"},
    {"[sweep]\ntrials = # none\n",
     "a.ini:2: sweep.trials has no value; write one, or leave the key out to take the default"},
    {"[sweep]\nseed = 1\n[sweep]\ntrials = 3\n",
     "a.ini:3: section [sweep] begins again (first on line 1); join the two"},
    {"[sweep]\nseed = 1\ntrials = 2\nseed = 1\n", "a.ini:4: sweep.seed is set again (first on line 2); keep one"},
    {"[train]\nlearning_rat = 1\n",
     "a.ini:2: unknown key 'learning_rat' in [train] (known: {train}); did you mean 'learning_rate'?"},
    {"[train]\nzzzzzz = 1\n", "a.ini:2: unknown key 'zzzzzz' in [train] (known: {train})"},
    {"[train]\nbatch_size = 1\n", "a.ini:2: unknown key 'batch_size' in [train]; it belongs to [data]"},
    {"[model]\ncell = \"lstm\"\n", "a.ini:2: model.cell stands in quotation marks; write it without them"},
};

TEST(Errors, in_the_files_form_name_their_line) {
  expect_errors(in_the_file, "");
}

const std::vector<Case> in_values = {
    {"[sweep]\ntrials = many\n", "a.ini:4: sweep.trials must be an integer, found 'many'"},
    {"[sweep]\ntrials = 2.5\n", "a.ini:4: sweep.trials must be an integer, found '2.5'"},
    {"[sweep]\ntrials = 0\n", "a.ini:4: sweep.trials must be between 1 and 10000000, found 0"},
    {"[sweep]\ntrials = 99999999999\n", "a.ini:4: sweep.trials must be between 1 and 10000000, found 99999999999"},
    {"[sweep]\nseed = -1\n", "a.ini:4: sweep.seed must be at least 0, found -1"},
    {"[sweep]\nmetric = val_los\n",
     "a.ini:4: unknown sweep.metric 'val_los' (known: val_loss, val_accuracy, val_mae, val_rmse, val_r2, "
     "train_loss); did you mean 'val_loss'?"},
    {"[sweep]\ngoal = up\n", "a.ini:4: unknown sweep.goal 'up' (known: minimize, maximize)"},
    {"[sweep]\nconcurrency = lots\n", "a.ini:4: sweep.concurrency must be an integer or 'auto', found 'lots'"},
    {"[sweep]\ntime_limit = 2 hours\n",
     "a.ini:4: sweep.time_limit must be a duration (2h, 30m, 90s, 1h30m, 1d) or 'none', found '2 hours'"},
    {"[sweep]\ntime_limit = 90\n",
     "a.ini:4: sweep.time_limit must be a duration (2h, 30m, 90s, 1h30m, 1d) or 'none', found '90'"},
    {"[sweep]\ntime_limit = 30m1h\n",
     "a.ini:4: sweep.time_limit must be a duration (2h, 30m, 90s, 1h30m, 1d) or 'none', found '30m1h'"},
    {"memory_limit = 4\n", "a.ini:3: data.memory_limit must be a size (4GB, 500MB, 2GiB) or 'auto', found '4'"},
    {"memory_limit = 4G\n", "a.ini:3: data.memory_limit must be a size (4GB, 500MB, 2GiB) or 'auto', found '4G'"},
    {"[search]\nsampler = bayes\n", "a.ini:4: unknown search.sampler 'bayes' (known: {search.sampler})"},
    {"[search]\nscheduler = ahsa\n",
     "a.ini:4: unknown search.scheduler 'ahsa' (known: {search.scheduler}); did you mean 'asha'?"},
    {"[search]\nreduction_factor = 1\n", "a.ini:4: search.reduction_factor must be between 2 and 1000, found 1"},
    {"[model]\ncell = lsmt\n", "a.ini:4: unknown model.cell 'lsmt' (known: {model.cell}); did you mean 'lstm'?"},
    {"[model]\nbidirectional = maybe\n",
     "a.ini:4: model.bidirectional must be yes or no or a distribution, found 'maybe'"},
    {"[model]\ndropout = 1\n", "a.ini:4: model.dropout must be at least 0 and less than 1, found 1"},
    {"[train]\nlearning_rate = fast\n",
     "a.ini:4: train.learning_rate must be a number or a distribution, found 'fast'"},
    {"[train]\nlearning_rate = 0\n", "a.ini:4: train.learning_rate must be more than 0, found 0"},
    {"[train]\nlearning_rate = nan\n", "a.ini:4: train.learning_rate must be a number or a distribution, found 'nan'"},
    {"[train]\nl2 = -1e-3\n", "a.ini:4: train.l2 must be at least 0, found -1e-3"},
    {"[train]\nschedule_gamma = 2\n", "a.ini:4: train.schedule_gamma must be more than 0 and at most 1, found 2"},
    {"[train]\nshards = 6\n", "a.ini:4: train.shards must be a power of two up to 1024 or 'auto', found 6"},
    {"[cluster]\nranks_per_trial = 3\n",
     "a.ini:4: cluster.ranks_per_trial must be a power of two up to 1024 or 'auto', found 3"},
    {"[model]\nhidden_size = 16, 32\n",
     "a.ini:4: model.hidden_size must be an integer or a distribution, found '16, 32'; to search over values "
     "write choice(16, 32)"},
    {"[model]\ncell = rnn, gru\n",
     "a.ini:4: unknown model.cell 'rnn, gru' (known: {model.cell}); to search over values write choice(rnn, gru)"},
    {"[train]\nl2 = uniform 0, 1\n", "a.ini:4: train.l2: expected '(' after uniform, found '0' (column 14)"},
};

TEST(Errors, in_values_name_type_range_and_known_names) {
  expect_errors(in_values, with_data);
}

const std::vector<Case> in_the_study = {
    {"[search]\nsampler = grid\n[train]\nlearning_rate = loguniform(1e-4, 1e-1)\n",
     "a.ini:6: a grid cannot cover train.learning_rate = loguniform(0.0001, 0.1) (it is continuous); write a "
     "choice, an int or a uniform with a step, or take another sampler"},
    {"[search]\ngrace_period = 32\n",
     "a.ini:4: search.grace_period = 32 is longer than train.max_epochs = 16, so nothing could be stopped; "
     "shorten it, or take the scheduler none"},
};

TEST(Errors, of_sampler_and_scheduler_are_told_where_their_key_stands) {
  expect_errors(in_the_study, with_data);
}

const std::vector<Case> on_the_command_line = {
    {"", "command line: unknown key 'lr' in [train] (known: {train}); did you mean 'l1'?", {"train.lr=1"}},
    {"", "command line: 'trials=1' is no section.key=value", {"trials=1"}},
    {"", "command line: 'sweep.trials' is no section.key=value", {"sweep.trials"}},
    {"",
     "command line: sweep.trials has no value; write one, or leave the key out to take the default",
     {"sweep.trials="}},
    {"", "command line: sweep.trials must be between 1 and 10000000, found 0", {"sweep.trials=0"}},
    {"", "command line: sweep.seed is given twice; keep one", {"sweep.seed=1", "sweep.seed=2"}},
    {"",
     "command line: unknown model.cell 'lsmt' (known: {model.cell}); did you mean 'lstm'? (column 24)",
     {"model.cell=choice(rnn, lsmt)"}},
    {"",
     "command line: model.dropout must be at least 0 and less than 1, found 2 (column 25)",
     {"model.dropout=uniform(0,2)"}},
    {"",
     "command line: unknown section [sweeep] (known: sweep, search, limits, trial, data, model, train, cluster, start, "
     "parameters); did you "
     "mean 'sweep'?",
     {"sweeep.trials=1"}},
    {"",
     "command line: a grid cannot cover train.l2 = uniform(0, 1) (it is continuous); write a choice, an int "
     "or a uniform with a step, or take another sampler",
     {"search.sampler=grid", "train.l2=uniform(0,1)"}},
};

TEST(Errors, on_the_command_line_are_the_same) {
  expect_errors(on_the_command_line, with_data);
}

// Reads a path that is no INI file.
std::string error_of(const std::string& path, const std::string& text = {}) {
  const ConfigFile file(text);
  try {
    (void)read_config(path, {});
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Errors, tell_what_is_no_config_file) {
  EXPECT_EQ(error_of("missing.ini"), "missing.ini: there is no such config file; check the path");
  EXPECT_EQ(error_of("folder"), "folder: this is a directory; name the config file in it");
  EXPECT_EQ(error_of("a.ini", "\x89HDF\r\n\x1a\n"), "a.ini: this is an HDF5 file; name the config file (INI) instead");
  EXPECT_EQ(error_of("a.ini", std::string("[data]\npath = a\0b\n", 18)),
            "a.ini:2: this is no text; name the config file (INI) instead");
  EXPECT_EQ(error_of("a.ini", "\x1f\x8b\x08\x01"), "a.ini:1: this is no text; name the config file (INI) instead");
}

TEST(Errors, count_lines_rightly_behind_carriage_returns_and_a_byte_order_mark) {
  expect_errors({{"\xEF\xBB\xBF[data]\r\n\r\n# comment\r\npath = a.h5\r\nbatch_size = 0\r\n",
                  "a.ini:5: data.batch_size must be between 1 and 1000000, found 0"}},
                "");
}

TEST(Errors, carry_their_key) {
  try {
    (void)read_with_data("[model]\nhidden_size = int(0, 5)\n");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.key, "model.hidden_size");
    EXPECT_EQ(error.where, "a.ini:4");
  }
}

}  // namespace
}  // namespace seqsweep::config
