"""Arrays from an integer hash, the same bits in every language, and the inputs made of them.

../Inputs.swift is the same thing in Swift. Everything is float32, indices int64.
"""

from math import prod, sqrt

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


# ---- Of the workloads


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
