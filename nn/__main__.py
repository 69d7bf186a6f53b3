"""`python -m nn`: train a net on a data set and write what it learnt as pictures and as a file."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

from autograd import Value, draw
from autograd.errors import ChainruleError, MissingDependencyError
from autograd.extending import within

from . import (
    MLP,
    Adam,
    accuracy,
    binary_cross_entropy,
    cross_entropy,
    data,
    evaluate,
    fit,
    l2,
    mse,
    plots,
    r2,
    trace,
)

SHAPES: dict[str, Callable[..., Any]] = {
    "moons": data.moons,
    "circles": data.circles,
    "spirals": data.spirals,
    "xor": partial(data.xor, noise=0.1),
}
MAX_CLASSES = 20  # a target of more different whole numbers is a quantity, such as a price


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, report and write the files into the output folder; the same arguments give the same bytes."""
    parser = argparse.ArgumentParser(prog="python -m nn", description=__doc__)
    parser.add_argument(
        "--data",
        default="moons",
        help=f"{', '.join(SHAPES)}, iris, or a CSV file whose first line names the columns",
    )
    parser.add_argument(
        "--target",
        help=f"the column of the CSV file to predict: classes (text, or up to {MAX_CLASSES} whole numbers) or a quantity",
    )
    parser.add_argument(
        "--hidden",
        type=int,
        nargs="*",
        default=[16, 16],
        help="sizes of the hidden layers (default: 16 16)",
    )
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument(
        "--lr", type=float, default=0.05, help="the learning rate of Adam (default: 0.05)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help="makes data, first weights and so everything reproducible",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("nn-out"), help="the folder to write to (default: nn-out)"
    )
    options = parser.parse_args(arguments)
    try:
        run(options)
    except (ChainruleError, ValueError, OSError) as error:
        parser.exit(2, f"python -m nn: {error}\n")


def run(options: argparse.Namespace) -> None:
    """What `main` does with its parsed arguments. Raises what `main` reports in one line and exit status 2."""
    within(
        {"epochs": options.epochs, "hidden": min(options.hidden, default=1)},
        epochs="1, 2, ...",
        hidden="1, 2, ...",
    )
    X, y, features, classes = _table(options.data, options.target, options.seed)
    n_out = 1 if len(classes) <= 2 else len(classes)
    loss, metric = (
        (cross_entropy if n_out > 1 else binary_cross_entropy, accuracy) if classes else (mse, r2)
    )
    model = MLP(len(X[0]), [*options.hidden, n_out], seed=options.seed)
    print(
        f"{options.data}: {len(X)} rows of {len(X[0])} features, {len(classes) or 'no'} classes; {model!r}"
    )
    optimizer, penalty = Adam(model.parameters(), lr=options.lr), partial(l2, strength=1e-4)
    options.out.mkdir(parents=True, exist_ok=True)
    history = fit(
        model,
        X,
        y,
        loss=loss,
        optimizer=optimizer,
        epochs=options.epochs,
        metrics=[metric],
        penalty=penalty,
        seed=options.seed,
    )
    score = evaluate(model, X, y, loss=loss, metrics=[metric])[metric.__name__]
    print(f"training accuracy {score:.1%}" if classes else f"training R2 {score:.4f}")
    model.save(options.out / "model.json")
    worst = max(
        range(len(X)), key=lambda i: evaluate(model, X[i : i + 1], y[i : i + 1], loss=loss)["loss"]
    )  # elsewhere little flows back
    _draw_graphs(model, dict(zip(features, X[worst], strict=True)), y[worst], loss, options.out)
    charts = {}
    try:
        charts["loss.svg"] = plots.loss_curve({"training": history["loss"]})
        if classes and len(X[0]) == 2:
            charts["boundary.svg"] = ax = plots.decision_boundary(model, X, y, classes=classes)
            for axis, feature in zip((ax.xaxis, ax.yaxis), features, strict=True):
                axis.set_label_text(feature, parse_math=False)
    except MissingDependencyError as error:
        print(f"no charts: {error}")
    for name, ax in charts.items():
        plots.save(ax, options.out / name)
    if not isfinite(history["loss"][-1]):
        print(
            f"the training diverged, its loss is {history['loss'][-1]}: try a lower --lr than {options.lr}"
        )
    print(f"wrote {', '.join(['model.json', 'neuron.svg', 'net.svg', *charts])} to {options.out}")
    if options.data not in SHAPES:
        also = "" if classes else " and predicts a target standardized in the same way"
        print(
            f"the saved model takes rows standardized as these were, nn.data.standardize(rows, like=X){also}"
        )


def _table(name: str, target: str | None, seed: int) -> data.Table:
    """The data of this name; no classes where the target is a quantity. Tables are standardized: columns differ in scale."""
    if target is not None and name in (*SHAPES, "iris"):
        raise data.DataError(
            f"--target {target}: names a column of a CSV file, and --data {name} is none"
        )
    if name in SHAPES:
        X, y = SHAPES[name](100, seed=seed)
        return data.Table(X, y, ["x1", "x2"], ["class 0", "class 1"])
    if name == "iris":
        features = [f"{part} {side}" for part in ("sepal", "petal") for side in ("length", "width")]
        X, species = data.iris()
        return data.Table(
            data.standardize(X), species, features, ["setosa", "versicolor", "virginica"]
        )
    if not Path(name).exists():
        raise data.DataError(
            f"--data {name}: there is no such file; the data sets that have a name are {', '.join(SHAPES)}, iris"
        )
    if target is None:
        raise data.DataError(
            f"--data {name} is a file, so say which of its columns to predict: --target COLUMN"
        )
    X, y, features, classes = data.read_csv(name, target)
    labels = sorted(set(y))
    if len(labels) == 1:
        raise data.DataError(
            f"{name}: {target!r} is the same in every row, so there is nothing to learn"
        )
    if not classes and all(isinstance(t, int) for t in y) and len(labels) <= MAX_CLASSES:
        y, classes = [labels.index(t) for t in y], [str(label) for label in labels]
    elif not classes:
        y = [t for [t] in data.standardize([[float(t)] for t in y])]
    return data.Table(
        data.standardize(X), y, [f"{name}, standardized" for name in features], classes
    )


def _draw_graphs(
    model: MLP, x: dict[str, float], target: Any, loss: Callable[..., Any], out: Path
) -> None:
    """The graph of a row's loss, after backward, and in it that of the first neuron that this row makes fire."""
    model.zero_grad()
    inputs = [Value(number, feature) for feature, number in x.items()]
    with trace(model) as t:
        cost = loss([model(inputs)], [target])
    cost.backward()
    draw(cost, groups=t).save(out / "net.svg")
    neurons = [
        (neuron, call.outputs)
        for neuron, call in zip(model.layers[0].neurons, t.calls, strict=False)
    ]
    neuron, output = next((pair for pair in neurons if pair[1].data), neurons[0])
    draw(output, names=dict(neuron.named_parameters())).save(out / "neuron.svg")


if __name__ == "__main__":
    main()
