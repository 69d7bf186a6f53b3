"""exponential: e**x for as many numbers as a register has lanes, with the bits of libm.

libm takes a number at a time. Its steps are taken here for all lanes at once, as
they stand in the C libraries of GNU, Android and musl since 2018 (Szabolcs Nagy,
exp.c of Arm's Optimized Routines). Where k is the whole number beside 128 x / ln 2,
and r = x - k ln 2 / 128,

    e**x = 2**(k/128) * (1 + r + r**2 (C2 + C3 r) + r**4 (C4 + C5 r))

and 2**(k/128) is made of a number in a table and a power of 2. A library may have
other steps, or may not fuse multiplication and addition as these do. So POINTS
results are compared with libm's at the beginning of a process. Where one differs,
libm is asked for every number. It is always asked where x is large. So it is where
x lies half-way between two k: libraries differ in which of them they take.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

from .library import declarations
from .registers import (
    WIDTHS,
    Code,
    by_lanes,
    call_by_table,
    lanes,
    llvm_number,
    splat,
    transposed,
)
from .translate import table

PARTS = 128  # of a doubling, for each of which the table has a row
SHIFT = 1.5 * 2.0**52  # a number plus this is rounded to a whole one, in its last bits
PER_PART = float.fromhex("0x1.71547652b82fep+7")  # 128 / ln 2
# ln 2 / 128 in two floats, of which the first one has so few digits that k times it is exact.
HIGH, LOW = float.fromhex("0x1.62e42fefa0000p-8"), float.fromhex("0x1.cf79abc9e3b3ap-47")
# Of the polynomial of least error where |r| <= ln 2 / 256.
C2, C3, C4, C5 = map(
    float.fromhex,
    (
        "0x1.ffffffffffdbdp-2",
        "0x1.555555555543cp-3",
        "0x1.55555cf172b91p-5",
        "0x1.1111167a4d017p-7",
    ),
)
LARGE = 512.0  # from here on, libm cares for results that overflow or are subnormal
NOTHING = -1024.0  # up to here, the result is 0
MIDDLE = 0.999999 * math.log(2.0) / (2 * PARTS)  # from this |r| on, the other k is near, too
POINTS = 1 << 16


@cache
def powers() -> list[tuple[float, float]]:
    """(H, T) for 2**(k/128) = H (1 + T), where H is the float beside it, for every k."""
    one = 1 << 200  # this many digits, of which the roots lose the last ones
    root = 2 * one
    for _ in range(PARTS.bit_length() - 1):
        root = math.isqrt(root * one)
    found, power = [], one
    for _ in range(PARTS):
        exact = Fraction(power, one)
        high = float(exact)
        found.append((high, float(exact / Fraction(high) - 1)))
        power = power * root // one
    return found


def rows() -> str:
    """The table of LLVM's text: T, and the bits of H without the power of 2 that k adds."""
    numbers = []
    for k, (high, rest) in enumerate(powers()):
        bits = int(llvm_number(high), 16) - (k << 52) // PARTS
        numbers += [f"double {llvm_number(rest)}", f"double 0x{bits:016X}"]
    return f"@powers = private constant [{2 * PARTS} x double] [{', '.join(numbers)}], align 64"


def of_lanes(width: int) -> str:
    """The function `@exp_of_`, of a register of `width` numbers."""
    code, kind, wholes = Code(), lanes("double", width), lanes("i64", width)
    truths, suffix = lanes("i1", width), f"v{width}f64"

    def constant(x: float) -> str:
        return splat(x, width)

    def same(n: int) -> str:
        return f"<{', '.join([f'i64 {n}'] * width)}>"

    def fused(x: str, y: str, z: str) -> str:
        return code.new(f"call {kind} @llvm.fma.{suffix}({kind} {x}, {kind} {y}, {kind} {z})")

    def size(x: str) -> str:
        return code.new(f"call {kind} @llvm.fabs.{suffix}({kind} {x})")

    shifted = fused("%x", constant(PER_PART), constant(SHIFT))
    k = code.new(f"fsub {kind} {shifted}, {constant(SHIFT)}")
    r = fused(k, constant(-LOW), fused(k, constant(-HIGH), "%x"))
    small = code.new(f"fcmp olt {kind} {size('%x')}, {constant(LARGE)}")
    inside = code.new(f"fcmp olt {kind} {size(r)}, {constant(MIDDLE)}")
    clear = code.new(f"and {truths} {small}, {inside}")
    nothing = code.new(f"fcmp ole {kind} %x, {constant(NOTHING)}")
    known = code.new(f"or {truths} {clear}, {nothing}")
    every = code.new(f"call i1 @llvm.vector.reduce.and.v{width}i1({truths} {known})")
    code.write(f"br i1 {every}, label %together, label %each")

    code.label("together")
    bits = code.new(f"bitcast {kind} {shifted} to {wholes}")
    parts = code.new(f"and {wholes} {bits}, {same(PARTS - 1)}")
    found = []
    for lane in range(width):
        part = code.new(f"extractelement {wholes} {parts}, i32 {lane}")
        at = code.new(f"getelementptr <2 x double>, ptr @powers, i64 {part}")
        found.append(code.new(f"load <2 x double>, ptr {at}, align 16"))
    tail, high = transposed(code, found, 2)
    doublings = code.new(f"shl {wholes} {bits}, {same(53 - PARTS.bit_length())}")
    power = code.new(f"add {wholes} {doublings}, {code.new(f'bitcast {kind} {high} to {wholes}')}")
    scale = code.new(f"bitcast {wholes} {power} to {kind}")
    square = code.new(f"fmul {kind} {r}, {r}")
    low = fused(fused(r, constant(C3), constant(C2)), square, code.new(f"fadd {kind} {tail}, {r}"))
    fourth = code.new(f"fmul {kind} {square}, {square}")
    rest = fused(fourth, fused(r, constant(C5), constant(C4)), low)
    z = fused(scale, rest, scale)
    z = code.new(f"select {truths} {nothing}, {kind} {constant(0.0)}, {kind} {z}")
    code.write(f"ret {kind} {z}")
    code.label("each")
    return _function("exp_of", width, code)


def one_by_one(width: int) -> str:
    """The function `@exp_each_`, which asks libm for every number of a register."""
    return _function("exp_each", width, Code())


def _function(name: str, width: int, code: Code) -> str:
    """The text of a function that ends with the answers of libm."""

    def ask(xs: Sequence[str]) -> str:
        return call_by_table(code, table()["exp"], f"double {xs[0]}")

    kind = lanes("double", width)
    code.write(f"ret {kind} {by_lanes(code, width, ['%x'], ask)}")
    lines = "\n".join(code.lines)
    return f"define {kind} @{name}_{width}(ptr %m, {kind} %x) #0 {{\nentry:\n{lines}\n}}"


def comparison(width: int) -> str:
    """The function `@exp_differs`: whether a result differs from libm's, of POINTS.

    They are random and even within +-512, and within ranges that are 8, 64 and 512
    times as narrow.
    """
    wholes, kind, truths = lanes("i64", width), lanes("double", width), lanes("i1", width)

    def several(numbers: list[int]) -> str:
        return f"<{', '.join([f'i64 {n}' for n in numbers])}>"

    seeds = several([k + 1 for k in range(width)])
    scales = [f"double {llvm_number(LARGE / 2.0**52 / 8.0 ** (k % 4))}" for k in range(width)]
    return f"""
define i64 @exp_differs(ptr %m) #0 {{
entry:
br label %head
head:
%i = phi i64 [0, %entry], [%j, %head]
%state = phi {wholes} [{seeds}, %entry], [%next, %head]
%before = phi {truths} [zeroinitializer, %entry], [%either, %head]
%times = mul {wholes} %state, {several([6364136223846793005] * width)}
%next = add {wholes} %times, {several([1442695040888963407] * width)}
%high = ashr {wholes} %next, {several([11] * width)}
%wide = sitofp {wholes} %high to {kind}
%x = fmul {kind} %wide, <{", ".join(scales)}>
%ours = call {kind} @exp_of_{width}(ptr %m, {kind} %x)
%libms = call {kind} @exp_each_{width}(ptr %m, {kind} %x)
%differs = fcmp une {kind} %ours, %libms
%either = or {truths} %before, %differs
%j = add i64 %i, {width}
%more = icmp ult i64 %j, {POINTS}
br i1 %more, label %head, label %done
done:
%some = call i1 @llvm.vector.reduce.or.v{width}i1({truths} %either)
%z = zext i1 %some to i64
ret i64 %z
}}"""


def names(width: int, fused: bool) -> list[str]:
    """The functions of `text`."""
    kinds = ("exp_each", "exp_of") if fused else ("exp_each",)
    found = [f"{kind}_{size}" for kind in kinds for size in WIDTHS if size <= width]
    return [*found, "exp_differs"] if fused else found


def text(width: int, fused: bool) -> str:
    """The functions for registers of up to `width` lanes.

    Args:
        width: The number of lanes.
        fused: Whether the processor multiplies and adds in one step. Else libm
            does not either, and there is nothing but its own function.
    """
    sizes = [size for size in WIDTHS if size <= width]
    parts = [one_by_one(size) for size in sizes]
    if fused:
        parts += [rows(), *map(of_lanes, sizes), comparison(width)]
        for size in sizes:
            kind = lanes("double", size)
            parts.append(f"declare {kind} @llvm.fma.v{size}f64({kind}, {kind}, {kind})")
    return "\n".join([*parts, declarations(width)])
