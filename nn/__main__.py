"""Train a net on a table or a data set, ask it, or describe a table."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from autograd.errors import ArgumentError, ChainruleError

from .commands import PATIENCE, SHAPES, STOPPED, describe, predict, program_name, train
from .data.reading import MISSING
from .preparation import MOST_CLASSES
from .writing import NUMBER, write
from .writing import train as train_to_write

COMMANDS = {"train": train, "predict": predict, "describe": describe, "write": write}
# The options that belong to one kind of net, with what they are if not given.
DEFAULTS: dict[str, dict[str, Any]] = {
    "mlp": {"hidden": [16, 16], "epochs": 100},
    "gpt": {"steps": 1000, "width": 16, "heads": 4, "blocks": 1},
}
CLOSED = 141  # the exit status of a command that a closed pipe ended
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "blank": " "}


def main(arguments: Sequence[str] | None = None) -> None:
    """Carry out a command. The same arguments give the same bytes.

    A mistake is told in one line, with exit status 2. A training that diverged
    has status 1, one that Ctrl-C ended 130, and a command whose reader closed
    the pipe 141.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given.insert(0, "train")
    parser = _parser()
    if not given[0].startswith("-") and given[0] not in COMMANDS:
        meant = get_close_matches(given[0], COMMANDS, 1)
        advice = f"say {meant[0]}" if meant else f"to train on a table, say --data {given[0]}"
        parser.exit(
            2,
            f"{parser.prog}: {given[0]!r} is none of the commands {', '.join(COMMANDS)}; "
            f"{advice}\n",
        )
    options, unknown = parser.parse_known_args(given)
    if unknown:
        prog, first = f"{parser.prog} {options.command}", unknown[0]
        table = options.command == "train" and not first.startswith("-")
        advice = f"to train on a table, say --data {first}" if table else f"see {prog} --help"
        parser.exit(2, f"{prog}: unrecognized arguments: {' '.join(unknown)}; {advice}\n")
    try:
        with redirect_stdout(sys.stdout or io.StringIO()):  # without a terminal there is none
            if options.command != "predict" and isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(errors="backslashreplace")  # as stderr has it
            status = _command(options)(options)
            sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        parser.exit(CLOSED)
    except UnicodeEncodeError as error:
        parser.exit(
            2,
            f"{parser.prog}: {error.object[error.start : error.end]!r} cannot be written in "
            f"{error.encoding}: set PYTHONIOENCODING=utf-8\n",
        )
    except (ChainruleError, ValueError, OSError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    except KeyboardInterrupt:
        nothing = ", and nothing was written" * (options.command == "train")
        parser.exit(STOPPED, f"stopped{nothing}\n")
    if status:
        parser.exit(status)


def _command(options: argparse.Namespace) -> Callable[[argparse.Namespace], int]:
    """The function of a command. `train` has two, for texts and for all else."""
    if options.command != "train":
        return COMMANDS[options.command]
    if options.net is None:
        options.net = "gpt" if options.data == "names" else "mlp"
    if options.data is None:
        options.data = "names" if options.net == "gpt" else "moons"
    for net, defaults in DEFAULTS.items():
        for name, default in defaults.items():
            given = getattr(options, name)
            if net != options.net and given is not None:
                own = ", ".join(f"--{option}" for option in DEFAULTS[options.net])
                raise ArgumentError(
                    f"--{name} is about --model {net}, not {options.net}, which has {own}"
                )
            setattr(options, name, default if given is None else given)
    return train_to_write if options.net == "gpt" else train


class _Parser(argparse.ArgumentParser):
    """A parser that tells a mistake in one line, without all options."""

    def error(self, message: str) -> NoReturn:
        """End with a mistake."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End with a message, in one line also where it names a file whose name has several."""
        if message is None or sys.stderr is None:  # which Python 3.10 would write to
            super().exit(status)
        super().exit(status, "\\n".join(message.splitlines()) + "\n")


def _parser() -> argparse.ArgumentParser:
    """The options of the commands."""
    parser = _Parser(prog=program_name(), description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, help: str) -> argparse.ArgumentParser:
        """A command. The beginning of an option is none: --step is not taken for --steps."""
        return commands.add_parser(name, help=help, allow_abbrev=False)

    to_train = add("train", help="train a net and write it with its pictures (the default)")
    to_train.add_argument(
        "--data",
        help=f"{', '.join(SHAPES)}, iris, or a text file of a table (default: moons); "
        "with --model gpt names, or a file with a text on each line (default: names)",
    )
    to_train.add_argument(
        "--model",
        dest="net",
        choices=("mlp", "gpt"),
        help="an MLP for tables and points, or a GPT that learns to write (default: mlp)",
    )
    _add_target(to_train)
    to_train.add_argument(
        "--task",
        choices=("classes", "quantity"),
        help="what the target is (default: classes for texts and up to "
        f"{MOST_CLASSES} whole numbers)",
    )
    to_train.add_argument(
        "--held-out",
        type=float,
        metavar="SHARE",
        help="the share of a table's rows that only measure the net (default: 0.2)",
    )
    to_train.add_argument(
        "--patience",
        type=int,
        metavar="EPOCHS",
        help="for a table: a fifth of the training rows chooses the epoch that is kept, and so "
        f"many without a better one end the training (default: {PATIENCE}); "
        "0: learn from all rows, and keep the last",
    )
    _add_table(to_train)
    _add_training(to_train)
    _add_writing(to_train)

    to_write = add("write", help="let a GPT write that train has written")
    to_write.add_argument("model", type=Path, help="a model.json that train --model gpt wrote")
    to_write.add_argument("--prompt", default="", help="how the texts begin")
    to_write.add_argument(
        "--number",
        type=int,
        help=f"how many texts (default: {NUMBER}, and none where only --attention is asked for)",
    )
    to_write.add_argument(
        "--temperature", type=float, default=1.0, help="below 1 for likelier texts (default: 1)"
    )
    to_write.add_argument("--top-k", type=int, help="draw among so many letters (default: all)")
    to_write.add_argument("--seed", type=int, default=0, help="for other texts (default: 0)")
    to_write.add_argument(
        "--attention", metavar="TEXT", help="draw what it attends to in a text, beside the model"
    )

    to_predict = add("predict", help="answer for the rows of a table")
    to_predict.add_argument("model", type=Path, help="a model.json that train wrote from a table")
    to_predict.add_argument("rows", type=Path, help="the table; its target may be absent")
    _add_format(to_predict)

    to_describe = add("describe", help="say what is in a table")
    to_describe.add_argument("table", type=Path, help="a text file of a table")
    _add_target(to_describe)
    _add_table(to_describe)
    return parser


def _add_target(parser: argparse.ArgumentParser) -> None:
    """The option that names the target."""
    parser.add_argument(
        "--target", metavar="COLUMN", help="the column to predict (default: the last one)"
    )


def _add_table(parser: argparse.ArgumentParser) -> None:
    """The options that say what to use of a table."""
    parser.add_argument(
        "--columns",
        nargs="+",
        action="extend",
        metavar="COLUMN",
        help="predict from these (default: all)",
    )
    parser.add_argument(
        "--drop",
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN",
        help="leave these columns out",
    )
    parser.add_argument(
        "--missing",
        nargs="+",
        action="extend",
        default=[],
        metavar="TEXT",
        help=f"what stands for no value, beside a blank, {', '.join(MISSING[1:])}",
    )
    _add_format(parser)


def _add_format(parser: argparse.ArgumentParser) -> None:
    """The options that say how a table is written."""
    parser.add_argument(
        "--delimiter",
        type=lambda text: DELIMITERS.get(text, text),
        help=f"what divides the fields: {', '.join(DELIMITERS)} or the character (default: found)",
    )
    parser.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="whether the first row names the columns (default: found)",
    )


def _folder(text: str) -> Path:
    """The folder of a name. A blank one, as of a variable that is not set, is none."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is blank: give it a folder, such as nn-out")
    return Path(text)


def _add_training(parser: argparse.ArgumentParser) -> None:
    """The options of the net and its training."""
    parser.add_argument(
        "--hidden",
        type=int,
        nargs="*",
        metavar="SIZE",
        help="sizes of the hidden layers of an MLP (default: 16 16)",
    )
    parser.add_argument("--epochs", type=int, help="of an MLP (default: 100)")
    parser.add_argument(
        "--lr",
        type=float,
        help="the learning rate of Adam (default: 0.05, for a table or texts 0.01)",
    )
    parser.add_argument(
        "--jit", action="store_true", help="record the step and replay it, many times faster"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help="makes data, held-out rows, first weights and so everything reproducible",
    )
    parser.add_argument(
        "--out",
        type=_folder,
        default=Path("nn-out"),
        help="the folder to write to (default: nn-out)",
    )


def _add_writing(parser: argparse.ArgumentParser) -> None:
    """The options of a GPT and its training."""
    group = parser.add_argument_group("with --model gpt")
    group.add_argument("--steps", type=int, help="one text each (default: 1000)")
    group.add_argument("--width", type=int, help="numbers a letter (default: 16)")
    group.add_argument("--heads", type=int, help="of each block (default: 4)")
    group.add_argument("--blocks", type=int, help="one above the other (default: 1)")


if __name__ == "__main__":
    main()
