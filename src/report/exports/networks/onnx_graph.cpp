// SPDX-License-Identifier: Apache-2.0
#include "onnx_graph.hpp"

#include <bit>

namespace seqsweep::report {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

onnx::AttributeProto& add_attribute(onnx::NodeProto& node, const std::string& name,
                                    onnx::AttributeProto::AttributeType type) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

template <class Number>
void fill(onnx::TensorProto& tensor, const std::string& name, const std::vector<std::int64_t>& shape,
          std::span<const Number> values) {
  tensor.set_name(name);
  for (const auto extent : shape) tensor.add_dims(extent);
  tensor.set_raw_data(values.data(), values.size_bytes());
}

}  // namespace

void describe(onnx::ValueInfoProto& value, const Port& port) {
  value.set_name(port.name);
  value.set_doc_string(port.meaning);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(port.type);
  auto& shape = *type.mutable_shape();
  for (const auto& axis : port.free_axes) shape.add_dim()->set_dim_param(axis);
  if (port.num_columns > 0) shape.add_dim()->set_dim_value(port.num_columns);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  add_attribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, const std::string& text) {
  add_attribute(node, name, onnx::AttributeProto::STRING).set_s(text);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
  auto& attribute = add_attribute(node, name, onnx::AttributeProto::INTS);
  for (const auto value : values) attribute.add_ints(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, const std::vector<std::string>& texts) {
  auto& attribute = add_attribute(node, name, onnx::AttributeProto::STRINGS);
  for (const auto& text : texts) attribute.add_strings(text);
}

std::string GraphBuilder::constant(const std::string& name, const std::vector<std::int64_t>& shape,
                                   std::span<const float> values) {
  auto& tensor = *graph_.add_initializer();
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  fill(tensor, name, shape, values);
  return name;
}

onnx::NodeProto& GraphBuilder::node(const std::string& operation, const std::vector<std::string>& inputs,
                                    const std::vector<std::string>& outputs) {
  auto& node = *graph_.add_node();
  node.set_op_type(operation);
  for (const auto& input : inputs) node.add_input(input);
  for (const auto& output : outputs) node.add_output(output);
  node.set_name(operation + " " + outputs.back());
  return node;
}

std::string GraphBuilder::value(const std::string& operation, const std::vector<std::string>& inputs,
                                const std::string& output) {
  node(operation, inputs, {output});
  return output;
}

std::string GraphBuilder::transposed(const std::string& input, const std::vector<std::int64_t>& axes,
                                     const std::string& output) {
  set_attribute(node("Transpose", {input}, {output}), "perm", axes);
  return output;
}

std::string GraphBuilder::reshaped(const std::string& input, const std::vector<std::int64_t>& shape,
                                   const std::string& output) {
  auto& tensor = *graph_.add_initializer();
  tensor.set_data_type(onnx::TensorProto::INT64);
  const std::string name = output + ".shape";
  fill(tensor, name, {static_cast<std::int64_t>(shape.size())}, std::span<const std::int64_t>(shape));
  return value("Reshape", {input, name}, output);
}

}  // namespace seqsweep::report
