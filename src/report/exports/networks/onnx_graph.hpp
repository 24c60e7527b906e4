// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

namespace seqsweep::report {

/// An input or output of a graph. Its axes are free ones, by name, and then, if it has any, its columns.
struct Port {
  std::string name;
  onnx::TensorProto::DataType type;
  std::vector<std::string> free_axes;
  std::string meaning;
  int num_columns = 0;
};
void describe(onnx::ValueInfoProto& value, const Port& port);

void set_attribute(onnx::NodeProto& node, const std::string& name, std::int64_t value);
void set_attribute(onnx::NodeProto& node, const std::string& name, const std::string& text);
void set_attribute(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values);
void set_attribute(onnx::NodeProto& node, const std::string& name, const std::vector<std::string>& texts);

/// Nodes and constants of an ONNX graph, one after the other. Each value has the name that it is made with.
class GraphBuilder {
 public:
  explicit GraphBuilder(onnx::GraphProto& graph) : graph_(graph) {}

  /// Gives the name.
  std::string constant(const std::string& name, const std::vector<std::int64_t>& shape, std::span<const float> values);
  onnx::NodeProto& node(const std::string& operation, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs);
  /// A node of one output, whose name it gives.
  std::string value(const std::string& operation, const std::vector<std::string>& inputs, const std::string& output);
  std::string transposed(const std::string& input, const std::vector<std::int64_t>& axes, const std::string& output);
  /// An extent of 0 stays as it is.
  std::string reshaped(const std::string& input, const std::vector<std::int64_t>& shape, const std::string& output);

 private:
  onnx::GraphProto& graph_;
};

}  // namespace seqsweep::report
