#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""PyTorch's training step (forward, loss, back-propagation, Adam) as a server: a shape in, sequences per second out.

Started by the benchmarks; by hand:
  echo '{"shape": {"cell": "lstm", …}, "seconds": 0.3}' | tests/benchmarks/torch_training.py
"""
import time

import torch
from torch import nn
from torch.nn import functional

import benchmark

NUM_BATCHES = 4  # so that not all steps see the same tokens
WARM_UP_STEPS = 2


class Model(nn.Module):
    """[embedding] → recurrent layers → dense head; time-major, as PyTorch likes it best."""

    def __init__(self, shape):
        super().__init__()
        self.embedding = nn.Embedding(shape["vocabulary"], shape["embedding"]) if shape["vocabulary"] else None
        width = shape["embedding"] if shape["vocabulary"] else shape["input"]
        cell = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[shape["cell"]]
        options = {"nonlinearity": shape["activation"]} if shape["cell"] == "rnn" else {}
        both = shape["bidirectional"]
        self.rnn = cell(width, shape["hidden"], shape["layers"], bidirectional=both, **options)
        self.head = nn.Linear(shape["hidden"] * (2 if both else 1), shape["outputs"])
        self.per_step = shape["per_step"]

    def forward(self, x):
        h, final = self.rnn(self.embedding(x) if self.embedding else x)  # [T × B × H·directions]
        if self.per_step:
            return self.head(h)
        final = final[0] if isinstance(final, tuple) else final  # of the last layer, one or two directions
        return self.head(torch.cat((final[-2], final[-1]), 1) if self.rnn.bidirectional else h[-1])


def random_batch(shape):
    steps, batch, outputs = shape["steps"], shape["batch"], shape["outputs"]
    rows = (steps, batch) if shape["per_step"] else (batch,)
    if shape["vocabulary"]:
        return torch.randint(shape["vocabulary"], (steps, batch)), torch.randint(outputs, rows)
    return torch.randn(steps, batch, shape["input"]), torch.randn(*rows, outputs)


def loss_of(shape, model, x, y):
    predicted = model(x)
    if shape["vocabulary"]:
        return functional.cross_entropy(predicted.reshape(-1, shape["outputs"]), y.reshape(-1))
    return functional.mse_loss(predicted, y)


class Training:
    """Steps over a few batches in turn; `wrap` may make the model data-parallel."""

    def __init__(self, shape, foreach=None, wrap=lambda model: model):
        torch.manual_seed(0)
        self.shape = shape
        self.model = wrap(Model(shape))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, foreach=foreach)
        self.batches = [random_batch(shape) for _ in range(NUM_BATCHES)]
        self.num_steps = 0
        for _ in range(WARM_UP_STEPS):
            self.step()

    def step(self):
        x, y = self.batches[self.num_steps % NUM_BATCHES]
        self.num_steps += 1
        self.optimizer.zero_grad(set_to_none=True)
        loss_of(self.shape, self.model, x, y).backward()
        self.optimizer.step()

    def rate_over(self, num_steps):
        """Sequences per second."""
        start = time.perf_counter()
        for _ in range(num_steps):
            self.step()
        return self.shape["batch"] * num_steps / (time.perf_counter() - start)

    def rate_for(self, seconds):
        num_steps, start = 0, time.perf_counter()
        while num_steps == 0 or time.perf_counter() - start < seconds:
            self.step()
            num_steps += 1
        return self.shape["batch"] * num_steps / (time.perf_counter() - start)


def main():
    torch.set_num_threads(1)
    training = None
    for request in benchmark.requests():
        if training is None or training.shape != request["shape"]:
            training = Training(request["shape"], foreach=request.get("foreach"))
        benchmark.reply({"sequences_per_s": training.rate_for(request["seconds"])})


if __name__ == "__main__":
    main()
