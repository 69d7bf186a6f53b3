"""The progress bar of training."""

from collections.abc import Iterable
from typing import Any

from autograd.errors import MissingDependencyError


def progress_bar(items: Iterable[Any], unit: str, shown: bool = True) -> Any:
    """items, with a bar of tqdm's that counts them and has tqdm's methods; without one if not shown."""
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise MissingDependencyError("the progress of training is shown with tqdm, which is not installed: pip install tqdm") from error
    return tqdm(items, unit=unit, disable=not shown)
