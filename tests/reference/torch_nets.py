"""Nets of PyTorch 2.13 as safetensors, with an answer of each, for test_export.py.

    python tests/reference/torch_nets.py

It needs torch and safetensors, and writes torch_*.safetensors and
torch_nets.json beside this file.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parent


class Reader(torch.nn.Module):
    """A recurrent net and a linear head, under names that have no order."""

    def __init__(self, kind, layers):
        super().__init__()
        self.reader = kind(2, 3, num_layers=layers, batch_first=True)
        self.head = torch.nn.Linear(3, 2)

    def forward(self, xs):
        return self.head(self.reader(xs)[0][..., -1, :])


torch.manual_seed(0)
steps = torch.tensor([[0.5, -1.0], [2.0, 0.25]])
nets = {
    "mlp": torch.nn.Sequential(
        *(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 3), torch.nn.Tanh()),
        torch.nn.Linear(3, 2),
    ),
    "lstm": Reader(torch.nn.LSTM, 2),
    "rnn": Reader(torch.nn.RNN, 1),
    "gru": Reader(torch.nn.GRU, 1),
}
answers = {}
for name, net in nets.items():
    save_file(net.state_dict(), FOLDER / f"torch_{name}.safetensors")
    row = steps[0] if name == "mlp" else steps
    answers[name] = [row.tolist(), net.double()(row.double()).tolist()]
(FOLDER / "torch_nets.json").write_text(json.dumps(answers, indent=1) + "\n")
