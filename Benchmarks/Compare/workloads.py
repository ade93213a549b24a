"""The workloads that all peers run: inputs, how many steps they train, what their checks are of.

Arrays come from an integer hash and so are the same bits in every language; ../Inputs.swift is the
same thing in Swift, and ../Workloads has the formulas. Everything is float32, indices int64.
"""

from dataclasses import dataclass
from math import prod, sqrt
from typing import Callable

import numpy as np


def hashes(count, seed):
    """lowbias32 of i * 0x9E3779B9 + seed * 0x85EBCA6B for each i below `count`, modulo 2^32."""
    word = np.uint32
    x = np.arange(count, dtype=word)
    x *= word(0x9E3779B9)
    x += word(seed * 0x85EBCA6B % 2**32)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x ^= x >> word(shift)
        x *= word(factor)
    return x ^ (x >> word(16))


def uniform(shape, seed, low, high):
    """low + u (high - low), in double, with the upper 24 bits of the hash as u in [0, 1)."""
    shape = (shape,) if isinstance(shape, int) else shape
    u = (hashes(prod(shape), seed) >> np.uint32(8)).astype(np.float64) / 2**24
    return (low + u * (high - low)).astype(np.float32).reshape(shape)


def integers(count, seed, bound):
    return (hashes(count, seed) % np.uint32(bound)).astype(np.int64)


def glorot(shape, seed, fans=None):
    limit = sqrt(6 / sum(fans or shape))
    return uniform(shape, seed, -limit, limit)


def zeros(*shape):
    return np.zeros(shape, np.float32)


def labels01(count, seed):
    return integers(count, seed, 2).astype(np.float32)


# ---- Checks


def summary(array):
    """Sum of magnitudes in double, first, middle and last element."""
    flat = np.asarray(array).reshape(-1)
    return [
        float(np.abs(flat.astype(np.float64)).sum()),
        *map(float, (flat[0], flat[flat.size // 2], flat[-1])),
    ]


def scalar(array):
    return [float(np.asarray(array).reshape(()))]


def of_all(results):
    return [number for r in results for number in summary(r)]


def but_the_loss(results):
    return of_all(results[1:])


def loss_and(*which):
    return lambda results: scalar(results[0]) + of_all([results[i] for i in which])


def of_counts(results):
    return summary(results[0]) + [float(results[0][500, 400])]


# ---- Inputs


def mlp_parameters():
    return [
        glorot((784, 512), 34),
        zeros(512),
        glorot((512, 512), 35),
        zeros(512),
        glorot((512, 10), 36),
        zeros(10),
    ]


def mlp_images(batch):
    return uniform((batch, 784), 32, 0, 1)


def cnn_parameters():
    """Kernels as height, width, channels in, channels out; the dense layer's rows as h, w, c."""
    kernels = [
        glorot((3, 3, 1, 32), 39, (9, 288)),
        zeros(32),
        glorot((3, 3, 32, 64), 40, (288, 576)),
        zeros(64),
    ]
    return kernels + [glorot((9216, 128), 41), zeros(128), glorot((128, 10), 42), zeros(10)]


def cnn_images(batch):
    return uniform((batch, 28, 28, 1), 37, 0, 1)


def convolution():
    return [uniform((128, 26, 26, 32), 43, -1, 1), glorot((3, 3, 32, 64), 44, (288, 576))]


def lstm_sequence():
    """64 steps, 32 examples, 128 features."""
    return uniform((64, 32, 128), 46, -1, 1)


def lstm_parameters():
    shapes = {47: (128, 1024), 48: (256, 1024), 49: 1024}
    return [uniform(shape, seed, -0.0625, 0.0625) for seed, shape in shapes.items()]


def normalization():
    return [
        uniform((4096, 1024), 13, -2, 2),
        uniform(1024, 14, 0.5, 1.5),
        uniform(1024, 15, -0.5, 0.5),
    ]


def link_prediction():
    data = [integers(1024, 57, 10000), integers(1024, 58, 10000), labels01(1024, 59)]
    embedding = uniform((10000, 64), 51, -0.5, 0.5)
    hidden = [glorot((64, 32), 52), glorot((64, 32), 53), uniform(32, 54, -0.1, 0.1)]
    return (
        data
        + [embedding]
        + hidden
        + [glorot((32, 10), 55), zeros(10), glorot((10, 1), 56), zeros(1)]
    )


def tokens(seed):
    return uniform((8, 128, 256), seed, -1, 1)


def block_parameters():
    """Scale, offset, queries-keys-values, output; scale, offset, two dense layers; with biases."""
    attention = [
        glorot((256, 768), 62),
        uniform(768, 63, -0.1, 0.1),
        glorot((256, 256), 64),
        uniform(256, 65, -0.1, 0.1),
    ]
    dense = [
        glorot((256, 1024), 68),
        uniform(1024, 69, -0.1, 0.1),
        glorot((1024, 256), 70),
        uniform(256, 71, -0.1, 0.1),
    ]
    norms = [[uniform(256, seed, 0.9, 1.1), uniform(256, seed + 1, -0.1, 0.1)] for seed in (60, 66)]
    return norms[0] + attention + norms[1] + dense


def plane():
    """Real and imaginary parts of a thousand by a thousand points."""
    steps = np.arange(1000) * 2.5 / 999
    real, imaginary = np.meshgrid((steps - 2).astype(np.float32), (steps - 1.25).astype(np.float32))
    return [real.copy(), imaginary.copy()]


# ---- The table


@dataclass(frozen=True)
class Workload:
    """`inputs` gives data first, then parameters. `steps` training steps come before the check; with
    0 it is a plain call.

    A training's check is of the first and last loss and of the variables that a peer shows; a
    call's is of its results.
    """

    name: str
    inputs: Callable[[], list]
    check: Callable[[list], list] = of_all
    steps: int = 0
    checked: bool = True


def uniforms(shape, seeds, low=-1, high=1):
    return lambda: [uniform(shape, seed, low, high) for seed in seeds]


ALL = [
    Workload(
        "bs_4m",
        lambda: [
            uniform(4_000_000, s, a, b)
            for s, a, b in ((1, 50, 150), (2, 50, 150), (3, 0.1, 2), (4, 0.1, 0.5))
        ],
    ),
    Workload("chain_16m", uniforms(16_000_000, (5, 6, 7))),
    Workload("small_affine10", uniforms(10, (8,))),
    Workload("small_sum3", uniforms(10, (8, 9, 10))),
    Workload("softmax_4096x1000", uniforms((4096, 1000), (11,), -4, 4)),
    Workload(
        "lsm_nll_grad_4096x1000",
        lambda: [uniform((4096, 1000), 11, -4, 4), integers(4096, 12, 1000)],
        loss_and(1),
    ),
    Workload("ln_gelu_fwd", normalization),
    Workload(
        "ln_gelu_fwdbwd", lambda: normalization() + [uniform((4096, 1024), 16, -1, 1)], but_the_loss
    ),
    Workload("pairmin_2048x16", uniforms((2048, 16), (17, 18))),
    Workload(
        "nbody_4096",
        lambda: [
            uniform((4096, 3), 19, -1, 1),
            uniform((4096, 3), 20, -0.1, 0.1),
            uniform(4096, 21, 0.5, 1.5),
        ],
    ),
    *[Workload(f"matmul_{n}", uniforms((n, n), (22, 23))) for n in (64, 256, 1024, 2048)],
    Workload(
        "dense_relu_128",
        lambda: [
            uniform((128, 784), 24, -1, 1),
            glorot((784, 512), 25),
            uniform(512, 26, -0.1, 0.1),
        ],
    ),
    Workload(
        "bmm_64x128x64x128",
        lambda: [uniform((64, 128, 64), 27, -1, 1), uniform((64, 64, 128), 28, -1, 1)],
    ),
    Workload(
        "logreg_step",
        lambda: [
            uniform((400, 784), 29, -1.7, 1.7),
            labels01(400, 30),
            uniform(784, 31, -1.7, 1.7),
            zeros(),
        ],
        steps=1000,
    ),
    Workload(
        "mlp_train_b128",
        lambda: [mlp_images(128), integers(128, 33, 10)] + mlp_parameters(),
        steps=20,
    ),
    *[
        Workload(f"mlp_infer_b{n}", lambda n=n: [mlp_images(n)] + mlp_parameters())
        for n in (1, 128)
    ],
    Workload(
        "cnn_train_nodrop_b128",
        lambda: [cnn_images(128), integers(128, 38, 10)] + cnn_parameters(),
        steps=3,
    ),
    Workload(
        "cnn_train_b128",
        lambda: [cnn_images(128), integers(128, 38, 10)] + cnn_parameters(),
        steps=3,
        checked=False,
    ),
    *[
        Workload(f"cnn_infer_b{n}", lambda n=n: [cnn_images(n)] + cnn_parameters())
        for n in (1, 128)
    ],
    Workload("conv_fwd", convolution),
    Workload(
        "conv_fwdbwd", lambda: convolution() + [uniform((128, 24, 24, 64), 45, -1, 1)], but_the_loss
    ),
    Workload("lstm_fwd", lambda: [lstm_sequence()] + lstm_parameters()),
    Workload(
        "lstm_train",
        lambda: [lstm_sequence(), uniform((32, 256), 50, -1, 1)] + lstm_parameters(),
        steps=5,
    ),
    Workload("link_train_dense", link_prediction, steps=20),
    Workload("link_train_sparse", link_prediction, steps=20),
    Workload("xformer_fwd", lambda: [tokens(72)] + block_parameters()),
    Workload(
        "xformer_fwdbwd", lambda: [tokens(72)] + block_parameters() + [tokens(73)], loss_and(1, 4)
    ),
    Workload("mandel_1000_100", plane, of_counts),
    Workload("power_scan_1000", uniforms(1000, (74,), 0.99, 1.01)),
    Workload(
        "hessian_100",
        lambda: [uniform(100, 77, -1, 1), glorot((100, 100), 75), uniform(100, 76, -0.5, 0.5)],
    ),
    Workload(
        "jacobian_64",
        lambda: [
            uniform(64, 82, -1, 1),
            glorot((64, 128), 78),
            uniform(128, 79, -0.5, 0.5),
            glorot((128, 64), 80),
            uniform(64, 81, -0.5, 0.5),
        ],
    ),
]
