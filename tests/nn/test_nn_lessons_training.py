"""Lessons 6 and 22: a loss on a row and a cost over rows; real data from end to end."""

import math

import pytest

import nn
from autograd import Value
from nn import data


def test_the_cost_is_the_mean_of_the_losses_of_the_rows():
    outputs, targets = [[Value(0.5)], [Value(-1.0)], [Value(2.0)]], [1, 0, 0]
    for loss in (nn.mse, nn.mae, nn.huber, nn.hinge, nn.binary_cross_entropy):
        rows = [
            loss([output], [target]).data for output, target in zip(outputs, targets, strict=True)
        ]
        assert loss(outputs, targets).data == pytest.approx(math.fsum(rows) / 3, rel=1e-14)


def test_the_loss_grows_with_the_gap():
    gaps = [0.0, 0.5, 1.0, 2.0, 4.0, 8.0]
    for loss in (nn.mse, nn.mae, nn.huber):
        losses = [float(loss([[gap]], [0.0])) for gap in gaps]
        assert losses[0] == 0.0
        assert losses == sorted(set(losses))
    for loss in (nn.hinge, nn.binary_cross_entropy):
        losses = [float(loss([[-gap]], [1])) for gap in gaps]
        assert losses == sorted(set(losses))


def test_iris_by_stratified_folds():
    accuracies = []
    for (X, y), (X_test, y_test) in data.k_fold(*data.iris(), 5, stratified=True):
        model = nn.MLP(4, [8, 3], "tanh")
        optimizer = nn.Adam(model.parameters(), lr=0.05)
        nn.fit(
            model,
            data.standardize(X),
            y,
            loss=nn.cross_entropy,
            optimizer=optimizer,
            epochs=25,
            batch_size=20,
            progress=False,
            jit=True,
            penalty=lambda params: nn.l2(params, 0.001),
        )
        accuracies.append(nn.accuracy(nn.predict(model, data.standardize(X_test, like=X)), y_test))
    assert math.fsum(accuracies) / 5 >= 0.95


def test_a_whole_training_can_be_repeated_saved_and_loaded(tmp_path):
    (X, y), held_out = data.split(*data.moons(60), stratified=True)

    def train():
        model = nn.MLP(2, [8, 1], seed=0)
        history = nn.fit(
            model,
            X,
            y,
            loss=nn.binary_cross_entropy,
            optimizer=nn.Adam(model.parameters(), lr=0.1),
            epochs=40,
            batch_size=15,
            validation=held_out,
            metrics=[nn.accuracy],
            patience=10,
            progress=False,
        )
        return model, history

    model, history = train()
    again, same = train()
    assert vars(history) == vars(same)
    assert model.state_dict() == again.state_dict()
    assert history["loss"][-1] < history["loss"][0] / 2
    model.save(tmp_path / "moons.json")
    assert nn.predict(nn.load(tmp_path / "moons.json"), X) == nn.predict(model, X)
