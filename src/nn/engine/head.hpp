// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "seqsweep/nn/scores.hpp"

#include "nn/engine/dropout.hpp"
#include "nn/engine/recurrent.hpp"
#include "nn/kernels/losses.hpp"

namespace seqsweep::nn::engine {

/// Which steps of a head at every step the loss is taken of.
enum class ScoredSteps { all, last };

/// The dense head and the loss: outputs = [dropout] y W_headᵀ + b, at each sequence's last step or at every step.
/// At the last step it reads the final state of each direction: that of the reverse one stands at step 0.
class Head {
 public:
  Head(const NetworkSpec& spec, const ParameterLayout& layout);

  void load(const float* parameters);
  /// y [N × H·directions] to outputs().
  void forward(const RowBlock& block, Rows y, const std::optional<RandomKey>& dropout);

  /// Adds the scores of a part's rows under the loss to `sums`.
  void score(const RowBlock& block, std::size_t part, std::span<const float> target_scale, ScoreSums& sums) const;
  /// Overwrites the outputs by scale · d(Σ loss)/d(outputs); zero at steps that are not scored.
  void differentiate(const RowBlock& block, double scale, ScoredSteps steps);
  /// From the differentiated outputs: adds to each part's gradient panels (`is_first`: begins them anew) and gives dy.
  OutputGradient backward(const RowBlock& block, bool is_first);
  void write_gradient(const PartTree& tree, DenseGradient gradient);

  /// Copies the outputs to where the block's rows stand in the batch, of `outputs` [R × K].
  void copy_outputs(const RowBlock& block, std::span<float> outputs) const;
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  [[nodiscard]] int num_rows(const RowBlock& block) const {
    return position_ == HeadPosition::last_step ? block.num_sequences() : block.num_packed();
  }
  struct Panels {
    Floats dW, db;
  };
  /// Calls f(first row of the head, first row of the batch, rows) for a part's rows, as they neighbour each other.
  template <class F>
  void for_row_runs(const RowBlock& block, std::size_t part, F&& f) const;
  [[nodiscard]] kernels::LossRows loss_rows(const SequenceBatch& batch, std::size_t head_row, std::size_t batch_row,
                                            int rows) const;
  void add_weight_gradients(const RowBlock& block, std::size_t part, bool is_first);
  void gather_final_states(const RowBlock& block, Rows y);
  const Tensor &W_, &b_;
  HeadPosition position_;
  int num_outputs_;
  int hidden_size_;
  bool reads_classes_;
  kernels::LossKernels loss_;
  std::vector<InputColumns> columns_;  ///< of y, by direction
  int width_;
  Dropout dropout_;
  bool dropped_ = false;

  Floats weights_, bias_, transposed_weights_;
  Rows input_;  ///< [R × width], y itself or input_memory_
  Floats input_memory_, outputs_, d_input_;
  std::size_t input_stride_, output_stride_;
  std::vector<Panels> gradients_;  ///< [parts]
  std::vector<kernels::Run> chunk_runs_;
};

}  // namespace seqsweep::nn::engine
