"""The GPT of nn in NumPy: arrays, and a backward pass by hand.

It shares no code with nn and autograd. Weights are read by their paths.
"""

import numpy as np


def stacked(state, prefix):
    """The weights of a Layer as a matrix [n_out, n_in]."""
    n_out = 1 + max(int(p[len(prefix) :].split(".")[1]) for p in state if p.startswith(prefix))
    rows = []
    for i in range(n_out):
        start = f"{prefix}neurons.{i}.w."
        rows.append([state[p] for p in state if p.startswith(start)])
    return np.array(rows)


def rows(state, prefix):
    """The vectors of an Embedding as a matrix."""
    n = 1 + max(int(p[len(prefix) :].split(".")[1]) for p in state if p.startswith(prefix))
    return np.array(
        [[state[p] for p in state if p.startswith(f"{prefix}rows.{i}.")] for i in range(n)]
    )


class Twin:
    """Forward, backward and Adam for one block, RMSNorm without gains, no biases."""

    def __init__(self, state, n_head, lr, betas, eps=1e-8):
        self.n_head = n_head
        self.w = {
            "tokens": rows(state, "token_vectors."),
            "positions": rows(state, "position_vectors."),
            "out": stacked(state, "blocks.0.attention.projection."),
            "up": stacked(state, "blocks.0.mlp.layers.0."),
            "down": stacked(state, "blocks.0.mlp.layers.1."),
            "head": stacked(state, "head."),
        }
        for name in ("query", "key", "value"):
            heads = [stacked(state, f"blocks.0.attention.heads.{h}.{name}.") for h in range(n_head)]
            self.w[name] = np.concatenate(heads)
        self.lr, self.betas, self.eps, self.t = lr, betas, eps, 0
        self.m = {k: np.zeros_like(v) for k, v in self.w.items()}
        self.v = {k: np.zeros_like(v) for k, v in self.w.items()}

    def norm(self, x):
        scale = 1.0 / np.sqrt((x * x).mean(axis=1, keepdims=True) + 1e-5)
        return x * scale, scale

    def norm_back(self, x, scale, g):
        inner = (g * x).sum(axis=1, keepdims=True)
        return g * scale - x * scale**3 * inner / x.shape[1]

    def loss(self, tokens, targets):
        """The mean loss of one text; `self.grads` are its gradients."""
        w, n, h = self.w, len(tokens), self.n_head
        d = w["query"].shape[0] // h
        x0 = w["tokens"][tokens] + w["positions"][:n]
        x1, s0 = self.norm(x0)
        a, s1 = self.norm(x1)
        q, k, v = (
            (a @ w[name].T).reshape(n, h, d).transpose(1, 0, 2)
            for name in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(d)
        scores[:, np.triu(np.ones((n, n), bool), 1)] = -np.inf
        weights = np.exp(scores - scores.max(axis=2, keepdims=True))
        weights /= weights.sum(axis=2, keepdims=True)
        found = (weights @ v).transpose(1, 0, 2).reshape(n, h * d)
        x2 = x1 + found @ w["out"].T
        b, s2 = self.norm(x2)
        z = b @ w["up"].T
        r = np.maximum(z, 0)
        x3 = x2 + r @ w["down"].T
        logits = x3 @ w["head"].T
        shifted = logits - logits.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -logs[np.arange(n), targets].mean()

        g = {}
        gl = np.exp(logs)
        gl[np.arange(n), targets] -= 1.0
        gl /= n
        g["head"] = gl.T @ x3
        gx3 = gl @ w["head"]
        g["down"] = gx3.T @ r
        gz = (gx3 @ w["down"]) * (z > 0)
        g["up"] = gz.T @ b
        gx2 = gx3 + self.norm_back(x2, s2, gz @ w["up"])
        g["out"] = gx2.T @ found
        gf = (gx2 @ w["out"]).reshape(n, h, d).transpose(1, 0, 2)
        gw = gf @ v.transpose(0, 2, 1)
        gv = weights.transpose(0, 2, 1) @ gf
        gs = weights * (gw - (gw * weights).sum(axis=2, keepdims=True)) / np.sqrt(d)
        ga = np.zeros_like(a)
        for name, part in (("query", gs @ k), ("key", gs.transpose(0, 2, 1) @ q), ("value", gv)):
            flat = part.transpose(1, 0, 2).reshape(n, h * d)
            g[name] = flat.T @ a
            ga += flat @ w[name]
        gx1 = gx2 + self.norm_back(x1, s1, ga)
        gx0 = self.norm_back(x0, s0, gx1)
        g["tokens"], g["positions"] = np.zeros_like(w["tokens"]), np.zeros_like(w["positions"])
        np.add.at(g["tokens"], tokens, gx0)
        g["positions"][:n] = gx0
        self.grads = g
        return loss

    def step(self, tokens, targets, factor):
        """One step of Adam; the loss from before it."""
        loss = self.loss(tokens, targets)
        self.t += 1
        b1, b2 = self.betas
        for k, g in self.grads.items():
            self.m[k] = b1 * self.m[k] + (1 - b1) * g
            self.v[k] = b2 * self.v[k] + (1 - b2) * g * g
            m, v = self.m[k] / (1 - b1**self.t), self.v[k] / (1 - b2**self.t)
            self.w[k] = self.w[k] - self.lr * factor * m / (np.sqrt(v) + self.eps)
        return loss
