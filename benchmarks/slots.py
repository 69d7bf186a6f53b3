"""A peer to measure against: a scalar engine whose node keeps, in slots, a
tuple of parents and a tuple of local gradients.

Only what the benchmark needs. The form is that of microgpt's Value, written
here from its description.
"""


class Value:
    __slots__ = ("data", "grad", "local_gradients", "parents")

    def __init__(self, data, parents=(), local_gradients=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.local_gradients = local_gradients

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    __radd__ = __add__
    __rmul__ = __mul__

    def relu(self):
        return Value(max(0.0, self.data), (self,), (float(self.data > 0.0),))

    def backward(self):
        order = []
        seen = set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for parent in value.parents:
                    visit(parent)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            for parent, local_gradient in zip(value.parents, value.local_gradients, strict=True):
                parent.grad += local_gradient * value.grad
