// SPDX-License-Identifier: Apache-2.0
// oneDNN's RNN primitives as a training step: a shape in, sequences per second out, one line of JSON each. Forward
// training, backward and Adam on the weights, float32, one layer after the other; head, loss and embedding are left out
// (an embedded token is a row of its embedding's width). Weights are reordered into oneDNN's layouts at every step,
// since Adam changes them. "gru" is lbr_gru, whose formulas are PyTorch's and ours. Written for oneDNN 2 (Debian 12
// has 2.6).
//
// Started by engine_against_pytorch.py; by hand:
//   echo '{"cell": "lstm", "input": 8, "hidden": 128, "layers": 1, "batch": 32, "steps": 100, "seconds": 0.3, …}' |
//     engine_against_onednn
#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <iostream>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <oneapi/dnnl/dnnl.hpp>

namespace {

using dnnl::memory;
using Json = nlohmann::json;
using Arguments = std::unordered_map<int, memory>;
using Tag = memory::format_tag;

constexpr auto f32 = memory::data_type::f32;
constexpr auto direction = dnnl::rnn_direction::unidirectional_left2right;

struct Device {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

std::span<float> values_of(const memory& block) {
  return {static_cast<float*>(block.get_data_handle()), block.get_desc().get_size() / sizeof(float)};
}

memory zeros(const memory::desc& desc, const Device& device) {
  memory block(desc, device.engine);
  std::ranges::fill(values_of(block), 0.0F);
  return block;
}

memory random_block(const memory::desc& desc, float bound, const Device& device) {
  memory block(desc, device.engine);
  std::minstd_rand random(7);
  std::uniform_real_distribution<float> uniform(-bound, bound);
  for (float& value : values_of(block)) value = uniform(random);
  return block;
}

struct LayerShape {
  std::string cell, activation;
  memory::dim D = 0, H = 0, B = 0, T = 0;

  [[nodiscard]] memory::dim gates() const { return cell == "lstm" ? 4 : cell == "gru" ? 3 : 1; }
  [[nodiscard]] memory::dim bias_gates() const { return cell == "gru" ? 4 : gates(); }
};

/// Plain layouts; where they say `any`, oneDNN chooses.
struct Descriptors {
  explicit Descriptors(const LayerShape& s)
      : input({s.T, s.B, s.D}, f32, Tag::tnc),
        output({s.T, s.B, s.H}, f32, Tag::tnc),
        state({1, 1, s.B, s.H}, f32, Tag::ldnc),
        W_ih({1, 1, s.D, s.gates(), s.H}, f32, Tag::ldigo),
        W_hh({1, 1, s.H, s.gates(), s.H}, f32, Tag::ldigo),
        any_W_ih({1, 1, s.D, s.gates(), s.H}, f32, Tag::any),
        any_W_hh({1, 1, s.H, s.gates(), s.H}, f32, Tag::any),
        bias({1, 1, s.bias_gates(), s.H}, f32, Tag::ldgo) {}
  memory::desc input, output, state, W_ih, W_hh, any_W_ih, any_W_hh, bias;
};

/// The two passes of one layer, and the layouts that they want.
struct Passes {
  dnnl::primitive forward, backward;
  memory::desc workspace, forward_W_ih, forward_W_hh, backward_W_ih, backward_W_hh, dW_ih, dW_hh;
};

template <class Forward, class Backward, class ForwardDesc, class BackwardDesc>
Passes make_passes(const ForwardDesc& forward_desc, const BackwardDesc& backward_desc, const Device& device) {
  const typename Forward::primitive_desc forward(forward_desc, device.engine);
  const typename Backward::primitive_desc backward(backward_desc, device.engine, forward);
  return {Forward(forward),
          Backward(backward),
          forward.workspace_desc(),
          forward.weights_layer_desc(),
          forward.weights_iter_desc(),
          backward.weights_layer_desc(),
          backward.weights_iter_desc(),
          backward.diff_weights_layer_desc(),
          backward.diff_weights_iter_desc()};
}

Passes passes_of(const LayerShape& shape, const Descriptors& d, const Device& device) {
  constexpr auto training = dnnl::prop_kind::forward_training, back = dnnl::prop_kind::backward;
  if (shape.cell == "lstm")
    return make_passes<dnnl::lstm_forward, dnnl::lstm_backward>(
        dnnl::lstm_forward::desc(training, direction, d.input, d.state, d.state, d.any_W_ih, d.any_W_hh, d.bias,
                                 d.output, d.state, d.state),
        dnnl::lstm_backward::desc(back, direction, d.input, d.state, d.state, d.any_W_ih, d.any_W_hh, d.bias, d.output,
                                  d.state, d.state, d.input, d.state, d.state, d.any_W_ih, d.any_W_hh, d.bias, d.output,
                                  d.state, d.state),
        device);
  if (shape.cell == "gru")
    return make_passes<dnnl::lbr_gru_forward, dnnl::lbr_gru_backward>(
        dnnl::lbr_gru_forward::desc(training, direction, d.input, d.state, d.any_W_ih, d.any_W_hh, d.bias, d.output,
                                    d.state),
        dnnl::lbr_gru_backward::desc(back, direction, d.input, d.state, d.any_W_ih, d.any_W_hh, d.bias, d.output,
                                     d.state, d.input, d.state, d.any_W_ih, d.any_W_hh, d.bias, d.output, d.state),
        device);
  const auto activation = shape.activation == "relu" ? dnnl::algorithm::eltwise_relu : dnnl::algorithm::eltwise_tanh;
  return make_passes<dnnl::vanilla_rnn_forward, dnnl::vanilla_rnn_backward>(
      dnnl::vanilla_rnn_forward::desc(training, activation, direction, d.input, d.state, d.any_W_ih, d.any_W_hh, d.bias,
                                      d.output, d.state),
      dnnl::vanilla_rnn_backward::desc(back, activation, direction, d.input, d.state, d.any_W_ih, d.any_W_hh, d.bias,
                                       d.output, d.state, d.input, d.state, d.any_W_ih, d.any_W_hh, d.bias, d.output,
                                       d.state),
      device);
}

/// A tensor that Adam changes.
struct Trained {
  Trained(const memory::desc& desc, float bound, const Device& device)
      : value(random_block(desc, bound, device)),
        gradient(zeros(desc, device)),
        first_moment(values_of(value).size()),
        second_moment(values_of(value).size()) {}

  void adam_step() {
    constexpr float rate = 1e-3F, beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-8F;
    float* w = values_of(value).data();
    const float* g = values_of(gradient).data();
    float *m = first_moment.data(), *v = second_moment.data();
    for (std::size_t i = 0; i < first_moment.size(); ++i) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      w[i] -= rate * m[i] / (std::sqrt(v[i]) + epsilon);
    }
  }

  memory value, gradient;
  std::vector<float> first_moment, second_moment;
};

/// One recurrent layer between its input and its output, which the neighbours share.
class Layer {
 public:
  Layer(const LayerShape& shape, std::pair<memory, memory> input, const Device& device)
      : shape_(shape),
        d_(shape),
        passes_(passes_of(shape, d_, device)),
        W_ih_(d_.W_ih, bound(), device),
        W_hh_(d_.W_hh, bound(), device),
        bias_(d_.bias, bound(), device) {
    const auto make = [&](const memory::desc& desc) { return zeros(desc, device); };
    output_ = {make(d_.output), random_block(d_.output, 1e-3F, device)};
    forward_W_ih_ = make(passes_.forward_W_ih), forward_W_hh_ = make(passes_.forward_W_hh);
    backward_W_ih_ = make(passes_.backward_W_ih), backward_W_hh_ = make(passes_.backward_W_hh);
    dW_ih_ = make(passes_.dW_ih), dW_hh_ = make(passes_.dW_hh);
    forward_ = {{DNNL_ARG_SRC_LAYER, input.first},
                {DNNL_ARG_SRC_ITER, make(d_.state)},
                {DNNL_ARG_WEIGHTS_LAYER, forward_W_ih_},
                {DNNL_ARG_WEIGHTS_ITER, forward_W_hh_},
                {DNNL_ARG_BIAS, bias_.value},
                {DNNL_ARG_DST_LAYER, output_.first},
                {DNNL_ARG_DST_ITER, make(d_.state)},
                {DNNL_ARG_WORKSPACE, make(passes_.workspace)}};
    if (shape.cell == "lstm") {
      forward_[DNNL_ARG_SRC_ITER_C] = make(d_.state);
      forward_[DNNL_ARG_DST_ITER_C] = make(d_.state);
    }
    backward_ = forward_;
    backward_[DNNL_ARG_WEIGHTS_LAYER] = backward_W_ih_;
    backward_[DNNL_ARG_WEIGHTS_ITER] = backward_W_hh_;
    backward_.insert({{DNNL_ARG_DIFF_SRC_LAYER, input.second},
                      {DNNL_ARG_DIFF_SRC_ITER, make(d_.state)},
                      {DNNL_ARG_DIFF_WEIGHTS_LAYER, dW_ih_},
                      {DNNL_ARG_DIFF_WEIGHTS_ITER, dW_hh_},
                      {DNNL_ARG_DIFF_BIAS, bias_.gradient},
                      {DNNL_ARG_DIFF_DST_LAYER, output_.second},
                      {DNNL_ARG_DIFF_DST_ITER, make(d_.state)}});
    if (shape.cell == "lstm") {
      backward_[DNNL_ARG_DIFF_SRC_ITER_C] = make(d_.state);
      backward_[DNNL_ARG_DIFF_DST_ITER_C] = make(d_.state);
    }
  }

  void forward(dnnl::stream& stream) {
    reorder(W_ih_.value, forward_W_ih_, stream);
    reorder(W_hh_.value, forward_W_hh_, stream);
    passes_.forward.execute(stream, forward_);
  }

  void backward(dnnl::stream& stream) {
    reorder(W_ih_.value, backward_W_ih_, stream);
    reorder(W_hh_.value, backward_W_hh_, stream);
    for (const auto& sum : {dW_ih_, dW_hh_, bias_.gradient}) std::ranges::fill(values_of(sum), 0.0F);  // it adds
    passes_.backward.execute(stream, backward_);
    reorder(dW_ih_, W_ih_.gradient, stream);
    reorder(dW_hh_, W_hh_.gradient, stream);
    stream.wait();
    for (auto* trained : {&W_ih_, &W_hh_, &bias_}) trained->adam_step();
  }

  /// The output and its gradient.
  [[nodiscard]] const std::pair<memory, memory>& output() const { return output_; }

 private:
  [[nodiscard]] float bound() const { return 1 / std::sqrt(static_cast<float>(shape_.H)); }

  static void reorder(memory from, memory to, dnnl::stream& stream) {
    dnnl::reorder(from, to).execute(stream, from, to);
  }

  LayerShape shape_;
  Descriptors d_;
  Passes passes_;
  Trained W_ih_, W_hh_, bias_;
  std::pair<memory, memory> output_;
  memory forward_W_ih_, forward_W_hh_, backward_W_ih_, backward_W_hh_, dW_ih_, dW_hh_;
  Arguments forward_, backward_;
};

class Network {
 public:
  explicit Network(const Json& shape) : batch_size_(shape.at("batch").get<double>()) {
    const int width = shape.at("vocabulary") > 0 ? shape.at("embedding").get<int>() : shape.at("input").get<int>();
    LayerShape layer{shape.at("cell"),   shape.at("activation"), width,
                     shape.at("hidden"), shape.at("batch"),      shape.at("steps")};
    const Descriptors first(layer);
    std::pair<memory, memory> input{random_block(first.input, 1, device_), zeros(first.input, device_)};
    for (int l = 0; l < shape.at("layers").get<int>(); ++l) {
      layers_.emplace_back(layer, input, device_);
      input = layers_.back().output();
      layer.D = layer.H;
    }
  }

  /// Sequences per second of as many steps as fit into so much time.
  double rate_for(double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    double elapsed_s = 0;
    int num_steps = 0;
    for (; num_steps == 0 || elapsed_s < seconds; ++num_steps) {
      for (auto& layer : layers_) layer.forward(device_.stream);
      for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) layer->backward(device_.stream);
      elapsed_s = std::chrono::duration<double>(Clock::now() - start).count();
    }
    return batch_size_ * num_steps / elapsed_s;
  }

 private:
  Device device_;
  double batch_size_;
  std::vector<Layer> layers_;
};

}  // namespace

int main() {
  std::unique_ptr<Network> network;
  Json shape;
  for (std::string line; std::getline(std::cin, line);) try {
      const auto request = Json::parse(line);
      if (request != shape) {
        network = std::make_unique<Network>(request);
        shape = request;
        network->rate_for(0.02);  // warm up
      }
      std::cout << Json{{"sequences_per_s", network->rate_for(request.at("seconds"))}} << std::endl;
    } catch (const std::exception& error) {
      std::cerr << "engine_against_onednn: " << error.what() << '\n';
      return 1;
    }
}
