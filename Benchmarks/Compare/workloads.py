"""The workloads that all peers run: how many steps they train, and what their checks are of.

../Workloads has the formulas in Swift, and every peer's script in its own words.
"""

from dataclasses import dataclass
from typing import Callable

import numpy as np

from inputs import (
    block_parameters,
    cnn_images,
    cnn_parameters,
    convolution,
    glorot,
    integers,
    labels01,
    link_prediction,
    lstm_parameters,
    lstm_sequence,
    mlp_images,
    mlp_parameters,
    normalization,
    plane,
    tokens,
    uniform,
    zeros,
)

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


# ---- The table


@dataclass(frozen=True)
class Workload:
    """`inputs` gives data first, then parameters. `steps` training steps come before the check;
    without any it is a plain call.

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
