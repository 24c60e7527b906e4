// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "seqsweep/h5/file.hpp"
#include "seqsweep/store/schema.hpp"

#include "h5/scratch.hpp"
#include "store/sample.hpp"

namespace seqsweep::store {
namespace {

using test::append_sample;
using test::error_of;
using test::sample_results;
using test::Scratch;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Results, committed_records_read_back_bit_for_bit_while_they_are_written) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  auto writer = ResultsWriter::create(path, test::sample_header());
  append_sample(writer, {3, 0, 2, 1, 4});
  const auto found = read_results(path);  // in the writer's own process, as before sealing
  EXPECT_FALSE(found.is_sealed);
  EXPECT_THAT(differences(found, sample_results(5)), IsEmpty());
  EXPECT_EQ(found.trials[2].point, test::sample_trial(2).point);
  EXPECT_EQ(found.trials[2].reason, "3rd of 7 at epoch 1");
  EXPECT_EQ(found.trials[2].epochs(), 3);
  EXPECT_TRUE(std::isinf(found.trials[4].curve.back().value));  // it diverged
  EXPECT_EQ(found.timing.size(), 5U);
  EXPECT_EQ(found.timing[0].host, "node-7");
  EXPECT_EQ(found.header.definition, test::sample_header().definition);
  EXPECT_EQ(found.header.dataset_provenance, test::sample_header().dataset_provenance);
  EXPECT_EQ(found.header.dataset_description, test::sample_header().dataset_description);
  const auto brief = read_results(path, Parts::without_epochs);
  EXPECT_TRUE(brief.epochs.empty());
  EXPECT_EQ(brief.trials.size(), 5U);
}

TEST(Results, further_metrics_are_columns_of_their_own) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  auto header = test::sample_header();
  header.further_metrics = {{"parameters", search::Goal::minimize}, {"val_accuracy", search::Goal::maximize}};
  Results expected = sample_results(2);
  expected.header = header;
  {
    auto writer = ResultsWriter::create(path, header);
    for (int trial = 0; trial < 2; ++trial) writer.put_trial(test::sample_trial(trial), nullptr);
    for (auto& segment : expected.segments) {
      segment.further = {100.0 + segment.to_epoch, 1.0 / 3};
      writer.append(segment);
      writer.put_trial(test::sample_trial(segment.trial.value), &segment);
    }
    for (const auto& epoch : expected.epochs) writer.append(epoch);
    for (const auto& decision : expected.decisions) writer.append(decision);
    writer.commit();
    const auto live = read_results(path);
    EXPECT_THAT(differences(live, expected), IsEmpty());
    EXPECT_EQ(live.header.further_metrics, header.further_metrics);
    writer.seal(live);
  }
  auto sealed = read_results(path);
  EXPECT_THAT(differences(sealed, expected), IsEmpty());
  EXPECT_THAT(sealed.segments[1].further, ElementsAre(103, 1.0 / 3));
  const auto file = h5::File::open(path, h5::Access::read);
  const auto trials = results_format(header.dimensions, header.further_metrics)[0];
  EXPECT_EQ(file.open_table("/trials", trials.rows).num_rows(), 2U);
  sealed.segments[1].further[1] = 0.5;
  EXPECT_THAT(differences(sealed, expected),
              ElementsAre(HasSubstr("trials, trial 0, val_accuracy: 0.5"), HasSubstr("segment_results, trial 0")));
  EXPECT_THAT(differences(sealed, sample_results(2)), Contains(HasSubstr("further metrics")));
}

TEST(Results, one_metric_leaves_the_file_as_it_was) {
  const Scratch scratch;
  { auto writer = ResultsWriter::create(scratch / "r.h5", test::sample_header()); }
  EXPECT_FALSE(h5::File::open(scratch / "r.h5", h5::Access::read).has_attribute("/", "further_metrics"));
}

TEST(Results, a_trial_that_failed_has_the_worst_value_of_its_goal) {
  for (const auto goal : {search::Goal::minimize, search::Goal::maximize}) {
    const Scratch scratch;
    auto header = test::sample_header();
    header.goal = goal;
    auto writer = ResultsWriter::create(scratch / "r.h5", header);
    auto segment = test::sample_segment(0, 0, 1);
    segment.ending = search::Ending::failed;
    writer.append(segment);
    writer.put_trial(test::sample_trial(0), &segment);
    writer.commit();
    const auto found = read_results(scratch / "r.h5").trials.at(0).curve.at(0).value;
    EXPECT_EQ(search::turned(goal, found), std::numeric_limits<double>::infinity());
  }
}

TEST(Results, what_was_not_committed_does_not_count) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  {
    auto writer = ResultsWriter::create(path, test::sample_header());
    append_sample(writer, {0});
    writer.append(test::sample_epoch(0, 7));
  }
  Results so_far;
  {
    auto writer = ResultsWriter::resume(path, so_far);
    EXPECT_THAT(differences(so_far, sample_results(1)), IsEmpty());
  }
  // Rows behind the count: written, flushed, but the count never followed.
  {
    auto file = h5::File::open(path, h5::Access::write);
    auto format = results_format(so_far.header.dimensions)[1];
    format.rows.columns.push_back({"checksum", h5::Kind::i64, format.rows.row_bytes, 0, "", ""});
    format.rows.row_bytes += 8;
    auto table = file.open_table(format.path, format.rows);
    table.append(std::vector<std::byte>(3 * format.rows.row_bytes, std::byte{0x7f}));
  }
  EXPECT_THAT(differences(read_results(path), sample_results(1)), IsEmpty());
  auto writer = ResultsWriter::resume(path, so_far);
  writer.append(test::sample_epoch(1, 1));
  writer.commit();
  EXPECT_THAT(differences(read_results(path), sample_results(1)),
              ElementsAre("epochs, trial 1, epoch 1: only in the first file",
                          "gradient_flow, trial 1, epoch 1, layer 0, distance 0: only in the first file",
                          "gradient_flow, trial 1, epoch 1, layer 0, distance 1: only in the first file",
                          "gradient_flow, trial 1, epoch 1, layer 1, distance 0: only in the first file"));
}

TEST(Results, repeated_work_counts_once_and_the_first_holds) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  auto writer = ResultsWriter::create(path, test::sample_header());
  append_sample(writer, {0, 1});
  auto again = test::sample_epoch(1, 2);
  again.train_loss = 77;
  again.gradient_flow[0].norm = 77;
  writer.append(again);
  auto segment = test::sample_segment(0, 0, 1);
  segment.value = 77;
  writer.append(segment);
  writer.append(test::sample_decision(0, 0, 1));
  writer.commit();
  EXPECT_THAT(differences(read_results(path), sample_results(2)), IsEmpty());
}

TEST(Results, resume_may_replace_the_header) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  { auto writer = ResultsWriter::create(path, test::sample_header()); }
  auto header = test::sample_header();
  header.trials = 99;
  Results so_far;
  auto writer = ResultsWriter::resume(path, so_far, [&](Results& found) { found.header = header; });
  EXPECT_EQ(read_results(path).header.trials, 99);
}

TEST(Results, long_texts_are_cut_between_characters) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  auto writer = ResultsWriter::create(path, test::sample_header());
  auto segment = test::sample_segment(0, 0, 1);
  segment.message = std::string(239, 'x') + "é and more";
  writer.append(segment);
  writer.commit();
  EXPECT_EQ(read_results(path).segments[0].message, std::string(239, 'x'));
}

TEST(Results, a_definition_of_200_kB_is_kept) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  auto header = test::sample_header();
  header.definition["data.path"] = std::string(200'000, 'p');
  auto writer = ResultsWriter::create(path, header);
  EXPECT_EQ(read_results(path).header.definition, header.definition);
}

TEST(Results, a_file_of_another_kind_is_refused_and_left_alone) {
  const Scratch scratch;
  Results so_far;
  EXPECT_THAT(error_of([&] { ResultsWriter::resume(scratch / "none.h5", so_far); }),
              HasSubstr("there is no such file"));
  EXPECT_THAT(error_of([&] { ResultsWriter::create(scratch / "none/r.h5", {}); }), HasSubstr("make the folder first"));
  write_checkpoint(scratch / "c.h5", test::sample_checkpoint());
  EXPECT_THAT(error_of([&] { ResultsWriter::resume(scratch / "c.h5", so_far); }),
              HasSubstr("holds the checkpoint of one trial, not the results of a hyperparameter sweep"));
  EXPECT_THAT(error_of([&] { ResultsWriter::create(scratch / "c.h5", {}); }), HasSubstr("exists already"));
  EXPECT_EQ(read_checkpoint(scratch / "c.h5").trial, TrialId(12));
  { h5::File::create(scratch / "other.h5"); }
  EXPECT_THAT(error_of([&] { (void)read_results(scratch / "other.h5"); }), HasSubstr("holds no results"));
  { auto writer = ResultsWriter::create(scratch / "r.h5", test::sample_header()); }
  {
    auto file = h5::File::open(scratch / "r.h5", h5::Access::write);
    file.write_attribute("/", "format_version", std::int64_t{2});
  }
  EXPECT_THAT(error_of([&] { (void)read_results(scratch / "r.h5"); }),
              HasSubstr("has format version 2, this program reads version 1"));
}

TEST(Results, trials_are_recorded_in_order_of_their_numbers) {
  const Scratch scratch;
  auto writer = ResultsWriter::create(scratch / "r.h5", test::sample_header());
  writer.put_trial(test::sample_trial(0), nullptr);
  EXPECT_THROW(writer.put_trial(test::sample_trial(2), nullptr), ContractViolation);
}

TEST(Results, differences_name_the_place_and_both_values) {
  const auto a = sample_results(3);
  auto b = a;
  b.header.definition["sweep.seed"] = "2";
  b.header.program_version = "other";
  b.header.dataset_provenance = "by hand";
  b.timing.clear();
  b.header.goal = search::Goal::maximize;
  b.epochs[4].validation.loss = std::nextafter(b.epochs[4].validation.loss, 1.0);
  b.epochs[0].validation.accuracy = -std::numeric_limits<double>::quiet_NaN();
  b.trials[2].state = search::TrialState::paused;
  b.segments.pop_back();
  const auto lines = differences(a, b);
  EXPECT_THAT(lines, testing::Contains("setting sweep.seed: '1' against '2'"));
  EXPECT_THAT(lines, testing::Contains("goal: one minimizes, the other maximizes"));
  EXPECT_THAT(lines, testing::Contains(testing::EndsWith("against 'by hand'")));
  EXPECT_THAT(lines, testing::Contains("trials, trial 2, state: 'completed' against 'paused'"));
  EXPECT_THAT(lines, testing::Contains("segment_results, trial 2, epochs 1 to 3: only in the first file"));
  EXPECT_THAT(lines, testing::Contains(testing::StartsWith("epochs, trial 1, epoch 2, val_loss: 0.0")));
  EXPECT_THAT(differences(a, b, 2), ElementsAre(lines[0], lines[1], HasSubstr("more")));
}

}  // namespace
}  // namespace seqsweep::store
