"""Nets as scikit-learn's estimators, for its grids, folds, pipelines and ensembles.

joblib, Dask and Ray run many fits in threads, in processes or on many machines:
all of them take these estimators as they are. Scaling is left to scikit-learn,
as in `make_pipeline(StandardScaler(), NetClassifier())`.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from importlib.util import find_spec
from numbers import Integral
from typing import TYPE_CHECKING, Any

from autograd import sigmoid, softmax
from autograd.errors import ArgumentError, DataTypeError, MissingDependencyError
from autograd.extending import elsewhere, told

from .arguments import names_checked
from .data.checks import is_sequence
from .layers import MLP
from .losses import Loss, binary_cross_entropy, cross_entropy, l2, mse
from .metrics import predicted_classes
from .optim import Adam
from .training import Run, fit, predict

try:
    import numpy as np
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ModuleNotFoundError as error:
    raise MissingDependencyError(
        "nn.sklearn needs scikit-learn, which is not installed: pip install scikit-learn"
    ) from error

LARGEST_BATCH = 50  # recording a step of 5,000 rows takes 15 s, one of 50 rows 0.2 s


class _Net(BaseEstimator):
    """What classifier and regressor share: the settings and the training."""

    @names_checked
    def __init__(
        self,
        hidden: Sequence[int] = (16, 16),
        activation: str = "relu",
        lr: float = 0.01,
        epochs: int = 100,
        batch_size: int | str | None = "auto",
        l2: float = 0.0,
        jit: bool | str = "auto",
        callbacks: Sequence[Callable[[Run], Any]] = (),
        random_state: Any = 0,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.l2 = l2
        self.jit = jit
        self.callbacks = callbacks
        self.random_state = random_state

    def _train(self, X: Any, targets: list[Any], n_out: int, loss: Loss) -> None:
        """Train a new net on checked rows."""
        size: Any = self.batch_size
        jit: Any = self.jit
        seed: Any = self.random_state
        for name, value in (("batch_size", size), ("jit", jit)):
            if isinstance(value, str) and value != "auto":
                raise ArgumentError(f"{name} is {value!r}: the only word for it is 'auto'")
        if not is_sequence(self.hidden):
            raise DataTypeError(
                "hidden is a list of the sizes of the hidden layers, as in hidden=[16, 16], "
                f"not {told(self.hidden)}"
            )
        whole = isinstance(seed, Integral)  # NumPy's, too, as a grid gives them
        seed = int(seed if whole else check_random_state(seed).randint(2**31))
        self.model_ = MLP(X.shape[1], [*self.hidden, n_out], activation=self.activation, seed=seed)
        self.history_ = fit(
            self.model_,
            X.tolist(),
            targets,
            loss=loss,
            optimizer=Adam(self.model_.parameters(), lr=self.lr),
            epochs=self.epochs,
            batch_size=min(LARGEST_BATCH, len(X)) if size == "auto" else size,
            penalty=partial(l2, strength=self.l2) if self.l2 else None,
            callbacks=self.callbacks,
            seed=seed,
            progress=False,
            jit=find_spec("llvmlite") is not None if jit == "auto" else jit,
        )
        self.n_iter_ = len(self.history_)

    def _outputs(self, X: Any) -> Any:
        """The outputs for rows that are checked first, as an array."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return np.array(predict(self.model_, X.tolist()), dtype=float)


class NetClassifier(ClassifierMixin, _Net):
    """A multilayer perceptron that tells classes apart, trained by Adam.

    Args:
        hidden: The sizes of the hidden layers.
        activation: Of the hidden layers, such as "relu" or "tanh".
        lr: The learning rate.
        epochs: The number of passes over the rows.
        batch_size: The rows a step; None takes all. "auto" takes at most 50,
            because a step of thousands of rows takes long to record.
        l2: The strength of the L2 penalty.
        jit: Whether steps are recorded and replayed. "auto" does so where
            llvmlite is installed.
        callbacks: As in `nn.fit`.
        random_state: The seed of the first weights and of the order of rows, or
            one of scikit-learn's generators.

    Attributes:
        model_: The net, an `nn.MLP`, for `draw`, `nn.trace` and `nn.diagnose`.
        history_: The `nn.History` of the training.
        classes_: The labels, of any type.

    Examples:
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> net = NetClassifier(epochs=20).fit(X, y)
        >>> net.predict(X[:1])
        array([0])
    """

    @names_checked
    def fit(self, X: Any, y: Any) -> "NetClassifier":
        """Train on rows X with labels y. If that fails or is interrupted, all is as before."""
        new = copy(self)
        X, y = validate_data(new, X, y, dtype=float)
        check_classification_targets(y)
        new.classes_, targets = np.unique(y, return_inverse=True)
        n = len(new.classes_)
        if n < 2:
            raise ArgumentError(f"a classifier needs 2 classes or more, but y has {n} class")
        loss = binary_cross_entropy if n == 2 else cross_entropy
        new._train(X, targets.tolist(), 1 if n == 2 else n, loss)
        self.__dict__ = new.__dict__
        return self

    @names_checked
    def decision_function(self, X: Any) -> Any:
        """The logits: one a row for two classes, else one a class."""
        logits = self._outputs(X)
        return logits[:, 0] if len(self.classes_) == 2 else logits

    @names_checked
    def predict_proba(self, X: Any) -> Any:
        """The probability of every class, row by row."""
        logits = self.decision_function(X).tolist()
        if len(self.classes_) == 2:
            return np.array([[sigmoid(-z), sigmoid(z)] for z in logits])
        return np.array([softmax(row) for row in logits])

    @names_checked
    def predict(self, X: Any) -> Any:
        """The most probable label of every row.

        Raises:
            DomainError: The outputs stand for no class, as after a training that diverged.
        """
        best = predicted_classes(self.decision_function(X).tolist())
        return self.classes_[best]


class NetRegressor(RegressorMixin, _Net):
    """A multilayer perceptron that predicts a number, trained by Adam.

    It takes the arguments of `NetClassifier`, and descends the mean squared
    error. Targets far from 0 or of large spread want scikit-learn's
    `TransformedTargetRegressor`.

    Attributes:
        model_: The net, an `nn.MLP`.
        history_: The `nn.History` of the training.
    """

    @names_checked
    def fit(self, X: Any, y: Any) -> "NetRegressor":
        """Train on rows X with numbers y. If that fails or is interrupted, all is as before."""
        new = copy(self)
        X, y = validate_data(new, X, y, dtype=float, y_numeric=True)
        new._train(X, y.tolist(), 1, mse)
        self.__dict__ = new.__dict__
        return self

    @names_checked
    def predict(self, X: Any) -> Any:
        """The number of every row."""
        return self._outputs(X)[:, 0]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn.sklearn", "nn.foreign")
