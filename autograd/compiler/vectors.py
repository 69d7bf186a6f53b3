"""The inner loop of a chain, on registers of eight lanes: z = s + x[0] * y[0] + x[1] * y[1] + ..., for eight or more lanes at a time.

Each lane adds its own terms in their order, so that the bits are those of plain Python; LLVM, asked to vectorise the loop by itself, would have
to change that order or leave the lanes in memory. Written with llvmlite, as numba has no type for such a register.
"""
# mypy: ignore-errors

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

LANES = 8  # of a register: 512 bits; LLVM splits it where the processor has less


def tile(rows, registers, splat=True, beside=True):
    """A function (v, s, s_row, z, z_row, x, x_step, x_row, y, y_step, y_lane, n) for a tile of rows by 8 * registers lanes: for each row r and
    lane i, summed over t < n,

        v[z + r * z_row + i] = v[s + r * s_row + i] + v[x + r * x_row + t * x_step] * v[y + t * y_step + i * y_lane] + ...

    With splat the lanes of a row share x; without, x has its own number for each, beside that of the lane before. With beside, y_lane is 1.
    """

    @intrinsic
    def multiply_add(typing, v, s, s_row, z, z_row, x, x_step, x_row, y, y_step, y_lane, n):
        def generate(context, builder, signature, arguments):
            array, s, s_row, z, z_row, x, x_step, x_row, y, y_step, y_lane, n = arguments
            data = make_array(signature.args[0])(context, builder, array).data
            register = ir.VectorType(ir.DoubleType(), LANES)

            def place(base, row_step, r, j):
                moved = builder.add(base, builder.mul(row_step, ir.Constant(base.type, r)))
                moved = builder.add(moved, ir.Constant(base.type, LANES * j))
                return builder.gep(data, [moved])

            def load(*where):
                return builder.load(builder.bitcast(place(*where), register.as_pointer()), align=8)

            def together(numbers):
                vector = ir.Constant(register, ir.Undefined)
                for lane, number in enumerate(numbers):
                    vector = builder.insert_element(
                        vector, number, ir.Constant(ir.IntType(32), lane)
                    )
                return vector

            def apart(base):
                return together(
                    [builder.load(place(base, y_lane, lane, 0)) for lane in range(LANES)]
                )

            cells = [(r, j) for r in range(rows) for j in range(registers)]
            sums = {
                cell: cgutils.alloca_once_value(builder, load(s, s_row, *cell)) for cell in cells
            }
            at_x, at_y = (
                cgutils.alloca_once_value(builder, x),
                cgutils.alloca_once_value(builder, y),
            )
            with cgutils.for_range(builder, n):
                x_now, y_now = builder.load(at_x), builder.load(at_y)
                ys = [
                    load(y_now, y_lane, 0, j) if beside else apart(y_now) for j in range(registers)
                ]
                for r in range(rows):
                    common = (
                        together([builder.load(place(x_now, x_row, r, 0))] * LANES)
                        if splat
                        else None
                    )
                    for j in range(registers):
                        product = builder.fmul(common if splat else load(x_now, x_row, r, j), ys[j])
                        builder.store(builder.fadd(builder.load(sums[r, j]), product), sums[r, j])
                builder.store(builder.add(x_now, x_step), at_x)
                builder.store(builder.add(y_now, y_step), at_y)
            for cell in cells:
                builder.store(
                    builder.load(sums[cell]),
                    builder.bitcast(place(z, z_row, *cell), register.as_pointer()),
                    align=8,
                )
            return context.get_dummy_value()

        return types.void(v, *[types.int64] * 11), generate

    return multiply_add


shared_4x16, shared_4x8, shared_32, shared_8 = tile(4, 2), tile(4, 1), tile(1, 4), tile(1, 1)
own_32, own_8 = tile(1, 4, splat=False), tile(1, 1, splat=False)
apart_8 = tile(1, 1, beside=False)
