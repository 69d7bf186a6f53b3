"""A picture as an indented text: each result, and below it its operands."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .picture import Box, Picture

MOST_LINES = 60


def write_tree(picture: Picture) -> str:
    """Return the title, then the boxes from the results backward.

    Before each operand stands its local derivative. What was shown before is
    not repeated.
    """
    operands: list[list[tuple[int, str]]] = [[] for _ in picture.boxes]
    for arrow in picture.arrows:
        operands[arrow.target].append((arrow.source, arrow.text))
    sources = {arrow.source for arrow in picture.arrows}
    lines = [picture.title]
    shown: set[int] = set()
    waiting = [
        (number, "", "", "")
        for number in reversed(range(len(picture.boxes)))
        if number not in sources
    ]
    while waiting:
        number, indent, branch, text = waiting.pop()
        if len(lines) == MOST_LINES:
            lines.append(f"... {len(picture.boxes) - len(shown)} more")
            break
        box = picture.boxes[number]
        again = number in shown and bool(operands[number])
        edge = f"[{text}] " if text else ""
        remark = " (see above)" if again else ""
        lines.append(f"{indent}{branch}{edge}{_line(box, number)}{remark}")
        if number not in shown:
            shown.add(number)
            below = indent + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
            branches = ["├─ "] * (len(operands[number]) - 1) + ["└─ "]
            waiting += reversed(
                [
                    (other, below, branch, text)
                    for (other, text), branch in zip(operands[number], branches, strict=False)
                ]
            )
    return "\n".join(lines)


def _line(box: Box, number: int) -> str:
    title = " ".join(part for part in (box.name, box.symbol) if part) or box.kind
    return ", ".join([f"#{number} {title}", *(_row(word, value) for word, value in box.rows)])


def _row(word: str, value: str) -> str:
    if value:
        return f"{word} {value}"
    return f"{word} (not computed)" if word in ("grad", "|grad|") else word
