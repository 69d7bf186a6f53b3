"""What runs in CPython and in Pyodide: it prints the results of both as JSON."""

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import nn
from autograd import Value, draw, jit, step_through, tanh

found = {}

# Products, sums and relu round alike everywhere.
model = nn.MLP(2, [4, 1], "relu", init="uniform", seed=0)
rows = [[0.5, -1.0], [1.5, 2.0], [-0.25, 0.75], [-1.0, -2.0]]
history = nn.fit(
    model,
    rows,
    [1.0, -1.0, 0.5, 2.0],
    loss=nn.mse,
    optimizer=nn.SGD(model.parameters(), 0.05),
    epochs=5,
    progress=False,
)
found["exact"] = {
    "losses": [repr(epoch) for epoch in history["loss"]],
    "weights": [repr(p.data) for p in model.parameters()],
}

model.save("model.json")
found["exact"]["loaded"] = [repr(p.data) for p in nn.load("model.json").parameters()]

x, w = Value(2.0, "x"), Value(-0.5, "w")
y = (w * x + 1.5).relu()
y.backward()
found["exact"]["svg"] = draw(y).svg
found["exact"]["page"] = step_through(y).html

chain = Value(1.0)
link = chain
for _ in range(200_000):
    link = link + 1e-6
link.backward()
found["exact"]["chain"] = [repr(link.data), repr(chain.grad)]

square = jit(lambda a: a * a + 1.0)
found["exact"]["jit"] = repr(square(3.0))

# The examples of the README, which print rounded numbers.
examples = re.findall(r"^```python\n(.*?)^```", Path("README.md").read_text(), re.M | re.S)
found["readme"] = []
for example in examples:
    with redirect_stdout(io.StringIO()) as printed:
        exec(example, {})
    found["readme"].append(printed.getvalue())

# The C library of a browser differs in a last bit of tanh.
t = tanh(Value(0.3, "t"))
found["close"] = [t.data, nn.MLP(2, [4, 1], "tanh", seed=1)([0.5, -1.0])[0].data]
print(json.dumps(found))
