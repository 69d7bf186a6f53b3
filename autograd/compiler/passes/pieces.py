"""pieces: lanes and terms cut where their distances change, and lanes among the results."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .arrangement import Operands
from .codes import Members, Shorts, Wholes


def find_runs(n: int, m: int, first: int, refs: Wholes, begins: Shorts) -> int:
    """Cut n terms of m operands each into runs that move by equal distances.

    `refs` is as `measure` has it, with the terms from the operand `first` on.
    `begins` gets the first term of each run.

    Returns:
        How many runs there are.
    """
    count = 0
    k = 0
    while k < n:
        begins[count] = k
        count += 1
        begun = 4 * (first + k * m)
        k += 1
        going = 1
        while going == 1 and k < n:
            here = 4 * (first + k * m)
            for p in range(m):
                x = here + 4 * p
                y = x - 4 * m
                step = refs[begun + 4 * (m + p)] - refs[begun + 4 * p]
                if refs[x] - refs[y] != step:
                    going = 0
                if refs[x + 1] != refs[y + 1] or refs[x + 2] != refs[y + 2]:
                    going = 0
            k += going
    return count


def find_pieces(
    lanes: Members,
    n_places: int,
    reads: Operands,
    steps: Wholes,
    rows: Wholes,
    begins: Shorts,
    inners: Shorts,
) -> int:
    """Cut lanes into pieces in which every operand lies at regular distances.

    A piece is a number of rows of the same length. `begins` and `inners` say where
    it begins and how long a row is. `steps` and `rows` have room for each place.

    Returns:
        How many pieces there are.
    """
    start, operands, address = reads
    at, n, members = lanes
    count = 0
    k = 0
    while k < n:
        inner = 1
        if k + 1 < n:
            for p in range(n_places):
                x = address[operands[start[members[at + k]] + p]]
                steps[p] = address[operands[start[members[at + k + 1]] + p]] - x
            going = 1
            while going == 1 and k + inner < n:
                for p in range(n_places):
                    x = address[operands[start[members[at + k + inner - 1]] + p]]
                    y = address[operands[start[members[at + k + inner]] + p]]
                    if y - x != steps[p]:
                        going = 0
                inner += going
        length = inner
        if k + 2 * inner <= n:
            for p in range(n_places):
                x = address[operands[start[members[at + k]] + p]]
                rows[p] = address[operands[start[members[at + k + inner]] + p]] - x
            going = 1
            while going == 1 and k + length + inner <= n:
                i = 0
                while i < inner:
                    for p in range(n_places):
                        x = address[operands[start[members[at + k + length + i - inner]] + p]]
                        y = address[operands[start[members[at + k + length + i]] + p]]
                        if y - x != rows[p]:
                            going = 0
                    i += 1
                    if going == 0:
                        i = inner
                if going == 1 and k + length + inner < n:  # does the row end where the first does?
                    going = 0
                    for p in range(n_places):
                        x = address[operands[start[members[at + k + length + inner - 1]] + p]]
                        y = address[operands[start[members[at + k + length + inner]] + p]]
                        if y - x != steps[p]:
                            going = 1
                if going == 1:
                    length += inner
        begins[count] = k
        inners[count] = inner
        count += 1
        k += length
    return count


def results_row(lanes: Members, result_of: Shorts) -> int:
    """How many of n members are results one after the other, from the first on."""
    at, n, members = lanes
    k = 1
    while k < n and result_of[members[at + k]] == result_of[members[at]] + k:
        k += 1
    return k


def results_step(lanes: Members, inner: int, result_of: Shorts) -> int:
    """How far apart the rows of n members lie among the results; -1 if not at equal distances.

    A row has `inner` members, which must be results one after the other.
    """
    at, n, members = lanes
    first = result_of[members[at]]
    step = inner
    if inner < n:
        step = result_of[members[at + inner]] - first
    if first < 0 or step < inner:
        return -1
    for k in range(n):
        if result_of[members[at + k]] != first + k // inner * step + k % inner:
            return -1
    return step


def place_results(lanes: Members, result_of: Shorts, base: int, address: Wholes) -> int:
    """Give members their places among the results, which lie from `base` on."""
    at, n, members = lanes
    for k in range(at, at + n):
        address[members[k]] = base + result_of[members[k]]
    return 0
