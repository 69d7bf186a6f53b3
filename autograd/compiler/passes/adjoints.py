"""adjoints: reverse mode, as operations that are appended to the tape.

The adjoint of an operation z is the sum of p * g over the terms that have reached it.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from typing import NamedTuple

from .codes import (
    BY_RULE,
    CONSTANT,
    FIXED,
    INFINITE,
    MASKED,
    N_CODE,
    N_CONSTANTS,
    N_OPERANDS,
    PRODUCT,
    PRODUCTS,
    RESULT,
    STOP,
    Bytes,
    Reals,
    Shorts,
    Wholes,
)

# Places in `rows`, which are those that the gradient of a tape needs.
CONSTANT_ROW, ADD_ROW, MUL_ROW, NEG_ROW, SCALE_ROW, DOT_ROW, BOTH_ROW = range(7)
NO_PARTIAL = -1073741824  # of an operand on which the result depends by steps alone


class Growing(NamedTuple):
    """The tape that grows, its constants, and what its rows are."""

    code: Shorts
    start: Wholes
    operands: Shorts
    state: Wholes  # how much of it there is
    numbers: Reals
    kinds: Shorts
    rows: Shorts  # those that a gradient needs: CONSTANT_ROW, ...


class Reached(NamedTuple):
    """The terms p * g that have reached operations, each a partial p and an adjoint g.

    Those of the operation z lie from begins[z] on, and are counts[z] so far.
    """

    begins: Shorts
    counts: Shorts
    term_p: Shorts
    term_g: Shorts


class Rules(NamedTuple):
    """The rules of operations that have one, as operations, and the partials that they give.

    The operation z has the rule rule_of[z]. Operations of the rule r begin at
    rule_start[r], and its partials at partial_start[r].
    """

    rule_of: Shorts
    rule_start: Wholes
    rule_code: Shorts
    rule_operand_start: Wholes
    rule_operands: Shorts
    partial_start: Wholes
    partials: Shorts


def emit(row: int, m: int, x: int, y: int, tape: Growing) -> int:
    """Append an operation on one or two operands; return its number."""
    code, start, operands, state = tape.code, tape.start, tape.operands, tape.state
    i = state[N_CODE]
    first = state[N_OPERANDS]
    code[i] = row
    operands[first] = x
    if m == 2:
        operands[first + 1] = y
    state[N_OPERANDS] = first + m
    start[i + 1] = first + m
    state[N_CODE] = i + 1
    return i


def emit_number(x: float, tape: Growing) -> int:
    """Append a constant; return the number of its operation."""
    state, numbers, rows = tape.state, tape.numbers, tape.rows
    k = state[N_CONSTANTS]
    numbers[k] = x
    state[N_CONSTANTS] = k + 1
    return emit(rows[CONSTANT_ROW], 1, -1 - k, 0, tape)


def known_number(i: int, tape: Growing) -> int:
    """Where `numbers` has the constant that an operation gives; -1 for other operations."""
    code, start, operands, kinds = tape.code, tape.start, tape.operands, tape.kinds
    if kinds[code[i]] == CONSTANT:
        return -1 - operands[start[i]]
    return -1


def multiply(p: int, g: int, tape: Growing) -> int:
    """p * g, but no operation for a factor of 1, for p = -1, or for two constants."""
    numbers, rows = tape.numbers, tape.rows
    a = known_number(p, tape)
    b = known_number(g, tape)
    if a >= 0:
        if numbers[a] == 1.0:
            return g
        if numbers[a] == -1.0:
            if b >= 0:
                return emit_number(-numbers[b], tape)
            return emit(rows[NEG_ROW], 1, g, 0, tape)
        if b >= 0:
            return emit_number(numbers[a] * numbers[b], tape)
    if b >= 0 and numbers[b] == 1.0:
        return p
    return emit(rows[MUL_ROW], 2, p, g, tape)


def total_of(z: int, reached: Reached, tape: Growing) -> int:
    """The sum of the products that have reached z, as `sweeps._total` has it."""
    code, start, operands = tape.code, tape.start, tape.operands
    state, numbers, rows = tape.state, tape.numbers, tape.rows
    begins, counts, term_p, term_g = reached
    k = begins[z]
    if counts[z] <= 2:
        x = multiply(term_p[k], term_g[k], tape)
        if counts[z] == 1:
            return x
        k += 1
        y = multiply(term_p[k], term_g[k], tape)
        a = known_number(x, tape)
        b = known_number(y, tape)
        if a >= 0 and b >= 0:
            return emit_number(numbers[a] + numbers[b], tape)
        return emit(rows[ADD_ROW], 2, x, y, tape)
    known = 1
    sum_so_far = 0.0
    i = state[N_CODE]
    first = state[N_OPERANDS]
    n = counts[z]
    for place in range(first, first + n):
        a = known_number(term_p[k], tape)
        b = known_number(term_g[k], tape)
        if a >= 0 and b >= 0:
            sum_so_far += numbers[a] * numbers[b]
        else:
            known = 0
        operands[place] = term_p[k]
        operands[place + n] = term_g[k]
        k += 1
    if known == 1:
        return emit_number(sum_so_far, tape)
    code[i] = rows[DOT_ROW]
    state[N_OPERANDS] = first + 2 * n
    start[i + 1] = first + 2 * n
    state[N_CODE] = i + 1
    return i


def pass_on(
    z: int,
    place: int,
    p: int,
    g: int,
    one: int,
    singular: Shorts,
    active: Bytes,
    reached: Reached,
    tape: Growing,
) -> int:
    """Let z pass p * g on to one of its operands."""
    code, start, operands = tape.code, tape.start, tape.operands
    numbers, kinds, rows = tape.numbers, tape.kinds, tape.rows
    begins, counts, term_p, term_g = reached
    x = operands[start[z] + place]
    if active[x] == 0 or p == NO_PARTIAL:
        return 0
    scaled = singular[code[z]]
    a = known_number(p, tape)
    if a >= 0:
        if numbers[a] == 0.0:  # a constant made it, as in x * 0.0, and it stops
            for k in range(start[z], start[z + 1]):
                if kinds[code[operands[k]]] == CONSTANT:
                    return 0
        if numbers[a] - numbers[a] != 0.0 and scaled == 0:  # it is infinite or nan
            scaled = INFINITE
    mask = scaled & (MASKED * (place + 1))
    b = known_number(g, tape)
    if b >= 0:  # an adjoint that is not 0: a mask alone may stop it, if it is not finite
        if numbers[b] - numbers[b] == 0.0:
            mask = 0
        scaled = mask
    if scaled > 0:  # a zero adjoint stops even an infinite partial
        row = rows[SCALE_ROW]
        if mask != 0:  # so does a mask of 0 an infinite adjoint
            row = rows[BOTH_ROW]
        g = emit(row, 2, g, p, tape)
        p = one
    k = begins[x] + counts[x]
    term_p[k] = p
    term_g[k] = g
    counts[x] += 1
    return 0


def resolve(x: int, z: int, m: int, results: Shorts, tape: Growing) -> int:
    """The operation that an operand of a rule stands for, at the operation z."""
    start, operands = tape.start, tape.operands
    if x >= RESULT:
        return results[x - RESULT]
    if x < 0:
        return -1 - x
    if x == m:
        return z
    return operands[start[z] + x]


def sweep(
    n_order: int,
    order: Shorts,
    pulls: Shorts,
    fixed: Shorts,
    rules: Rules,
    results: Shorts,
    found: Shorts,
    one: int,
    singular: Shorts,
    active: Bytes,
    reached: Reached,
    tape: Growing,
) -> int:
    """Reverse mode: append the adjoints of all operations in `order`, children first.

    What has reached an operation are pairs (partial, adjoint), as `place_terms` has
    them. `found` is its adjoint, or -1.
    """
    code, start, operands = tape.code, tape.start, tape.operands
    state, numbers = tape.state, tape.numbers
    counts = reached.counts
    rule_of, rule_start, rule_code = rules.rule_of, rules.rule_start, rules.rule_code
    rule_operand_start, rule_operands = rules.rule_operand_start, rules.rule_operands
    partial_start, partials = rules.partial_start, rules.partials
    n = n_order - 1
    while n >= 0:
        z = order[n]
        n -= 1
        if counts[z] > 0:
            g = total_of(z, reached, tape)
            found[z] = g
            kind = pulls[code[z]]
            known = known_number(g, tape)
            if known >= 0 and numbers[known] == 0.0:
                kind = STOP
            first = start[z]
            m = start[z + 1] - first
            if kind == BY_RULE:
                r = rule_of[z]
                base = rule_start[r]
                for k in range(base, rule_start[r + 1]):
                    new = state[N_CODE]
                    at = state[N_OPERANDS]
                    code[new] = rule_code[k]
                    for j in range(rule_operand_start[k], rule_operand_start[k + 1]):
                        operands[at] = resolve(rule_operands[j], z, m, results, tape)
                        at += 1
                    state[N_OPERANDS] = at
                    start[new + 1] = at
                    state[N_CODE] = new + 1
                    results[k - base] = new
            half = m // 2
            for k in range(m):
                place = k
                p = NO_PARTIAL
                if kind == FIXED:
                    p = fixed[3 * code[z] + k]
                if kind == PRODUCT:
                    p = operands[first + 1 - k]
                if kind == PRODUCTS:  # x1, y1, x2, y2, ... of a list x1, x2, ..., y1, y2, ...
                    place = k // 2
                    p = operands[first + half + place]
                    if k % 2 == 1:
                        p = operands[first + place]
                        place = half + place
                if kind == BY_RULE:
                    p = partials[partial_start[rule_of[z]] + k]
                    if p != NO_PARTIAL:
                        p = resolve(p, z, m, results, tape)
                if kind != STOP:
                    pass_on(z, place, p, g, one, singular, active, reached, tape)
    return 0
