# SPDX-License-Identifier: Apache-2.0
"""An exported state_dict in torch.nn's modules."""
import torch

import trained_networks

KINDS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


class Network(torch.nn.Module):
    def __init__(self, spec):
        super().__init__()
        self.spec = spec
        width = spec["num_features"]
        if spec["vocabulary"]:
            width = spec["embedding_size"]
            self.embedding = torch.nn.Embedding(spec["vocabulary"], width)
        else:
            self.register_buffer("feature_mean", torch.zeros(width))
            self.register_buffer("feature_sd", torch.zeros(width))
        if spec["loss"] == "mse":
            self.register_buffer("target_mean", torch.zeros(spec["num_outputs"]))
            self.register_buffer("target_sd", torch.zeros(spec["num_outputs"]))
        extra = {"nonlinearity": spec["activation"]} if spec["cell"] == "rnn" else {}
        self.rnn = KINDS[spec["cell"]](width, spec["hidden_size"], spec["num_layers"], batch_first=True,
                                       bidirectional=bool(spec["bidirectional"]), **extra)
        self.head = torch.nn.Linear(spec["hidden_size"] * (2 if spec["bidirectional"] else 1), spec["num_outputs"])

    def forward(self, x, lengths):
        """`x` is raw; gives values in the target's own unit, or probabilities."""
        x = self.embedding(x) if self.spec["vocabulary"] else (x - self.feature_mean) / self.feature_sd
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, final = self.rnn(packed)
        if self.spec["head"] == "every_step":
            h, _ = torch.nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
        else:
            final = final[0] if self.spec["cell"] == "lstm" else final  # [layers·directions × B × H]
            h = torch.cat(list(final[-2:] if self.spec["bidirectional"] else final[-1:]), 1)
        y = self.head(h)
        if self.spec["loss"] == "mse":
            return y * self.target_sd + self.target_mean
        return torch.sigmoid(y) if self.spec["loss"] == "bernoulli" else torch.softmax(y, -1)


def outputs(trained, state):
    """What the network with these weights says of each sequence."""
    network = Network(trained.spec)
    network.load_state_dict(state)  # strict: every name, no other
    batch, lengths = trained_networks.padded(trained.sequences, 0)
    batch = torch.tensor(batch)
    with torch.no_grad():
        y = network(batch.long() if trained.has_tokens else batch, torch.tensor(lengths))
    return trained_networks.unpadded(trained, y.numpy(), lengths)
