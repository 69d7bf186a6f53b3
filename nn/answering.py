"""What a model that carries its preparation says about a row of a table."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from autograd import exp
from autograd.errors import ArgumentError
from autograd.extending import leaves

from .arguments import names_checked
from .module import Module, check_model
from .preparation import Answer, RawRow
from .step import final_activation
from .training import predict


@names_checked
def answer(model: Module, row: RawRow) -> Answer:
    """Ask a model for a row as it stands in the table, by the names of its columns.

    The model carries its preparation, as those do that `python -m nn` saves.
    What the row has beyond the columns of the preparation is not looked at. Outputs are
    logits; those of a last layer with sigmoid or softmax are probabilities.

    Returns:
        The class and its probability, or the number in the unit of the target.

    Raises:
        ArgumentError: The model has no preparation.
        DataTypeError: `model` is no Module, or `row` no mapping.
        DataError: The row lacks a column, or has a text where a number belongs.

    Examples:
        >>> import nn
        >>> rows = [{"size": "1", "price": "10"}, {"size": "3", "price": "30.5"}]
        >>> model = nn.MLP(1, [1], init="zeros")
        >>> model.preparation = nn.Preparation.fit(rows, target="price")
        >>> nn.answer(model, {"size": "2"})
        Answer(prediction=20.25, probability=None, notes=())
    """
    check_model(model)
    if model.preparation is None:
        raise ArgumentError(
            f"{model!r} has no preparation, so it takes numbers: nn.predict(model, [x]), "
            "or set model.preparation"
        )
    [outputs] = predict(model, [model.preparation.inputs(row)])
    activation = final_activation(model)
    if activation == "log_sigmoid":
        outputs = [float(exp(o)) for o in leaves(outputs)]
    given = activation in ("sigmoid", "softmax", "log_sigmoid")
    return model.preparation.answer(outputs, row, probabilities=given)
