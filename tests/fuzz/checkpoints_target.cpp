// SPDX-License-Identifier: Apache-2.0
// A checkpoint with damages (see damage.hpp): it is read or an Error, and so is what its weights predict.
#include "seqsweep/data/catalogues.hpp"
#include "seqsweep/data/dataset.hpp"
#include "seqsweep/nn/network.hpp"
#include "seqsweep/store/checkpoint.hpp"
#include "seqsweep/trial/training.hpp"

#include "damage.hpp"
#include "fuzz.hpp"
#include "prediction.hpp"

namespace seqsweep::fuzz {
namespace {

const data::Dataset& dataset() {
  static const data::Dataset loaded = [] {
    const auto& [options, make] = find_in(data::task_catalogue(), "task", std::string("adding")).make;
    data::Options given(options);
    given.set("sequences", {"8"});
    given.set("length", {"5"});
    const auto path = scratch_path("adding.h5");
    data::write_dataset(make(given), path, data::IfExists::overwrite);
    return data::Dataset::load(path);
  }();
  return loaded;
}

// Of a small network after an epoch and a half.
store::Checkpoint checkpoint() {
  const auto& header = dataset().header();
  store::Checkpoint c;
  c.trial = TrialId(3);
  c.network.hidden_size = 2;
  c.network.cell = "gru";
  c.network = trial::fit_to_data(c.network, header);
  c.layout = nn::layout_of(c.network);
  c.definition = {{"model.cell", "gru"}, {"train.optimizer", "adam"}};
  c.point_text = "model.cell = gru";
  c.dataset_fingerprint = header.fingerprint;
  c.dataset_name = header.name;
  c.feature_mean = header.feature_mean;
  c.feature_sd = header.feature_sd;
  c.target_mean = header.target_mean;
  c.target_sd = header.target_sd;
  c.state.epoch = c.state.best_epoch = 1;
  c.state.batch = 1;
  c.state.weights.assign(c.layout.size, 0.25F);
  c.state.slots.assign(2 * c.layout.size, 0.5F);
  c.state.best_weights = c.state.weights;
  auto& epoch = c.state.history.emplace_back();
  epoch.trial = c.trial;
  epoch.epoch = 1;
  epoch.gradient_flow = {{0, 0, 0, 1.0}, {0, 1, 1, 0.5}};
  return c;
}

const std::string& whole_file() {
  static const std::string content = [] {
    const auto path = scratch_path("whole.h5");
    store::write_checkpoint(path, checkpoint());
    return content_of(path);
  }();
  return content;
}

void use(const std::string& path) {
  const auto read = store::read_checkpoint(path);
  succeeds([&] {
    jobs::check_fits(read, dataset().header(), "adding.h5");
    static_cast<void>(jobs::predict_split(read, path, dataset(), data::Split::test, [](const auto&) {}));
  });
  const auto copy = scratch_path("copy.h5");
  store::write_checkpoint(copy, read);
  static_cast<void>(store::read_checkpoint(copy));
}

}  // namespace
}  // namespace seqsweep::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seqsweep;
  fuzz::Input input(data, size);
  const auto path = fuzz::damaged_file("checkpoint.h5", fuzz::whole_file(), input);
  fuzz::succeeds([&] { fuzz::use(path); });
  return 0;
}
