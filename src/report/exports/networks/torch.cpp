// SPDX-License-Identifier: Apache-2.0
// What torch.save writes of a state_dict, and torch.load reads (also with weights_only = True): a zip archive of
//
//   archive/data.pkl   the dictionary {name: tensor}, pickled; a tensor is a view into a storage
//   archive/data/0     the one storage: all numbers, float32, little-endian
//   archive/version    3
//
// Names are those of the checkpoint. The statistics that the network's inputs and outputs are normalised with follow as
// feature_mean, feature_sd [D], target_mean, target_sd [K], where there are any: buffers of a module.
//
// Format: PyTorch's torch/serialization.py (_save) and torch/_utils.py (_rebuild_tensor_v2); Python's pickletools.py.
#include <array>
#include <bit>
#include <cstdint>

#include "formats.hpp"
#include "weights.hpp"
#include "zip_archive.hpp"

namespace seqsweep::report {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

template <class Number>
std::string bytes_of(Number number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

// Values in protocol 2 of Python's pickle: each is a text that leaves one object on the unpickler's stack.
const std::string protocol = "\x80\x02", end = ".";
const std::string empty_dictionary = "}", set_items = "u", mark = "(", no = "\x89";

std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
std::string text(const std::string& utf8) {
  return std::string("X") + bytes_of(static_cast<std::uint32_t>(utf8.size())) + utf8;
}
std::string integer(std::size_t value) {
  const auto number = static_cast<std::int64_t>(value);
  return std::string("\x8a") + static_cast<char>(sizeof number) + bytes_of(number);
}
std::string tuple(const std::string& items) {
  return mark + items + "t";
}
std::string call(const std::string& function, const std::string& arguments) {
  return function + tuple(arguments) + "R";
}
std::string persistent(const std::string& id) {
  return id + "Q";
}

/// Tensors one after the other in one storage.
class StateDict {
 public:
  explicit StateDict(std::size_t num_values) : num_values_(num_values) {}

  /// `shape` of one or two dimensions, row-major.
  void add(const std::string& name, const std::vector<std::size_t>& shape, std::span<const float> values) {
    std::string extents, strides;
    std::size_t stride = values.size();
    for (const auto extent : shape) {
      stride /= extent;
      extents += integer(extent);
      strides += integer(stride);
    }
    items_ +=
        text(name) + call(global("torch._utils", "_rebuild_tensor_v2"),
                          storage() + integer(values_.size()) + tuple(extents) + tuple(strides) + no + no_hooks());
    values_.insert(values_.end(), values.begin(), values.end());
  }

  [[nodiscard]] std::string pickle() const { return protocol + empty_dictionary + mark + items_ + set_items + end; }
  [[nodiscard]] std::string_view values() const {
    return {reinterpret_cast<const char*>(values_.data()), values_.size() * sizeof(float)};
  }

 private:
  [[nodiscard]] std::string storage() const {
    return persistent(
        tuple(text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu") + integer(num_values_)));
  }
  static std::string no_hooks() { return call(global("collections", "OrderedDict"), ""); }

  std::size_t num_values_;  // of the whole storage, which every tensor names
  std::string items_;
  std::vector<float> values_;
};

std::string torch(const store::Checkpoint& checkpoint) {
  struct Statistic {
    const char* name;
    const std::vector<float>& values;
  };
  const std::array statistics = {
      Statistic{"feature_mean", checkpoint.feature_mean}, Statistic{"feature_sd", checkpoint.feature_sd},
      Statistic{"target_mean", checkpoint.target_mean}, Statistic{"target_sd", checkpoint.target_sd}};
  const TrainedWeights weights(checkpoint);

  std::size_t num_values = checkpoint.state.best_weights.size();
  for (const auto& statistic : statistics) num_values += statistic.values.size();
  StateDict state(num_values);
  for (const auto& tensor : weights.tensors()) {
    std::vector<std::size_t> shape = {static_cast<std::size_t>(tensor.rows)};
    if (!tensor.is_bias) shape.push_back(static_cast<std::size_t>(tensor.columns));
    state.add(tensor.name, shape, weights.tensor(tensor.name));
  }
  for (const auto& statistic : statistics)
    if (!statistic.values.empty()) state.add(statistic.name, {statistic.values.size()}, statistic.values);

  const std::string pickle = state.pickle();
  const std::array entries = {ZipEntry{"archive/data.pkl", pickle}, ZipEntry{"archive/data/0", state.values()},
                              ZipEntry{"archive/version", "3\n"}};
  return zip_archive(entries);
}

}  // namespace

const NetworkFormat torch_format{".pt", torch};

}  // namespace seqsweep::report
