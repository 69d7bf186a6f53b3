"""Grid: a small table of text, as characters and as HTML."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Sequence
from html import escape
from typing import NamedTuple


class Grid(NamedTuple):
    """A table whose cells are text.

    Attributes:
        caption: What the table shows; only HTML has it.
        head: The names of the columns; none if they have none.
        rows: The rows, each with a cell for every column.
        notes: Lines below the table.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        """The first column is aligned left, the others right."""
        lines = [self.head, *self.rows] if self.head else list(self.rows)
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = []
        for first, *others in lines:
            cells = [f"{first:<{widths[0]}}"]
            cells += [f"{cell:>{n}}" for cell, n in zip(others, widths[1:], strict=True)]
            text.append("  ".join(cells).rstrip())
        return "\n".join([*text, *self.notes])

    def html(self) -> str:
        """Return the table as HTML, in which nothing of the text is markup."""
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.head)
        body = "".join(
            f'<tr><th scope="row">{escape(first)}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in others)
            + "</tr>"
            for first, *others in self.rows
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        top = f"<thead><tr>{head}</tr></thead>" if head else ""
        table = f"<table><caption>{escape(self.caption)}</caption>{top}<tbody>{body}</tbody>"
        return f"<div>{table}</table>{notes}</div>"
