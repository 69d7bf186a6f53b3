"""How well a search spreads: 64 fits of about a second, serial and on two workers.

    python benchmarks/estimator.py [--epochs 150]

A grid of 16 settings in 4 folds runs in this process, then on a Dask cluster of
two processes that have fitted once before. Efficiency is the serial time
divided by twice the time of the two. It needs two idle cores and the extras jit
and scale.
"""

import argparse
import os
import time

from dask.distributed import Client, LocalCluster
from joblib import parallel_backend
from measure import describe
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from nn.sklearn import NetClassifier

GRID = {"lr": [0.003, 0.01, 0.03, 0.1], "l2": [0.0, 1e-4, 1e-3, 1e-2]}


def warm(X, y, epochs):
    """Fit once, so that a worker has imported and compiled; its process number."""
    NetClassifier(epochs=epochs).fit(X, y)
    return os.getpid()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=150)
    epochs = parser.parse_args().epochs
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    search = GridSearchCV(NetClassifier(epochs=epochs), GRID, cv=4, refit=False, n_jobs=1)

    warm(X, y, epochs)
    begin = time.perf_counter()
    serial_scores = search.fit(X, y).cv_results_["mean_test_score"].tolist()
    serial = time.perf_counter() - begin

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.run(warm, X, y, epochs)
        begin = time.perf_counter()
        with parallel_backend("dask"):
            search.set_params(n_jobs=None).fit(X, y)
        spread = time.perf_counter() - begin
    assert search.cv_results_["mean_test_score"].tolist() == serial_scores

    print(describe())
    print(f"64 fits of {serial / 64:.2f} s: serial {serial:.1f} s, two workers {spread:.1f} s")
    gain = serial / spread
    print(f"{gain:.2f} times as fast: an efficiency of {gain / 2:.2f}")


if __name__ == "__main__":
    main()
