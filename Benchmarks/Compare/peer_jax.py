"""JAX: one `jit` for each workload; a training step gives up its state's buffers to the next."""

import jax
import jax.numpy as jnp
from jax import lax

from peer import Peer


class Jax(Peer):
    def place(self, array):
        return jax.device_put(array)

    def compile(self, function):
        return jax.jit(function)

    def wait(self, result):
        jax.block_until_ready(result)

    def descent(self, loss, state, data, update, shown):
        """A step that computes `loss(parameters, *data)` and replaces the state by
        `update(state, gradients)`; the parameters are the state's first part."""

        def step(state, *data):
            value, gradients = jax.value_and_grad(loss)(state[0], *data)
            return update(state, gradients), value

        return self.stepping(step, state, data, shown)

    def stepping(self, step, state, data, shown):
        compiled = jax.jit(step, donate_argnums=0)
        # Inputs are the caller's: what is given up must be copies.
        held = [jax.tree.map(jnp.copy, state)]

        def run():
            held[0], loss = compiled(held[0], *data)
            return loss

        return run, lambda: shown(held[0])


peer = Jax("jax")


@peer.call("bs_4m")
def black_scholes(s, k, t, g):
    width = g * jnp.sqrt(t)
    d1 = (jnp.log(s / k) + (0.03 + 0.5 * g * g) * t) / width

    def cdf(z):
        return 0.5 * (1 + lax.erf(z * 0.7071067811865476))

    return s * cdf(d1) - k * jnp.exp(-0.03 * t) * cdf(d1 - width)


@peer.call("chain_16m")
def chain(a, b, c):
    return jnp.maximum(a * b + c, 0) * jax.nn.sigmoid(a)


@peer.call("small_affine10")
def affine(a):
    return a * 2 + 1


@peer.call("small_sum3")
def sum3(a, b, c):
    return a + b + c


@peer.call("softmax_4096x1000")
def softmax(x):
    return jax.nn.softmax(x, axis=-1)


def cross_entropy(z, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(z, axis=-1), y[:, None], axis=-1).mean()


peer.call("lsm_nll_grad_4096x1000")(jax.value_and_grad(cross_entropy))


def normalized(x, scale, offset):
    centered = x - x.mean(-1, keepdims=True)
    return (
        centered * lax.rsqrt(jnp.square(centered).mean(-1, keepdims=True) + 1e-5) * scale + offset
    )


def gelu(x):
    return 0.5 * x * (1 + lax.erf(x * 0.7071067811865476))


@peer.call("ln_gelu_fwd")
def normalized_gelu(x, scale, offset):
    return gelu(normalized(x, scale, offset))


peer.call("ln_gelu_fwdbwd")(
    jax.value_and_grad(lambda x, s, o, w: (normalized_gelu(x, s, o) * w).sum(), (0, 1, 2))
)


@peer.call("pairmin_2048x16")
def pairs(x, y):
    return jnp.square(x[:, None] - y[None]).sum(-1).min(1)


@peer.call("nbody_4096")
def bodies(p, v, m):
    d = p[None] - p[:, None]
    r2 = jnp.square(d).sum(-1) + 1e-4
    pull = m * lax.rsqrt(r2) / r2
    v = v + 1e-3 * (pull[..., None] * d).sum(1)
    return p + 1e-3 * v, v


peer.call("matmul_64", "matmul_256", "matmul_1024", "matmul_2048", "bmm_64x128x64x128")(jnp.matmul)


@peer.call("dense_relu_128")
def dense(x, w, b):
    return jax.nn.relu(x @ w + b)


def minus(rate):
    """Plain descent."""
    return lambda state, gradients: (jax.tree.map(lambda p, g: p - rate * g, state[0], gradients),)


@peer.setup("logreg_step")
def logistic_regression(x, y, w, b):
    def loss(p, x, y):
        z = x @ p[0] + p[1]
        return (jax.nn.softplus(z) - y * z).mean() + 0.01 * jnp.square(p[0]).sum()

    return peer.descent(loss, ([w, b],), (x, y), minus(0.1), lambda state: [state[0][0]])


def mlp(p, x):
    h = jax.nn.relu(x @ p[0] + p[1])
    h = jax.nn.relu(h @ p[2] + p[3])
    return h @ p[4] + p[5]


@peer.call("mlp_infer_b1", "mlp_infer_b128")
def mlp_inference(x, *p):
    return softmax(mlp(p, x))


@peer.setup("mlp_train_b128")
def mlp_training(x, y, *p):
    def momentum(state, gradients):
        p, v = state
        v = [0.9 * v + g for v, g in zip(v, gradients)]
        return [p - 0.01 * v for p, v in zip(p, v)], v

    state = (list(p), [jnp.zeros_like(q) for q in p])
    return peer.descent(
        lambda p, x, y: cross_entropy(mlp(p, x), y),
        state,
        (x, y),
        momentum,
        lambda state: [state[0][0], state[0][4]],
    )


def conv(x, kernel):
    return lax.conv_general_dilated(
        x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def dropped(h, key, rate):
    return (
        h
        if key is None
        else jnp.where(jax.random.bernoulli(key, 1 - rate, h.shape), h / (1 - rate), 0)
    )


def cnn(p, x, keys=(None, None)):
    h = jax.nn.relu(conv(x, p[0]) + p[1])
    h = jax.nn.relu(conv(h, p[2]) + p[3])
    h = lax.reduce_window(h, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    h = dropped(h, keys[0], 0.25).reshape(len(x), -1)
    h = dropped(jax.nn.relu(h @ p[4] + p[5]), keys[1], 0.5)
    return h @ p[6] + p[7]


@peer.call("cnn_infer_b1", "cnn_infer_b128")
def cnn_inference(x, *p):
    return softmax(cnn(p, x))


def cnn_training(dropout):
    def setup(x, y, *p):
        def step(state, x, y):
            p, m, v, t, key = state
            key, *keys = jax.random.split(key, 3)
            value, gradients = jax.value_and_grad(
                lambda p: cross_entropy(cnn(p, x, keys if dropout else (None, None)), y)
            )(p)
            t = t + 1
            m = [0.9 * m + 0.1 * g for m, g in zip(m, gradients)]
            v = [0.999 * v + 0.001 * g * g for v, g in zip(v, gradients)]
            c1, c2 = 1 - 0.9**t, 1 - 0.999**t
            p = [p - 0.001 * (m / c1) / (jnp.sqrt(v / c2) + 1e-7) for p, m, v in zip(p, m, v)]
            return (p, m, v, t, key), value

        def still():
            return [jnp.zeros_like(q) for q in p]

        state = (list(p), still(), still(), jnp.float32(0), jax.random.key(0))
        return peer.stepping(step, state, (x, y), lambda state: [state[0][2], state[0][6]])

    return setup


peer.setup("cnn_train_nodrop_b128")(cnn_training(dropout=False))
peer.setup("cnn_train_b128")(cnn_training(dropout=True))
peer.call("conv_fwd")(conv)
peer.call("conv_fwdbwd")(jax.value_and_grad(lambda x, w, r: (conv(x, w) * r).sum(), (0, 1)))


@peer.call("lstm_fwd")
def lstm(x, wx, wh, b):
    def cell(carry, row):
        h, c = carry
        i, f, g, o = jnp.split(row + h @ wh, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    start = jnp.zeros((x.shape[1], wh.shape[0]), x.dtype)
    return lax.scan(cell, (start, start), x @ wx + b)[1]


@peer.setup("lstm_train")
def lstm_training(x, target, *p):
    def loss(p, x, target):
        return jnp.square(lstm(x, *p)[-1] - target).mean()

    return peer.descent(loss, (list(p),), (x, target), minus(0.1), lambda state: state[0])


def link_loss(u, v, p, y):
    """Of the embeddings of both ends."""
    z = jnp.tanh((u * v) @ p[0] + jnp.abs(u - v) @ p[1] + p[2])
    s = ((z @ p[3] + p[4]) @ p[5] + p[6])[:, 0]
    return (jax.nn.softplus(s) - y * s).mean()


@peer.setup("link_train_dense")
def link_dense(u, v, y, *p):
    def loss(p, u, v, y):
        return link_loss(p[0][u], p[0][v], p[1:], y)

    return peer.descent(loss, (list(p),), (u, v, y), minus(0.1), lambda state: state[0][:2])


@peer.setup("link_train_sparse")
def link_sparse(u, v, y, *p):
    def step(p, u, v, y):
        table, rest = p[0], p[1:]
        value, (du, dv, d) = jax.value_and_grad(link_loss, (0, 1, 2))(table[u], table[v], rest, y)
        table = table.at[jnp.concatenate([u, v])].add(-0.1 * jnp.concatenate([du, dv]))
        return [table] + [p - 0.1 * g for p, g in zip(rest, d)], value

    return peer.stepping(step, list(p), (u, v, y), lambda state: state[:2])


@peer.call("xformer_fwd")
def block(x, *p):
    batch, length, width = x.shape
    qkv = (normalized(x, p[0], p[1]) @ p[2] + p[3]).reshape(batch, length, 3, 8, 32)
    q, k, v = (qkv[:, :, i].swapaxes(1, 2) for i in range(3))
    weights = softmax(q @ k.swapaxes(2, 3) * 32**-0.5)
    y = x + (weights @ v).swapaxes(1, 2).reshape(x.shape) @ p[4] + p[5]
    return y + gelu(normalized(y, p[6], p[7]) @ p[8] + p[9]) @ p[10] + p[11]


@peer.call("xformer_fwdbwd")
def block_gradients(x, *rest):
    *p, r = rest
    return jax.value_and_grad(lambda x, p: (block(x, *p) * r).sum(), (0, 1))(x, p)


@peer.call("mandel_1000_100")
def mandelbrot(cr, ci):
    def step(_, state):
        zr, zi, counts = state
        a, b = zr * zr, zi * zi
        return a - b + cr, 2 * zr * zi + ci, counts + (a + b <= 4)

    still = jnp.zeros_like(cr)
    return lax.fori_loop(0, 100, step, (still, still, jnp.zeros(cr.shape, jnp.int32)))[2]


@peer.call("power_scan_1000")
def power(a):
    return lax.fori_loop(0, 1000, lambda _, r: r * a, jnp.ones_like(a))


peer.call("hessian_100")(jax.hessian(lambda v, w, b: jnp.tanh(v @ w + b).sum()))
peer.call("jacobian_64")(jax.jacrev(lambda x, w1, b1, w2, b2: jnp.tanh(x @ w1 + b1) @ w2 + b2))

peer.main()
