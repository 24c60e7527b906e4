// SPDX-License-Identifier: Apache-2.0
#include "key_table.hpp"
#include "metric_sense.hpp"

namespace seqsweep::config {
namespace {

using Names = std::vector<std::string>;
using Config = SweepConfig;
using Settings = trial::TrialSettings;

Names metric_names() {
  return {"val_loss", "val_accuracy", "val_mae", "val_rmse", "val_r2", "train_loss"};
}
Names goal_names() {
  return {"minimize", "maximize"};
}
Names objective_names() {
  return {"train", "command"};
}
Names sampler_names() {
  return names_of(search::sampler_catalogue());
}
Names scheduler_names() {
  return names_of(search::scheduler_catalogue());
}
Names fidelity_names() {
  return {"epochs", "data", "window"};
}
Names isa_names() {
  return {"auto", "avx512", "avx2"};
}
Names placement_names() {
  return {"elastic", "restless"};
}

std::string_view help_on_goals() {
  static const std::string text =
      "Where each metric should go. Follows from the metric's name where that is known, also with val_, test_ and the "
      "like around it: " +
      known_senses() + ". For any other name it must be written.";
  return text;
}

}  // namespace

// One paragraph a key.
// clang-format off
std::vector<Key> make_sweep_keys() {
  return {
      {.section = "sweep", .name = "trials", .range = between(1, 1e7),
       .help = "Trials in all, not additional: a resume may raise it.",
       .place = [](Config& c) -> Slot { return &c.study.ends.trials; }},
      {.section = "sweep", .name = "seed", .range = at_least(0),
       .help = "All random numbers of the sweep follow from it.",
       .place = [](Config& c) -> Slot { return &c.objective.seed; }},
      {.section = "sweep", .name = "metric", .kind = Kind::text, .names = metric_names,
       .help = "What trials are compared by, the best epoch so far. Up to four are objectives of equal rank: the first "
               "chooses the best epoch, the others are taken there, and may also be parameters (of the network) and "
               "multiply_adds (forward, of a sequence). With trial.objective = command: any names that the command prints.",
       .is_list = true, .place = [](Config& c) -> Slot { return &c.metrics; }},
      {.section = "sweep", .name = "goal", .kind = Kind::name, .names = goal_names,
       .help = help_on_goals(),
       .is_list = true, .place = [](Config& c) -> Slot { return &c.goals; }},
      {.section = "sweep", .name = "concurrency", .range = between(1, 1e6), .zero_name = "auto",
       .unit = "logical workers",
       .help = "Trials under way at once on the virtual clock. Results depend on this, never on ranks; twice the "
               "number of ranks keeps them busy. auto: 16, or an eighth of the trials if that is less, at least 2; with pbt "
               "all trials.",
       .place = [](Config& c) -> Slot { return &c.study.concurrency; }},
      {.section = "sweep", .name = "time_limit", .kind = Kind::duration, .role = Role::placement,
       .range = at_least(0), .zero_name = "none", .is_unlimited_at_zero = true,
       .help = "Stop after so much wall time, saved and resumable (exit code 75): 2h, 30m, 90s, 1d, 1h30m. The "
               "end of a Slurm allocation counts, too (SLURM_JOB_END_TIME).",
       .place = [](Config& c) -> Slot { return &c.placement.time_limit_s; }},

      {.section = "sweep", .name = "max_total_epochs", .range = between(0, 1e15), .zero_name = "none", .is_unlimited_at_zero = true, .unit = "epochs",
       .help = "End the sweep before all trials together would be trained for more.",
       .place = [](Config& c) -> Slot { return &c.study.ends.epochs; }},
      {.section = "sweep", .name = "max_multiply_adds", .kind = Kind::real, .range = at_least(0), .zero_name = "none", .is_unlimited_at_zero = true,
       .unit = "multiply-adds", .help = "End the sweep before all trials together would cost more.",
       .place = [](Config& c) -> Slot { return &c.study.ends.multiply_adds; }},
      {.section = "sweep", .name = "target", .kind = Kind::real, .zero_name = "none",
       .help = "End the sweep when a trial's metric is as good as this. Of one metric only.",
       .place = [](Config& c) -> Slot { return &c.study.ends.target; }},
      {.section = "sweep", .name = "patience", .range = between(0, 1e7), .zero_name = "none", .unit = "trials",
       .help = "End the sweep when so many trials have begun since the best value last improved. Of one metric only.",
       .place = [](Config& c) -> Slot { return &c.study.ends.patience; }},
      {.section = "sweep", .name = "replicate_best", .range = between(0, 1e6), .zero_name = "none", .unit = "trials",
       .help = "When all is done, train so many of the best trials again, to tell what in their values is luck: mean and "
               "standard error.", .place = [](Config& c) -> Slot { return &c.study.replication.best; }},
      {.section = "sweep", .name = "replicates", .range = between(1, 1e6),
       .help = "Of each of them, with other random numbers.",
       .place = [](Config& c) -> Slot { return &c.study.replication.times; },
       .only_if = {"sweep.replicate_best", {"none"}, excluded}},

      {.section = "search", .name = "sampler", .kind = Kind::name, .names = sampler_names,
       .help = "How new points of the search space are proposed.",
       .place = [](Config& c) -> Slot { return &c.study.sampler; }},
      {.section = "search", .name = "warm_start", .kind = Kind::path, .role = Role::placement,
       .help = "An earlier results file whose trials tpe, gp, cmaes and auto learn from. Its trials become part of the definition, "
               "where it lies does not.", .place = [](Config& c) -> Slot { return &c.warm_start; },
       .only_if = {"search.sampler", {"cmaes", "tpe", "auto", "gp", "nsga2", "motpe"}}},
      {.section = "search", .name = "scheduler", .kind = Kind::name, .names = scheduler_names,
       .help = "How far each trial is trained. With several metrics: none, also if not written.", .place = [](Config& c) -> Slot { return &c.study.scheduler.name; }},
      {.section = "search", .name = "grace_period", .range = between(1, 1e6), .unit = "epochs",
       .help = "asha, halving, hyperband: the first rung. median: no trial is stopped before.",
       .place = [](Config& c) -> Slot { return &c.study.scheduler.grace_period; },
       .only_if = {"search.scheduler", {"asha", "halving", "hyperband", "median"}}},
      {.section = "search", .name = "reduction_factor", .range = between(2, 1000),
       .help = "asha, halving, hyperband: one trial in so many goes on to the next rung, which is so many times as long.",
       .place = [](Config& c) -> Slot { return &c.study.scheduler.reduction_factor; },
       .only_if = {"search.scheduler", {"asha", "halving", "hyperband"}}},
      {.section = "search", .name = "brackets", .range = between(1, 64),
       .help = "asha: bracket s leaves out the first s rungs; new trials go to each so that all get the same budget.",
       .place = [](Config& c) -> Slot { return &c.study.scheduler.brackets; },
       .only_if = {"search.scheduler", {"asha"}}},
      {.section = "search", .name = "fidelity", .kind = Kind::name, .names = fidelity_names,
       .help = "asha, halving, hyperband: what an epoch on the way to a rung has less of, in the proportion of the rung to "
               "max_epochs: nothing (epochs), training sequences (data), or steps of each (window).",
       .place = [](Settings& s) -> Slot { return &s.fidelity.kind; }},
      {.section = "search", .name = "round_trials", .range = between(0, 1e7), .zero_name = "auto",
       .help = "halving: trials of a round. auto: as many as leave one for the last rung.",
       .place = [](Config& c) -> Slot { return &c.study.scheduler.round_trials; },
       .only_if = {"search.scheduler", {"halving"}}},
      {.section = "search", .name = "interval", .range = between(1, 1e6), .unit = "epochs",
       .help = "median: between comparisons. pbt: of a generation.",
       .place = [](Config& c) -> Slot { return &c.study.scheduler.interval; },
       .only_if = {"search.scheduler", {"median", "pbt"}}},
      {.section = "search", .name = "min_trials", .range = between(1, 1e7),
       .help = "median: comparisons begin with so many measured trials.",
       .place = [](Config& c) -> Slot { return &c.study.scheduler.min_trials; },
       .only_if = {"search.scheduler", {"median"}}},
      {.section = "search", .name = "quantile", .kind = Kind::real,
       .range = {.low = 0, .high = 0.5, .is_low_excluded = true},
       .help = "pbt: the share of a generation that is replaced by copies of as many of the best.",
       .place = [](Config& c) -> Slot { return &c.study.scheduler.quantile; },
       .only_if = {"search.scheduler", {"pbt"}}},
      {.section = "search", .name = "resample_probability", .kind = Kind::real, .range = {.low = 0, .high = 1},
       .help = "pbt: of a dimension of a copy: it is drawn anew. Else it is multiplied by 0.8 or 1.2.",
       .place = [](Config& c) -> Slot { return &c.study.resample_probability; },
       .only_if = {"search.scheduler", {"pbt"}}},
  };
}

std::vector<Key> make_limit_keys() {
  return {
      {.section = "limits", .name = "parameters", .range = between(0, 1e15), .zero_name = "none", .is_unlimited_at_zero = true,
       .help = "No point whose network has more is trained.",
       .place = [](Config& c) -> Slot { return &c.limits.parameters; }},
      {.section = "limits", .name = "memory", .kind = Kind::size, .range = at_least(0), .zero_name = "none", .is_unlimited_at_zero = true,
       .help = "No point is trained that needs more on a rank (data set apart).",
       .place = [](Config& c) -> Slot { return &c.limits.memory_bytes; }},
      {.section = "limits", .name = "multiply_adds", .kind = Kind::real, .range = at_least(0), .zero_name = "none", .is_unlimited_at_zero = true,
       .unit = "per epoch", .help = "No point is trained whose epoch costs more.",
       .place = [](Config& c) -> Slot { return &c.limits.epoch_multiply_adds; }},
  };
}

std::vector<Key> make_trial_keys() {
  return {
      {.section = "trial", .name = "objective", .kind = Kind::name, .names = objective_names,
       .help = "train: a recurrent network on a data set. command: a program of yours.",
       .place = [](Settings& s) -> Slot { return &s.objective; }},
      {.section = "trial", .name = "command", .kind = Kind::text,
       .help = "The program and its arguments; {x} stands for parameters.x, {model.hidden_size} for that key. Each line "
               "of its output that is a JSON object with the metric is an epoch: {\"epoch\": 3, \"val_loss\": 0.12}.",
       .place = [](Settings& s) -> Slot { return &s.command.command; }},
      {.section = "trial", .name = "shell", .kind = Kind::yes_no,
       .help = "Give the command to /bin/sh, with values quoted.",
       .place = [](Settings& s) -> Slot { return &s.command.is_for_shell; },
       .only_if = for_commands},
      {.section = "trial", .name = "first_epoch", .range = between(0, 1),
       .help = "The number that the command's lines give its first epoch: 1, or 0 as many programs count. {from_epoch} and "
               "{to_epoch} say how many epochs there are, whatever this is.",
       .place = [](Settings& s) -> Slot { return &s.command.first_epoch; },
       .only_if = for_commands},
      {.section = "trial", .name = "timeout", .kind = Kind::duration, .range = at_least(0), .zero_name = "none",
       .help = "A segment of the command that runs longer fails.",
       .place = [](Settings& s) -> Slot { return &s.command.timeout_s; },
       .only_if = for_commands},
      {.section = "trial", .name = "grace", .kind = Kind::duration, .role = Role::placement, .range = at_least(0),
       .help = "What a command has from SIGTERM to SIGKILL.",
       .place = [](Settings& s) -> Slot { return &s.command.grace_s; },
       .only_if = for_commands},
  };
}

std::vector<Key> make_cluster_keys() {
  return {
      {.section = "cluster", .name = "ranks_per_trial", .role = Role::placement, .range = powers_of_two,
       .zero_name = "auto", .help = "Ranks that train one trial together. Never changes a number. auto: idle ranks join "
               "running trials, and leave them when there is other work.",
       .place = [](Config& c) -> Slot { return &c.placement.ranks_per_trial; },
       .only_if = for_networks},
      {.section = "cluster", .name = "placement", .kind = Kind::name, .role = Role::placement, .names = placement_names,
       .help = "Which ranks train which trial. restless changes teams at random, to test that no number does.",
       .place = [](Config& c) -> Slot { return &c.placement.policy; }},
      {.section = "cluster", .name = "lost_after", .kind = Kind::duration, .role = Role::placement, .range = at_least(0),
       .zero_name = "never", .help = "Silence after which a rank is taken for lost and its work given to others. It may "
               "come back. Start with mpirun --enable-recovery, or MPI ends the run when a rank dies.",
       .place = [](Config& c) -> Slot { return &c.placement.lost_after_s; }},
      {.section = "cluster", .name = "checkpoint_interval", .kind = Kind::duration, .role = Role::placement,
       .range = at_least(0), .help = "Between checkpoints while a trial trains; what a lost rank costs at most.",
       .place = [](Config& c) -> Slot { return &c.placement.checkpoint_interval_s; },
       .only_if = for_networks},
      {.section = "cluster", .name = "keep_checkpoints", .role = Role::placement, .range = between(0, 1e7),
       .zero_name = "all", .is_unlimited_at_zero = true, .unit = "trials",
       .help = "Checkpoints of trials that have ended: those of the best so many stay. Those of trials that may go on always "
               "stay, as do all of commands and with several metrics.",
       .place = [](Config& c) -> Slot { return &c.placement.keep_checkpoints; },
       .only_if = for_networks},
      {.section = "cluster", .name = "checkpoint_space", .kind = Kind::size, .role = Role::placement, .range = at_least(0),
       .zero_name = "unbounded", .is_unlimited_at_zero = true,
       .help = "Bytes that checkpoints may take in all. Those of the worst trials that have ended go first, down to the best; "
               "a warning when that does not suffice.",
       .place = [](Config& c) -> Slot { return &c.placement.checkpoint_space_bytes; },
       .only_if = for_networks},
      {.section = "cluster", .name = "isa", .kind = Kind::name, .role = Role::placement, .names = isa_names,
       .help = "The vector instructions of the kernels. Never changes a number. auto: the best that each rank's processor "
               "has.",
       .place = [](Config& c) -> Slot { return &c.placement.isa; },
       .only_if = for_networks},
  };
}
// clang-format on

}  // namespace seqsweep::config
