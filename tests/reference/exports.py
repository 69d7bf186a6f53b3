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
