"""What training reaches on the data sets that ship with the project."""

import nn
from nn import data


def test_iris_is_told_apart_in_five_folds():
    X, y = data.iris()
    accuracies = []
    for (X_train, y_train), (X_test, y_test) in data.k_fold(X, y, 5, stratified=True):
        model = nn.MLP(4, [6, 3], "tanh")
        optimizer = nn.Adam(model.parameters(), lr=0.05)
        rows = data.standardize(X_train)
        nn.fit(model, rows, y_train, loss=nn.cross_entropy, optimizer=optimizer, epochs=15, batch_size=10, progress=False)
        accuracies.append(nn.accuracy(nn.predict(model, data.standardize(X_test, like=X_train)), y_test))
    assert sum(accuracies) / 5 >= 0.95


def test_moons_are_learned_without_a_mistake():
    X, y = data.moons(100)
    for seed in range(3):
        model = nn.MLP(2, [16, 1], "tanh", seed=seed)
        schedule, optimizer = nn.schedules.cosine(600), nn.Adam(model.parameters(), lr=0.1)
        settings = {"loss": nn.binary_cross_entropy, "epochs": 60, "batch_size": 10, "seed": seed, "progress": False}
        nn.fit(model, X, y, optimizer=optimizer, schedule=schedule, **settings)
        assert nn.accuracy(nn.predict(model, X), y) == 1.0
