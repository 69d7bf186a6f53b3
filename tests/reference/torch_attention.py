"""Writes torch_attention.json: what PyTorch's attention, LayerNorm and a GPT of them compute.

Run by hand, with torch installed, when attention changes; the tests read the
numbers and need no torch.
"""

import json
from pathlib import Path

import torch

WIDTH, HEADS, BLOCKS, VOCAB, LENGTH = 4, 2, 2, 5, 4
TOKENS, TARGETS = [1, 4, 0, 4], [4, 0, 4, 2]


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = torch.nn.LayerNorm(WIDTH), torch.nn.LayerNorm(WIDTH)
        self.attention = torch.nn.MultiheadAttention(WIDTH, HEADS)
        self.up, self.down = torch.nn.Linear(WIDTH, 4 * WIDTH), torch.nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        a = self.norm1(x)
        x = x + self.attention(a, a, a, attn_mask=hidden(len(x)))[0]
        return x + self.down(torch.nn.functional.gelu(self.up(self.norm2(x))))


class GPT(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = torch.nn.Embedding(VOCAB, WIDTH)
        self.positions = torch.nn.Embedding(LENGTH, WIDTH)
        self.norm = torch.nn.LayerNorm(WIDTH)
        self.blocks = torch.nn.ModuleList([Block() for _ in range(BLOCKS)])

    def forward(self, tokens):
        x = self.norm(self.tokens(tokens) + self.positions.weight[: len(tokens)])
        for block in self.blocks:
            x = block(x)
        return x @ self.tokens.weight.T


def hidden(n):
    """The positions that none may see: those behind it."""
    return torch.triu(torch.ones(n, n, dtype=torch.bool), 1)


def drawn(module):
    """The module in float64 with normal weights, biases and gains too."""
    module.double()
    for p in module.parameters():
        torch.nn.init.normal_(p, std=0.5)
    return module


def found(module, outputs, cost):
    """Weights, outputs and the gradients of the cost, by name."""
    cost.backward()
    named = dict(module.named_parameters())
    return {
        "weights": {name: p.tolist() for name, p in named.items()},
        "outputs": outputs.tolist(),
        "cost": cost.item(),
        "gradients": {name: p.grad.tolist() for name, p in named.items()},
    }


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(3, WIDTH, dtype=torch.float64)
    attention = drawn(torch.nn.MultiheadAttention(WIDTH, HEADS))
    attended = attention(x, x, x, attn_mask=hidden(3))[0]
    norm = drawn(torch.nn.LayerNorm(WIDTH))
    normed = norm(x)
    gpt = drawn(GPT())
    logits = gpt(torch.tensor(TOKENS))
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(TARGETS))
    content = {
        "torch": torch.__version__.partition("+")[0],
        "x": x.tolist(),
        "tokens": TOKENS,
        "targets": TARGETS,
        "attention": found(attention, attended, (attended * attended).sum()),
        "norm": found(norm, normed, (normed**3).sum()),
        "gpt": found(gpt, logits, loss),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(content) + "\n")
