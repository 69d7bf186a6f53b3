"""rows: the same operations written for every row of a batch, and which rows use what."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .codes import N_CODE, N_OPERANDS, RESULT, Columns, Shorts, Wholes


def first_users(n: int, tape: Columns, rows: Shorts) -> int:
    """Of every operation that another one uses, the row of the first one that does."""
    code, start, operands = tape
    i = n - 1
    while i >= 0:
        for k in range(start[i], start[i + 1]):
            if operands[k] >= 0:
                rows[operands[k]] = code[i]
        i -= 1
    return 0


def write_rows(
    n_rows: int,
    first_number: int,
    n_given: int,
    given: Shorts,
    n: int,
    row: Columns,
    made: Shorts,
    n_wanted: int,
    wanted: Shorts,
    results: Shorts,
    tape: Columns,
    state: Wholes,
) -> int:
    """Append the same n operations for each row, on the row's `n_given` operands.

    `first_number` is the number of the first operation of the tape. Operations
    name operands as rules do. `results` gets the `wanted` ones of every row.
    """
    code, start, operands = tape
    row_code, row_start, row_operands = row
    new = state[N_CODE]
    at = state[N_OPERANDS]
    for r in range(n_rows):
        first = r * n_given
        for k in range(n):
            code[new] = row_code[k]
            for j in range(row_start[k], row_start[k + 1]):
                x = row_operands[j]
                if x >= RESULT:
                    operands[at] = made[x - RESULT]
                elif x < 0:
                    operands[at] = -1 - x
                else:
                    operands[at] = given[first + x]
                at += 1
            start[new + 1] = at
            made[k] = first_number + new
            new += 1
        for k in range(n_wanted):
            x = wanted[k]
            if x >= RESULT:
                results[r * n_wanted + k] = made[x - RESULT]
            elif x < 0:
                results[r * n_wanted + k] = -1 - x
            else:
                results[r * n_wanted + k] = given[first + x]
    state[N_CODE] = new
    state[N_OPERANDS] = at
    return 0
