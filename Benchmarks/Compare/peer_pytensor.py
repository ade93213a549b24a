"""PyTensor, by its numba backend or its C backend (`PYTENSOR_BACKEND=c`).

It has no convolution, so those rows are missing.
"""

import os
import warnings

BACKEND = os.environ.get("PYTENSOR_BACKEND", "numba")
C_FLAGS = "linker=cvm,openmp=True,blas__ldflags=-lopenblas"
os.environ["PYTENSOR_FLAGS"] = ",".join(
    ["floatX=float32", f"base_compiledir={os.environ.get('PYTENSOR_CACHE', '~/.pytensor')}"]
    + ([C_FLAGS] if BACKEND == "c" else [])
)
warnings.filterwarnings("ignore")

import numpy as np
import pytensor
import pytensor.tensor as pt

from peer import Peer


class PyTensor(Peer):
    def __init__(self):
        super().__init__("pytensor-c" if BACKEND == "c" else "pytensor")

    def setup_of(self, function):
        def setup(*inputs):
            inputs = [np.asarray(a) for a in inputs]
            given = [pt.tensor(dtype=a.dtype.name, shape=a.shape) for a in inputs]
            compiled = pytensor.function(given, function(*given))
            compiled.trust_input = True
            return (lambda: compiled(*inputs)), None

        return setup

    def updating(self, loss, updates, shown):
        """A step that replaces shared variables, and takes nothing."""
        compiled = pytensor.function([], loss, updates=updates)
        compiled.trust_input = True
        return compiled, lambda: [s.get_value() for s in shown]


peer = PyTensor()


def number(x):
    """A constant that leaves float32 what it is."""
    return pt.constant(np.float32(x))


def shared(*arrays):
    return [pytensor.shared(np.asarray(a), shape=np.shape(a)) for a in arrays]


def gelu(x):
    return number(0.5) * x * (1 + pt.erf(x * number(0.7071067811865476)))


@peer.call("bs_4m")
def black_scholes(s, k, t, g):
    width = g * pt.sqrt(t)
    d1 = (pt.log(s / k) + (number(0.03) + number(0.5) * g * g) * t) / width

    def cdf(z):
        return number(0.5) * (1 + pt.erf(z * number(0.7071067811865476)))

    return s * cdf(d1) - k * pt.exp(number(-0.03) * t) * cdf(d1 - width)


@peer.call("chain_16m")
def chain(a, b, c):
    return pt.maximum(a * b + c, number(0)) * pt.sigmoid(a)


@peer.call("small_affine10")
def affine(a):
    return a * 2 + 1


@peer.call("small_sum3")
def sum3(a, b, c):
    return a + b + c


@peer.call("softmax_4096x1000")
def softmax(x):
    return pt.special.softmax(x, axis=-1)


def cross_entropy(z, y):
    return -pt.special.log_softmax(z, axis=-1)[pt.arange(z.shape[0]), y].mean()


@peer.call("lsm_nll_grad_4096x1000")
def cross_entropy_gradient(x, y):
    loss = cross_entropy(x, y)
    return [loss, pt.grad(loss, x)]


def normalized(x, scale, offset):
    centered = x - x.mean(-1, keepdims=True)
    variance = pt.sqr(centered).mean(-1, keepdims=True)
    return centered / pt.sqrt(variance + number(1e-5)) * scale + offset


@peer.call("ln_gelu_fwd")
def normalized_gelu(x, scale, offset):
    return gelu(normalized(x, scale, offset))


@peer.call("ln_gelu_fwdbwd")
def normalized_gelu_gradients(x, scale, offset, w):
    loss = (normalized_gelu(x, scale, offset) * w).sum()
    return [loss, *pt.grad(loss, [x, scale, offset])]


@peer.call("pairmin_2048x16")
def pairs(x, y):
    return pt.sqr(x[:, None] - y[None]).sum(-1).min(1)


@peer.call("nbody_4096")
def bodies(p, v, m):
    d = p[None] - p[:, None]
    r2 = pt.sqr(d).sum(-1) + number(1e-4)
    pull = m / (pt.sqrt(r2) * r2)
    v = v + number(1e-3) * (pull[:, :, None] * d).sum(1)
    return [p + number(1e-3) * v, v]


peer.call("matmul_64", "matmul_256", "matmul_1024", "matmul_2048")(pt.dot)
peer.call("bmm_64x128x64x128")(pt.matmul)


@peer.call("dense_relu_128")
def dense(x, w, b):
    return pt.maximum(pt.dot(x, w) + b, number(0))


def minus(rate, parameters, loss):
    gradients = pt.grad(loss, parameters)
    return {p: p - number(rate) * g for p, g in zip(parameters, gradients)}


@peer.setup("logreg_step")
def logistic_regression(*inputs):
    x, y, w, b = shared(*inputs)
    # As in its tutorial, which its rewrites make stable.
    p1 = 1 / (1 + pt.exp(-pt.dot(x, w) - b))
    entropy = -y * pt.log(p1) - (1 - y) * pt.log(1 - p1)
    loss = entropy.mean() + number(0.01) * pt.sqr(w).sum()
    return peer.updating(loss, minus(0.1, [w, b], loss), [w])


def mlp(x, p):
    return pt.dot(dense(dense(x, p[0], p[1]), p[2], p[3]), p[4]) + p[5]


@peer.call("mlp_infer_b1", "mlp_infer_b128")
def mlp_inference(x, *p):
    return softmax(mlp(x, p))


@peer.setup("mlp_train_b128")
def mlp_training(*inputs):
    x, y, *p = shared(*inputs)
    velocity = shared(*(np.zeros_like(q) for q in inputs[2:]))
    loss = cross_entropy(mlp(x, p), y)
    updates = {}
    for q, v, g in zip(p, velocity, pt.grad(loss, p)):
        updates[v] = number(0.9) * v + g
        updates[q] = q - number(0.01) * updates[v]
    return peer.updating(loss, updates, [p[0], p[4]])


@peer.call("lstm_fwd")
def lstm(x, wx, wh, b):
    steps, batch, features = x.type.shape
    units = wh.type.shape[0]

    def cell(row, h, c, wh):
        i, f, g, o = ((row + pt.dot(h, wh))[:, k * units : (k + 1) * units] for k in range(4))
        c = pt.sigmoid(f) * c + pt.sigmoid(i) * pt.tanh(g)
        return pt.sigmoid(o) * pt.tanh(c), c

    projected = pt.dot(x.reshape((steps * batch, features)), wx) + b
    rows = projected.reshape((steps, batch, 4 * units))
    start = [pt.alloc(number(0), batch, units) for _ in range(2)]
    (states, _), _ = pytensor.scan(
        cell, sequences=[rows], outputs_info=start, non_sequences=[wh], return_updates=True
    )
    return states


@peer.setup("lstm_train")
def lstm_training(*inputs):
    x, target, *p = shared(*inputs)
    loss = pt.sqr(lstm(x, *p)[-1] - target).mean()
    return peer.updating(loss, minus(0.1, p, loss), p)


def link_loss(u, v, p, y):
    z = pt.tanh(pt.dot(u * v, p[0]) + pt.dot(abs(u - v), p[1]) + p[2])
    s = (pt.dot(pt.dot(z, p[3]) + p[4], p[5]) + p[6])[:, 0]
    return (pt.softplus(s) - y * s).mean()


@peer.setup("link_train_dense")
def link_dense(*inputs):
    u, v, y, *p = shared(*inputs)
    loss = link_loss(p[0][u], p[0][v], p[1:], y)
    return peer.updating(loss, minus(0.1, p, loss), p[:2])


@peer.setup("link_train_sparse")
def link_sparse(*inputs):
    u, v, y, table, *rest = shared(*inputs)
    eu, ev = table[u], table[v]
    loss = link_loss(eu, ev, rest, y)
    change = number(-0.1) * pt.concatenate(pt.grad(loss, [eu, ev]))
    updates = minus(0.1, rest, loss)
    updates[table] = pt.inc_subtensor(table[pt.concatenate([u, v])], change)
    return peer.updating(loss, updates, [table, rest[0]])


@peer.call("xformer_fwd")
def block(x, *p):
    batch, length, width = x.type.shape
    rows = x.reshape((batch * length, width))
    qkv = pt.dot(normalized(rows, p[0], p[1]), p[2]) + p[3]
    q, k, v = qkv.reshape((batch, length, 3, 8, 32)).transpose(2, 0, 3, 1, 4)
    weights = softmax(pt.matmul(q, k.transpose(0, 1, 3, 2)) * number(32**-0.5))
    attention = pt.matmul(weights, v).transpose(0, 2, 1, 3).reshape(rows.type.shape)
    y = rows + pt.dot(attention, p[4]) + p[5]
    hidden = gelu(pt.dot(normalized(y, p[6], p[7]), p[8]) + p[9])
    return (y + pt.dot(hidden, p[10]) + p[11]).reshape(x.type.shape)


@peer.call("xformer_fwdbwd")
def block_gradients(x, *rest):
    *p, r = rest
    loss = (block(x, *p) * r).sum()
    return [loss, *pt.grad(loss, [x, *p])]


@peer.call("mandel_1000_100")
def mandelbrot(cr, ci):
    def step(zr, zi, counts, cr, ci):
        a, b = zr * zr, zi * zi
        inside = (a + b <= number(4)).astype("int32")
        return a - b + cr, number(2) * zr * zi + ci, counts + inside

    start = [pt.zeros_like(cr), pt.zeros_like(cr), pt.zeros_like(cr, dtype="int32")]
    (_, _, counts), _ = pytensor.scan(
        step, outputs_info=start, non_sequences=[cr, ci], n_steps=100, return_updates=True
    )
    return counts[-1]


@peer.call("power_scan_1000")
def power(a):
    powers, _ = pytensor.scan(
        lambda r, a: r * a,
        outputs_info=pt.ones_like(a),
        non_sequences=a,
        n_steps=1000,
        return_updates=True,
    )
    return powers[-1]


@peer.call("hessian_100")
def hessian(v, w, b):
    return pytensor.gradient.hessian(pt.tanh(pt.dot(v, w) + b).sum(), v)


@peer.call("jacobian_64")
def jacobian(x, w1, b1, w2, b2):
    return pytensor.gradient.jacobian(pt.dot(pt.tanh(pt.dot(x, w1) + b1), w2) + b2, x)


peer.main()
