"""The inner loop of a chain, on registers of eight lanes: z[i] += x[t] * y[t] for t = 0, 1, ..., for eight or more lanes i at a time.

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


def tile(registers, splat):
    """A function (v, z, x, x_step, y, y_step, n): v[z + i] += v[x + t * x_step (+ i)] * v[y + t * y_step + i] for i < 8 * registers and t < n.

    With splat, all lanes share x; without, each has its own.
    """

    @intrinsic
    def multiply_add(typing, v, z, x, x_step, y, y_step, n):
        def generate(context, builder, signature, arguments):
            array, z, x, x_step, y, y_step, n = arguments
            data = make_array(signature.args[0])(context, builder, array).data
            register = ir.VectorType(ir.DoubleType(), LANES)

            def place(index, j):
                moved = builder.add(index, ir.Constant(index.type, LANES * j))
                return builder.bitcast(builder.gep(data, [moved]), register.as_pointer())

            def load(index, j):
                return builder.load(place(index, j), align=8)

            sums = [cgutils.alloca_once_value(builder, load(z, j)) for j in range(registers)]
            at_x, at_y = cgutils.alloca_once_value(builder, x), cgutils.alloca_once_value(builder, y)
            with cgutils.for_range(builder, n):
                x_now, y_now = builder.load(at_x), builder.load(at_y)
                if splat:
                    number = builder.load(builder.gep(data, [x_now]))
                    shared = ir.Constant(register, ir.Undefined)
                    for lane in range(LANES):
                        shared = builder.insert_element(shared, number, ir.Constant(ir.IntType(32), lane))
                for j in range(registers):
                    product = builder.fmul(shared if splat else load(x_now, j), load(y_now, j))
                    builder.store(builder.fadd(builder.load(sums[j]), product), sums[j])
                builder.store(builder.add(x_now, x_step), at_x)
                builder.store(builder.add(y_now, y_step), at_y)
            for j in range(registers):
                builder.store(builder.load(sums[j]), place(z, j), align=8)
            return context.get_dummy_value()

        return types.void(v, *[types.int64] * 6), generate

    return multiply_add


shared_8, shared_16, shared_32 = tile(1, True), tile(2, True), tile(4, True)
own_8, own_32 = tile(1, False), tile(4, False)
