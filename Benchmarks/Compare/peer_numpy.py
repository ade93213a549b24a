"""NumPy: operations over whole arrays, gradients by hand. What comes without any compiler."""

import numpy as np

from peer import Peer

peer = Peer("numpy")
half, one = np.float32(0.5), np.float32(1)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    e /= e.sum(-1, keepdims=True)
    return e


def sigmoid(x):
    return one / (one + np.exp(-x))


@peer.call("chain_16m")
def chain(a, b, c):
    return np.maximum(a * b + c, 0) * sigmoid(a)


@peer.call("small_affine10")
def affine(a):
    return a * 2 + 1


@peer.call("small_sum3")
def sum3(a, b, c):
    return a + b + c


peer.call("softmax_4096x1000")(softmax)


@peer.call("lsm_nll_grad_4096x1000")
def cross_entropy(x, y):
    rows = np.arange(len(x))
    shifted = x - x.max(-1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(-1, keepdims=True)
    loss = (np.log(total[:, 0]) - shifted[rows, y]).mean()
    e /= total
    e[rows, y] -= 1
    e /= np.float32(len(x))
    return loss, e


@peer.call("pairmin_2048x16")
def pairs(x, y):
    return np.square(x[:, None] - y[None]).sum(-1).min(1)


@peer.call("nbody_4096")
def bodies(p, v, m):
    d = p[None] - p[:, None]
    r2 = np.square(d).sum(-1) + np.float32(1e-4)
    pull = m / (np.sqrt(r2) * r2)
    v = v + np.float32(1e-3) * (pull[..., None] * d).sum(1)
    return p + np.float32(1e-3) * v, v


peer.call("matmul_64", "matmul_256", "matmul_1024", "matmul_2048", "bmm_64x128x64x128")(np.matmul)


@peer.call("dense_relu_128")
def dense(x, w, b):
    return np.maximum(x @ w + b, 0)


@peer.setup("logreg_step")
def logistic_regression(x, y, w, b):
    state = {"w": w, "b": b}
    rate, count = np.float32(0.1), np.float32(len(y))

    def step():
        z = x @ state["w"] + state["b"]
        loss = (np.logaddexp(np.float32(0), z) - y * z).mean() + np.float32(0.01) * np.square(
            state["w"]
        ).sum()
        error = (sigmoid(z) - y) / count
        state["w"] = state["w"] - rate * (error @ x + np.float32(0.02) * state["w"])
        state["b"] = state["b"] - rate * error.sum()
        return loss

    return step, lambda: [state["w"]]


def hidden(x, p):
    h1 = np.maximum(x @ p[0] + p[1], 0)
    h2 = np.maximum(h1 @ p[2] + p[3], 0)
    return h1, h2, h2 @ p[4] + p[5]


@peer.call("mlp_infer_b1", "mlp_infer_b128")
def mlp(x, *p):
    return softmax(hidden(x, p)[2])


@peer.setup("mlp_train_b128")
def mlp_training(x, y, *p):
    velocity = [np.zeros_like(q) for q in p]

    def step():
        h1, h2, z = hidden(x, p)
        loss, dz = cross_entropy(z, y)
        d2 = (dz @ p[4].T) * (h2 > 0)
        d1 = (d2 @ p[2].T) * (h1 > 0)
        gradients = [x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ dz, dz.sum(0)]
        for q, v, g in zip(p, velocity, gradients):
            v *= np.float32(0.9)
            v += g
            q -= np.float32(0.01) * v
        return loss

    return step, lambda: [p[0], p[4]]


@peer.call("lstm_fwd")
def lstm(x, wx, wh, b):
    projected = x @ wx + b
    h = c = np.zeros((x.shape[1], 256), np.float32)
    states = np.empty((len(x), *h.shape), np.float32)
    for t, row in enumerate(projected):
        i, f, g, o = np.split(row + h @ wh, 4, -1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = states[t] = sigmoid(o) * np.tanh(c)
    return states


@peer.call("mandel_1000_100")
def mandelbrot(cr, ci):
    zr, zi = np.zeros_like(cr), np.zeros_like(ci)
    counts = np.zeros(cr.shape, np.int32)
    with np.errstate(all="ignore"):
        for _ in range(100):
            a, b = zr * zr, zi * zi
            counts += a + b <= 4
            zr, zi = a - b + cr, 2 * zr * zi + ci
    return counts


@peer.call("power_scan_1000")
def power(a):
    r = np.ones_like(a)
    for _ in range(1000):
        r *= a
    return r


@peer.call("hessian_100")
def hessian(v, w, b):
    t = np.tanh(v @ w + b)
    return (w * (-2 * t * (1 - t * t))) @ w.T


@peer.call("jacobian_64")
def jacobian(x, w1, b1, w2, b2):
    t = np.tanh(x @ w1 + b1)
    return (w2.T * (1 - t * t)) @ w1.T


peer.main()
