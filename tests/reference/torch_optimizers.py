"""Writes torch_optimizers.json: how PyTorch's optimizers move three parameters
under a fixed sequence of gradients.

Run by hand, with torch installed, when an optimizer or a setting is added; the
tests read the numbers and need no torch.
"""

import json
import random
from pathlib import Path

import torch

START = [0.5, -1.25, 3.0]
STEPS = 25
RUNS = {
    "SGD": [
        {"lr": 0.1},
        {"lr": 0.05, "momentum": 0.9},
        {"lr": 0.05, "momentum": 0.9, "nesterov": True},
        {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.02},
    ],
    "Adagrad": [{"lr": 0.3}, {"lr": 0.1, "eps": 0.01}],
    "RMSprop": [{"lr": 0.02}, {"lr": 0.02, "alpha": 0.9, "eps": 0.001}],
    "Adam": [{"lr": 0.01}, {"lr": 0.1, "betas": [0.8, 0.95], "eps": 0.01}],
    "AdamW": [{"lr": 0.01}, {"lr": 0.1, "betas": [0.8, 0.95], "eps": 0.001, "weight_decay": 0.1}],
}


def path(name: str, settings: dict, gradients: list[list[float]]) -> list[list[float]]:
    """The parameters after every step."""
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([p], **settings)
    steps = []
    for gradient in gradients:
        p.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        steps.append(p.detach().tolist())
    return steps


if __name__ == "__main__":
    rng = random.Random(0)
    # Gradients of very different sizes, one parameter's now and then exactly 0.
    gradients = [
        [rng.gauss(0, 1), rng.gauss(0, 100), rng.choice([0.0, 1e-4])] for _ in range(STEPS)
    ]
    runs = [
        {"name": name, "settings": s, "path": path(name, s, gradients)}
        for name, several in RUNS.items()
        for s in several
    ]
    content = {
        "torch": torch.__version__.partition("+")[0],
        "start": START,
        "gradients": gradients,
        "runs": runs,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(content) + "\n")
