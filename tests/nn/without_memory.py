"""A program: the first, the second, ... allocation fails; whether a state is torn is printed.

CPython itself is not safe without memory: a crash of its own ends the program.
"""

import _testcapi
import sys

import nn

X, Y = [[0.5, -1.0], [1.0, 0.25]], [1.0, 0.0]
OTHER = [nn.Layer(2, 2, seed=5).state_dict(), nn.Layer(2, 2, seed=6).state_dict()]


def made():
    model = nn.Sequential(nn.Layer(2, 2, "tanh", seed=0), nn.Layer(2, 1, seed=1))
    optimizer = nn.Adam(model.parameters(), lr=0.1)
    for p in model.parameters():
        p.grad = 4.0
    return model, optimizer, nn.mse([model(x) for x in X], Y)


def step(model, optimizer, loss):
    optimizer.step()


def backward(model, optimizer, loss):
    loss.backward()


def clip(model, optimizer, loss):
    nn.clip_grad_norm(optimizer.params, 1.0)


def load(model, optimizer, loss):
    model.layers[0].load_state_dict(OTHER[0])


def zero(model, optimizer, loss):
    model.zero_grad()


def eager(model, optimizer, loss):
    nn.train_step(model, nn.mse, optimizer).eager(X, Y)


def predict(model, optimizer, loss):
    nn.predict(model, X)


def state(model, optimizer):
    grads = [p.grad for p in model.parameters()]
    modes = [part.training for _, part in model.named_modules()]
    return repr((model.state_dict(), optimizer.state_dict(), grads, modes))


def torn(act):
    model, optimizer, loss = made()
    whole = [state(model, optimizer)]
    act(model, optimizer, loss)
    whole.append(state(model, optimizer))
    found, survived, n = 0, 0, 0
    while survived < 100:
        model, optimizer, loss = made()
        _testcapi.set_nomemory(n, n + 1)
        try:
            act(model, optimizer, loss)
            survived += 1
        except Exception:
            survived = 0
        finally:
            _testcapi.remove_mem_hooks()
        found += state(model, optimizer) not in whole
        n += 1
    return n, found


sys.unraisablehook = lambda _: None
tries, found = torn(globals()[sys.argv[1]])
print(f"{tries} tries, {found} torn")
