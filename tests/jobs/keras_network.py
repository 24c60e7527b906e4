# SPDX-License-Identifier: Apache-2.0
"""An exported Keras file, read as Keras' legacy_h5_format.py reads it, and its layers' equations as Keras documents
them (keras.io/api/layers/recurrent_layers), in numpy and double precision, on one sequence after the other."""
import numpy


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


ACTIVATIONS = {"tanh": numpy.tanh, "relu": lambda x: numpy.maximum(x, 0), "sigmoid": sigmoid}


def simple_rnn(x, weights, activation):
    kernel, recurrent, bias = weights
    h, states = numpy.zeros(len(recurrent)), []
    for x_t in x:
        h = ACTIVATIONS[activation](x_t @ kernel + h @ recurrent + bias)
        states.append(h)
    return numpy.array(states)


def lstm(x, weights, _):
    kernel, recurrent, bias = weights
    h = c = numpy.zeros(len(recurrent))
    states = []
    for x_t in x:
        i, f, g, o = numpy.split(x_t @ kernel + h @ recurrent + bias, 4)
        c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(g)
        h = sigmoid(o) * numpy.tanh(c)
        states.append(h)
    return numpy.array(states)


def gru(x, weights, _):  # reset_after=True
    kernel, recurrent, bias = weights
    h, states = numpy.zeros(len(recurrent)), []
    for x_t in x:
        x_z, x_r, x_h = numpy.split(x_t @ kernel + bias[0], 3)
        h_z, h_r, h_h = numpy.split(h @ recurrent + bias[1], 3)
        z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
        h = z * h + (1 - z) * numpy.tanh(x_h + r * h_h)
        states.append(h)
    return numpy.array(states)


CELLS = {"rnn": simple_rnn, "lstm": lstm, "gru": gru}


def names(group, attribute):
    return [name.decode() for name in group.attrs[attribute]]


def outputs(trained, file):
    """What the layers of the open file say of each sequence."""
    assert file.attrs["keras_version"].decode().startswith("2.") and file.attrs["backend"].decode() == "tensorflow"
    layers = [[file[layer][name][:].astype(float) for name in names(file[layer], "weight_names")]
              for layer in names(file, "layer_names")]
    statistics = {name: values[:].astype(float) for name, values in file["normalisation"].items()}
    return [output(trained.spec, layers, statistics, sequence) for sequence in trained.sequences]


def output(spec, layers, statistics, x):
    layers = list(layers)
    if spec["vocabulary"]:
        x = layers.pop(0)[0][x]
    else:
        x = (x - statistics["feature_mean"]) / statistics["feature_sd"]
    kernel, bias = layers.pop()
    run = CELLS[spec["cell"]]
    for weights in layers:
        forward = run(x, weights[:3], spec["activation"])
        last = forward[-1]
        if len(weights) == 6:  # Bidirectional, merge_mode="concat"
            backward = run(x[::-1], weights[3:], spec["activation"])
            last = numpy.concatenate([forward[-1], backward[-1]])
            forward = numpy.concatenate([forward, backward[::-1]], 1)
        x = forward
    y = (x if spec["head"] == "every_step" else last) @ kernel + bias
    if spec["loss"] == "mse":
        return y * statistics["target_sd"] + statistics["target_mean"]
    if spec["loss"] == "bernoulli":
        return sigmoid(y)
    y = numpy.exp(y - y.max(-1, keepdims=True))
    return y / y.sum(-1, keepdims=True)
