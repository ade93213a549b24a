#!/usr/bin/env python3
"""Writes what NumPy computes for the operations: Tests/OperationsTests/Fixtures/reference.json.

Each case holds an operation's name, its integer attributes, the operands, the result and how many
units in the last place the result may be off. A tensor is written `dtype|sizes|bits`, the bits of
each element in hex with leading zeros. Floats are computed in float64 or the platform's long double
and rounded once to the dtype, as the reference interpreter does; bfloat16, which NumPy lacks, too.
"""

import json
import math
import pathlib
import warnings
import numpy as np

warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
long = np.longdouble
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "bfloat16", "float32", "float64"]
ALL = ["bool"] + INTS + FLOATS
BYTES = {"bool": 1, "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
BYTES |= {d: np.dtype(d).itemsize for d in INTS}


def bfloat16_bits(values):
    """The bits of the nearest bfloat16, ties to even, in one rounding from float64."""
    out = []
    for x in np.asarray(values, np.float64).reshape(-1):
        if math.isnan(x):
            out.append(0x7FC0)
            continue
        sign = 0x8000 if math.copysign(1, x) < 0 else 0
        x = abs(float(x))
        if math.isinf(x):
            out.append(sign | 0x7F80)
            continue
        exponent = max(math.frexp(x)[1] - 1, -126) if x else -126
        units = round(math.ldexp(x, 7 - exponent))  # Python rounds half to even
        out.append(sign | min(((exponent + 126) << 7) + units, 0x7F80))
    return np.array(out, np.uint16)


def from_bfloat16(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


class T:
    """A tensor: its dtype's name, and values (float64 for bfloat16)."""

    def __init__(self, dtype, values):
        self.dtype = dtype
        values = np.asarray(values)
        if dtype == "bfloat16":
            self.bits = bfloat16_bits(values.astype(np.float64)).reshape(values.shape)
            self.v = from_bfloat16(self.bits)
        else:
            self.v = np.asarray(values.astype(dtype))
            self.bits = self.v.view(f"u{BYTES[dtype]}") if self.v.size else self.v
        self.shape = self.v.shape

    @property
    def wide(self):
        """For floats the values as float64, else as they are."""
        return self.v.astype(np.float64) if self.dtype in FLOATS else self.v

    def text(self):
        width = 2 * BYTES[self.dtype]
        digits = "".join(f"{int(b):0{width}x}" for b in np.asarray(self.bits).reshape(-1))
        return f"{self.dtype}|{','.join(map(str, self.shape))}|{digits}"


cases = []


def case(op, operands, result, ulp=0, **attributes):
    attributes = {k: list(np.atleast_1d(v).tolist()) for k, v in attributes.items()}
    cases.append(
        {"op": op, "a": attributes, "x": [t.text() for t in operands], "y": result.text(), "u": ulp}
    )


def nasty(dtype):
    if dtype == "bool":
        return T(dtype, [True, False])
    if dtype in INTS:
        i = np.iinfo(dtype)
        values = [i.min, i.min + 1, 0, 1, 2, 3, 7, i.max - 1, i.max] + ([-1, -2, -7] if i.min else [])
        return T(dtype, np.array(values, dtype))
    smallest, normal, largest = {
        "float16": (2.0**-24, 2.0**-14, 65504.0),
        "bfloat16": (2.0**-133, 2.0**-126, 3.3895313892515355e38),
        "float32": (2.0**-149, 2.0**-126, 3.4028234663852886e38),
        "float64": (5e-324, 2.2250738585072014e-308, 1.7976931348623157e308),
    }[dtype]
    inf, nan = np.inf, np.nan
    return T(dtype, [0.0, -0.0, 1, -1, 0.5, -2.5, 3.7, inf, -inf, nan, smallest, -normal, largest])


def more(dtype):
    return np.concatenate([nasty(dtype).wide, rng.normal(size=9) * 3, [1e-3, -1e-3, 20, -30, 88.5, 1.5, 0.25]])


# Elementwise, one operand
erf = np.vectorize(math.erf, otypes=[np.float64])
unary = {
    "negate": (lambda x: -x, 0),
    "abs": (np.abs, 0),
    "sign": (np.sign, 0),
    "exp": (np.exp, 1),
    "expm1": (np.expm1, 1),
    "log": (np.log, 1),
    "log1p": (np.log1p, 1),
    "sqrt": (np.sqrt, 0),
    "rsqrt": (lambda x: 1 / np.sqrt(x.astype(long)), 1),
    "floor": (np.floor, 0),
    "ceil": (np.ceil, 0),
    "round": (np.rint, 0),
    "sin": (np.sin, 1),
    "cos": (np.cos, 1),
    "tan": (np.tan, 1),
    "tanh": (np.tanh, 2),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x.astype(long))), 2),
    "softplus": (lambda x: np.logaddexp(long(0), x.astype(long)), 1),
    "erf": (erf, 1),
    "square": (lambda x: x * x, 0),
    "reciprocal": (lambda x: 1 / x, 0),
    "relu": (lambda x: np.where(x > 0, x, np.where(np.isnan(x), x, 0)), 0),
    "isNaN": (np.isnan, 0),
    "isFinite": (np.isfinite, 0),
    "isInfinite": (np.isinf, 0),
}
for dtype in FLOATS:
    x = T(dtype, more(dtype))
    for name, (f, ulp) in unary.items():
        y = f(x.wide)
        case(name, [x], T("bool" if y.dtype == bool else dtype, y), ulp)
    gelu = T(dtype, np.linspace(-4, 4, 17))
    if dtype == "float64":
        case("gelu", [gelu], T(dtype, 0.5 * gelu.wide * (1 + erf(gelu.wide / math.sqrt(2)))), 8)
for dtype in INTS:
    x = nasty(dtype)
    for name in ["negate", "abs", "sign", "square"]:
        case(name, [x], T(dtype, unary[name][0](x.v)))
    case("relu", [x], T(dtype, np.maximum(x.v, 0)))
    case("not", [x], T(dtype, ~x.v))
case("not", [nasty("bool")], T("bool", [False, True]))


# Elementwise, two operands: each pair of nasty numbers, by broadcasting
def extremum(f, zero):
    def g(x, y):
        r = f(x, y)
        if x.dtype.kind != "f":
            return r
        # NumPy leaves open which of two zeros it gives.
        return np.where((x == 0) & (y == 0), zero(np.signbit(x), np.signbit(y)), r)

    return g


arithmetic = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": lambda x, y: x / y if x.dtype.kind == "f" else x // y,
    "remainder": np.remainder,
    "maximum": extremum(np.maximum, lambda a, b: np.where(a & b, -0.0, 0.0)),
    "minimum": extremum(np.minimum, lambda a, b: np.where(a | b, -0.0, 0.0)),
}
comparisons = {
    "equal": np.equal,
    "notEqual": np.not_equal,
    "less": np.less,
    "lessEqual": np.less_equal,
    "greater": np.greater,
    "greaterEqual": np.greater_equal,
}
for dtype in ALL:
    n = nasty(dtype)
    x, y = T(dtype, n.wide[:, None]), n
    if dtype != "bool":
        for name, f in arithmetic.items():
            case(name, [x, y], T(dtype, f(x.wide, y.wide)))
    for name, f in comparisons.items():
        case(name, [x, y], T("bool", f(x.wide, y.wide)))
    if dtype in FLOATS:
        case("power", [x, y], T(dtype, np.power(x.wide, y.wide)), 1)
    else:
        for name, f in [("and", np.bitwise_and), ("or", np.bitwise_or), ("xor", np.bitwise_xor)]:
            case(name, [x, y], T(dtype, f(x.v, y.v)))
    condition = T("bool", rng.integers(0, 2, (3, n.shape[0])))
    case("select", [condition, T(dtype, n.wide[0]), n], T(dtype, np.where(condition.v, n.wide[0], n.wide)))
for shapes in [((0,), (1,)), ((0, 3), (3,)), ((1, 1), (1,)), ((2, 1, 3), (4, 1)), ((), (2, 2)), ((2, 0), (1, 1))]:
    x, y = (T("float32", rng.integers(-8, 8, s)) for s in shapes)
    case("add", [x, y], T("float32", x.v + y.v))
    case("less", [x, y], T("bool", x.v < y.v))


# Casts
def cast(t, target):
    if target == "bool":
        return t.wide != 0
    if target in FLOATS:
        # uint64 and int64 beyond 2^53 need the long double on their way to a rounding.
        return t.v if target in ("float32", "float64") and t.dtype in INTS else t.wide.astype(np.float64)
    if t.dtype in FLOATS:
        i = np.iinfo(target)
        out = []
        for v in t.wide.reshape(-1).tolist():
            out.append(0 if math.isnan(v) else i.max if v >= i.max else i.min if v <= i.min else int(v))
        return np.array(out, target).reshape(t.shape)
    return t.v.astype(target)


for source in ALL:
    for n, target in enumerate(ALL):
        if source != target:
            x = nasty(source)
            case("cast", [x], T(target, cast(x, target)), target=n)


# Reductions. Multiples of 1/8 of few bits: the sums are exact, so their order does not matter.
def numbers(dtype, shape):
    if dtype == "bool":
        return T(dtype, rng.integers(0, 2, shape))
    if dtype in INTS:
        return T(dtype, rng.integers(0 if dtype[0] == "u" else -9, 9, shape))
    return T(dtype, rng.integers(-12, 12, shape) / 8)


reductions = {
    "sum": (lambda x, **k: np.sum(x, **k), 0),
    "product": (lambda x, **k: np.prod(x, **k), 0),
    "max": (lambda x, **k: np.max(x, **k), 0),
    "min": (lambda x, **k: np.min(x, **k), 0),
}


def logsumexp(x, axis, keepdims):
    x = x.astype(long)
    m = np.max(x, axis=axis, keepdims=True)
    m = np.where(np.isfinite(m), m, 0)
    y = np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True)) + m
    return y if keepdims else y.squeeze(axis)


statistics = {
    "mean": (np.mean, 2),
    "variance": (np.var, 8),
    "standardDeviation": (np.std, 8),
    "logSumExp": (logsumexp, 4),
}
for dtype in INTS + FLOATS:
    for shape, axes, keep in [
        ((3, 4), (0, 1), 0), ((3, 4), (1,), 1), ((2, 3, 4), (0, 2), 0), ((2, 3, 4), (1,), 1),
        ((5, 1), (1,), 0), ((1,), (0,), 0), ((3, 0), (0,), 0), ((3, 0), (1,), 1), ((2, 3), (), 0),
    ]:
        x = numbers(dtype, shape)
        empty = 0 in [shape[a] for a in axes]
        table = dict(reductions)
        if dtype in FLOATS:
            table |= statistics
        for name, (f, ulp) in table.items():
            if empty and name in ("max", "min", "logSumExp"):
                continue
            wide = x.wide
            y = f(wide, axis=axes, keepdims=bool(keep))
            case(name, [x], T(dtype, y), ulp, axes=list(axes), keep=keep)
    x = numbers(dtype, (4, 5))
    for axis in (0, 1):
        case("argmax", [x], T("int64", np.argmax(x.wide, axis=axis)), axis=axis)
        case("argmin", [x], T("int64", np.argmin(x.wide, axis=axis)), axis=axis)
for dtype in FLOATS:
    inf, nan = np.inf, np.nan
    x = T(dtype, [[1, nan, 3], [inf, 1, -inf], [-inf] * 3, [nan] * 3, [0.0, -0.0, 0.0], [inf, inf, 2]])
    for name in ["sum", "max", "min", "product"]:
        y = reductions[name][0](x.wide, axis=1)
        if name in ("max", "min"):
            y[4] = 0.0 if name == "max" else -0.0
        case(name, [x], T(dtype, y), axes=[1], keep=0)
    case("logSumExp", [x], T(dtype, logsumexp(x.wide, 1, False)), 1, axes=[1], keep=0)
    case("argmax", [x], T("int64", np.argmax(x.wide, axis=1)), axis=1)
    case("argmin", [x], T("int64", np.argmin(x.wide, axis=1)), axis=1)
big = T("float32", [[1000, 1000.5], [-1000, -1001], [3e38, -3e38]])
case("logSumExp", [big], T("float32", logsumexp(big.wide, 1, False)), 1, axes=[1], keep=0)
sample = T("float64", rng.normal(size=(6, 3)))
case("variance1", [sample], T("float64", np.var(sample.v, axis=0, ddof=1)), 8, axes=[0], keep=0)
for shape in [(3, 4), (0, 4), (3, 0)]:
    x = numbers("bool", shape)
    for axis in (0, 1):
        case("any", [x], T("bool", np.any(x.v, axis=axis)), axes=[axis], keep=0)
        case("all", [x], T("bool", np.all(x.v, axis=axis)), axes=[axis], keep=0)


# Shape
def counting(shape, dtype="int32"):
    return T(dtype, np.arange(math.prod(shape)).reshape(shape))


for dtype in ALL:
    x = counting((2, 3, 4), dtype)
    case("permuted", [x], T(dtype, x.v.transpose(2, 0, 1)), axes=[2, 0, 1])
    case("flipped", [x], T(dtype, np.flip(x.v, (0, 2))), axes=[0, 2])
    case("padded", [x], T(dtype, np.pad(x.wide, [(1, 0), (0, 2), (1, 1)], constant_values=1)), widths=[1, 0, 0, 2, 1, 1], value=1)
    y = counting((2, 1, 4), dtype)
    case("concatenate", [x, y, x], T(dtype, np.concatenate([x.v, y.v, x.v], 1)), axis=1)
    case("stack", [y, y], T(dtype, np.stack([y.v, y.v], -1)), axis=-1)
    case("tril", [x], T(dtype, np.tril(x.v, 1)), diagonal=1)
    case("triu", [x], T(dtype, np.triu(x.v, -1)), diagonal=-1)
    i = T("int32", [2, 0, 2])
    case("take", [x, i], T(dtype, np.take(x.v, i.v, 1)), axis=1)
    if dtype != "bool":
        case("iota", [], T(dtype, np.arange(6)), count=6, dtype=ALL.index(dtype))
        base = T(dtype, numbers(dtype, (2, 3)).v)
        out, updates = base.wide.copy(), numbers(dtype, (2, 4))
        index = T("uint8", [2, 0, 2, 2])
        for n, k in enumerate(index.v):
            out[:, k] += updates.wide[:, n]
        case("scatterAdd", [base, index, updates], T(dtype, out), axis=1)
    case("eye", [], T(dtype, np.eye(3, 4)), rows=3, columns=4, dtype=ALL.index(dtype))
x = counting((3, 4))
case("transposed", [x], T("int32", x.v.T))
case("swapAxes", [counting((2, 3, 4))], T("int32", np.swapaxes(counting((2, 3, 4)).v, 0, -1)), axes=[0, -1])
case("moveAxis", [counting((2, 3, 4))], T("int32", np.moveaxis(counting((2, 3, 4)).v, 0, -1)), axes=[0, -1])
case("tiled", [x], T("int32", np.tile(x.v, (2, 3))), counts=[2, 3])
case("tiled", [x], T("int32", np.tile(x.v, (0, 1))), counts=[0, 1])
case("repeated", [x], T("int32", np.repeat(x.v, 3, 1)), count=3, axis=1)
case("flipped", [counting((0, 2))], T("int32", np.zeros((0, 2))), axes=[0])
case("concatenate", [counting((0, 2)), counting((2, 2))], counting((2, 2)), axis=0)
case("padded", [counting((0,))], T("int32", [7, 7, 7]), widths=[1, 2], value=7)
for dtype in INTS:
    labels = T(dtype, [[0, 2], [1, 3]])
    case("oneHot", [labels], T("float32", np.eye(3)[np.minimum(labels.v, 2).astype(int)] * (labels.v < 3)[..., None]), classes=3)
    case("take", [x, T(dtype, [[2, 1], [0, 0]])], T("int32", np.take(x.v, [[2, 1], [0, 0]], 0)), axis=0)
    i = T(dtype, rng.integers(0, 4, (3, 2)))
    case("takeAlongAxis", [x, i], T("int32", np.take_along_axis(x.v, i.v.astype(int), 1)), axis=1)
case("take", [x, T("int64", np.zeros((0,)))], T("int32", np.zeros((0, 4))), axis=0)
case("take", [x, T("int64", 2)], T("int32", x.v[2]), axis=0)

# Subscripts, numbered as in the test
x = counting((6, 5, 4))
for n, index in enumerate(
    [
        np.s_[0], np.s_[-1], np.s_[1:5], np.s_[1:], np.s_[:-1], np.s_[:, 0], np.s_[..., -1],
        np.s_[1:-1, 2], np.s_[5:1:-2], np.s_[::-1], np.s_[::4, 1::2, ::3], np.s_[None], np.s_[..., None, 0],
        np.s_[2:2], np.s_[:4, 1:5, -2:], np.s_[-2::-2, ..., 1], np.s_[0, 1, 2],
    ]
):
    case("subscript", [x], T("int32", x.v[index]), number=n)

out = pathlib.Path(__file__).parent.parent / "Tests/OperationsTests/Fixtures/reference.json"
out.parent.mkdir(exist_ok=True)
lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
out.write_text(f"[\n{lines}\n]\n")
print(f"{len(cases)} cases, {out.stat().st_size} bytes, NumPy {np.__version__}")
