"""registers: lines of LLVM's text, and what is done with registers of several lanes."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import struct
from collections.abc import Callable, Sequence

WIDTHS = (2, 4, 8)  # numbers of lanes that a register may have
CHANGING = ("alloca", "load i32")  # what a call fills anew, such as frexp's exponent


class Code:
    """Lines of LLVM's text, and names for what they compute."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.n = 0
        self.block = "entry"
        self.known: dict[str, str] | None = None  # within straight code, names by what they are

    def name(self) -> str:
        """Return a new name for a register."""
        self.n += 1
        return f"%t{self.n}"

    def new(self, text: str) -> str:
        """Compute something, and name it: once, within straight code."""
        if self.known is None or text.startswith(CHANGING):
            name = self.name()
            self.lines.append(f"{name} = {text}")
            return name
        if text not in self.known:
            self.known[text] = self.name()
            self.lines.append(f"{self.known[text]} = {text}")
        return self.known[text]

    def write(self, line: str) -> None:
        """Append a line."""
        self.lines.append(line)

    def label(self, name: str) -> None:
        """Begin a block of this name."""
        self.lines.append(f"{name}:")
        self.block = name

    def labels(self, *names: str) -> list[str]:
        """Return new names for blocks, all with the same number."""
        self.n += 1
        return [f"{name}{self.n}" for name in names]


def llvm_number(x: float) -> str:
    """A float as LLVM's text has it, exactly."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', x))[0]:016X}"


def lanes(kind: str, width: int) -> str:
    """Return the type of a register: a number, or a vector of `width` of them."""
    return kind if width == 1 else f"<{width} x {kind}>"


def splat(x: float, width: int) -> str:
    """The same constant in all lanes."""
    if width == 1:
        return llvm_number(x)
    return f"<{', '.join([f'double {llvm_number(x)}'] * width)}>"


def spread(code: Code, x: str, width: int) -> str:
    """The same number in all lanes."""
    if width == 1:
        return x
    kind = lanes("double", width)
    one = code.new(f"insertelement {kind} undef, double {x}, i32 0")
    return code.new(f"shufflevector {kind} {one}, {kind} undef, <{width} x i32> zeroinitializer")


def call_by_table(code: Code, place: int, arguments: str, result: str = "double") -> str:
    """Call the function at a place of the table that all code is given."""
    slot = code.new(f"getelementptr ptr, ptr %m, i64 {place}")
    function = code.new(f"load ptr, ptr {slot}")
    return code.new(f"call {result} {function}({arguments})")


def by_lanes(code: Code, width: int, xs: Sequence[str], one: Callable[[Sequence[str]], str]) -> str:
    """Compute lane by lane what has no vector form."""
    if width == 1:
        return one(xs)
    kind, found = lanes("double", width), "undef"
    for lane in range(width):
        numbers = [code.new(f"extractelement {kind} {x}, i32 {lane}") for x in xs]
        found = code.new(f"insertelement {kind} {found}, double {one(numbers)}, i32 {lane}")
    return found


def transposed(code: Code, rows: list[str], size: int) -> list[str]:
    """Registers with the k-th numbers of all rows in the k-th: `size` of them.

    The rows are registers of `size` numbers, and at least as many. Both are
    powers of 2.
    """
    n, m = len(rows), size
    while m < n:  # the row k is followed by the row k + size in one register
        at = [k for k in range(len(rows)) if not k & size]
        rows = [shuffled(code, m, rows[k], rows[k + size], range(2 * m)) for k in at]
        m *= 2
    distance = 1
    while distance < size:
        low = [k + (n - distance) * (k & distance > 0) for k in range(n)]
        high = [k + (distance if not k & distance else n) for k in range(n)]
        for r in [r for r in range(size) if not r & distance]:
            x, y = rows[r], rows[r + distance]
            rows[r] = shuffled(code, n, x, y, low)
            rows[r + distance] = shuffled(code, n, x, y, high)
        distance *= 2
    return rows


def shuffled(code: Code, n: int, x: str, y: str, places: Sequence[int]) -> str:
    """Numbers of two registers of n: those at these places."""
    kind, mask = lanes("double", n), ", ".join([f"i32 {k}" for k in places])
    return code.new(f"shufflevector {kind} {x}, {kind} {y}, <{len(places)} x i32> <{mask}>")
