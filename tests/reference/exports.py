"""The models of test_export.py, and what PyTorch answers for their scripts.

    python tests/reference/exports.py PYTHON

PYTHON is an interpreter with PyTorch 2.13. It runs the script of each model,
and its answers are written to exports.json beside this file.
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import nn
from nn import export

ANSWERS = Path(__file__).with_name("exports.json")
ACTIVATIONS = [
    *("relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "sigmoid", "log_sigmoid"),
    *("tanh", "heaviside", "softmax", "log_softmax"),
]


def models():
    """Every kind of part, as (model, a row for it), by name; biases are not 0."""
    rng = random.Random(0)
    row, steps, words = [0.5, -1.25, 30.0], [[0.5], [-1.0], [2.0]], [2, 0, 1]
    made = {name: (nn.MLP(3, [4, 2], name, name, seed=1), row) for name in ACTIVATIONS}
    for kind in (nn.RNN, nn.LSTM, nn.GRU):
        for layers in (1, 2):
            net = nn.Sequential(
                kind(1, 3, layers=layers, seed=2), nn.Last(), nn.Layer(3, 2, seed=3)
            )
            made[f"{kind.__name__} {layers}"] = net, steps
    made["norms"] = (
        nn.Sequential(
            nn.Layer(3, 4, "tanh", bias=False, seed=4),
            nn.LayerNorm(4),
            nn.Dropout(0.5),
            nn.RMSNorm(4),
            nn.LayerNorm(4, gain=False, bias=False),
            nn.RMSNorm(4, gain=False),
        ),
        row,
    )
    made["words"] = (
        nn.Sequential(
            nn.Each(nn.Embedding(3, 2, seed=5)),
            nn.GRU(2, 3, bias=False, seed=6),
            nn.Each(nn.Layer(3, 2, seed=7)),
        ),
        words,
    )
    made["neuron"] = nn.Neuron(3, "tanh", bias=0.25, seed=8), row
    made["an embedding"] = nn.Embedding(3, 2, seed=9), 2
    made["shifted"] = nn.LayerNorm(3, gain=False), row
    for kind in (nn.RNNCell, nn.GRUCell, nn.LSTMCell):
        state = ([0.5, -0.25], [1.5, 0.75])
        pair = [2.0], state if kind is nn.LSTMCell else state[0]
        made[kind.__name__] = kind(1, 2, seed=10), pair
    made["encoder and decoder"] = nn.EncoderDecoder(1, 3, 2, steps=4, seed=11), steps
    vectors = [[0.5, -1.25, 3.0, 1.0], [2.0, 0.0, -0.5, 0.25], [1.0, 1.5, -2.0, -0.75]]
    made["attention"] = nn.MultiHeadAttention(4, 2, seed=12), vectors
    seen = nn.MultiHeadAttention(4, 1, causal=False, bias=False, dropout=0.1, seed=13)
    made["attention to all"] = seen, vectors
    made["block"] = nn.Block(4, 2, norm="layer", activation="gelu", dropout=0.1, seed=14), vectors
    shifted = nn.Block(4, 4, norm="layer", gain=False, activation="leaky_relu", seed=15)
    made["blocks"] = nn.Sequential(nn.Block(4, 2, bias=False, seed=16), shifted), vectors
    made["gpt"] = nn.GPT(5, 8, 2, 2, block_size=6, seed=17), [4, 0, 1, 1, 3]
    options = {"norm": "layer", "activation": "gelu", "bias": True, "gain": True, "dropout": 0.1}
    made["gpt tied"] = nn.GPT(5, 8, 2, block_size=4, tied=True, seed=18, **options), [4, 0, 1]
    for model, _ in made.values():
        for path, p in model.named_parameters():
            if path.endswith((".b", "bias")) or ".b." in path or "gain" in path:
                p.data = rng.uniform(-1, 1)
    return made


def main(python):
    """Run the scripts by an interpreter with PyTorch, and keep what they answer."""
    answers = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (model, row) in models().items():
            script = Path(folder) / "net.py"
            export.to_torch(model, script, row)
            done = subprocess.run([python, script], capture_output=True, text=True, check=True)
            output, difference = [line.split(" ", 1)[1] for line in done.stdout.splitlines()]
            answers[name] = json.loads(output)
            print(name, difference)
    ANSWERS.write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
