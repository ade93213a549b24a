#!/usr/bin/env python3
"""Writes Tests/OperationsTests/Fixtures/windows.npz: convolutions and poolings by NumPy alone.

Each case is a few arrays named `<case>.<part>`; the attributes are in the names of the tests.
Run from the root of the repository.
"""
import numpy as np

random = np.random.default_rng(7)
arrays = {}


def pads(size, extent, stride, padding):
    if padding == "valid":
        return 0, 0
    if padding == "same":
        total = max((-(-size // stride) - 1) * stride + extent - size, 0)
        return total // 2, total - total // 2
    return padding


def windows(x, kernel, strides, dilations, padding, fill):
    """[n, out..., c, kernel...]: every window, by padding and views."""
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    width = [(0, 0)] + [
        pads(n, e, s, p) for n, e, s, p in zip(x.shape[1:], extents, strides, padding)
    ] + [(0, 0)]
    padded = np.pad(x, width, constant_values=fill)
    axes = tuple(range(1, x.ndim - 1))
    view = np.lib.stride_tricks.sliding_window_view(padded, extents, axis=axes)
    pick = (slice(None),) + tuple(slice(None, None, s) for s in strides) + (slice(None),)
    return view[pick + tuple(slice(None, None, d) for d in dilations)]


def convolution(name, x, w, strides, padding, dilations, groups=1):
    rank = len(x) - 2
    a, b = random.standard_normal(x), random.standard_normal(w)
    view = windows(a, w[:rank], strides, dilations, padding, 0.0)
    inputs, outputs = w[rank], w[rank + 1] // groups
    spatial, kernel = "def"[:rank], "klm"[:rank]
    parts = [
        np.einsum(
            f"n{spatial}c{kernel},{kernel}co->n{spatial}o",
            view[(slice(None),) * (rank + 1) + (slice(g * inputs, (g + 1) * inputs),)],
            b[..., g * outputs : (g + 1) * outputs])
        for g in range(groups)
    ]
    arrays[f"{name}.x"], arrays[f"{name}.w"] = a, b
    arrays[f"{name}.y"] = np.concatenate(parts, axis=-1)


def pool(name, x, size, strides, padding):
    a = random.standard_normal(x)
    arrays[f"{name}.x"] = a
    axes = (-1, -2)
    arrays[f"{name}.max"] = windows(a, size, strides, (1, 1), padding, -np.inf).max(axis=axes)
    total = windows(a, size, strides, (1, 1), padding, 0.0).sum(axis=axes)
    count = windows(np.ones(x), size, strides, (1, 1), padding, 0.0).sum(axis=axes)
    arrays[f"{name}.mean"] = total / count


V, S = "valid", "same"
convolution("plain", (2, 5, 6, 3), (3, 2, 3, 4), (1, 1), (V, V), (1, 1))
convolution("strided", (2, 7, 6, 2), (3, 3, 2, 3), (2, 3), (V, V), (1, 1))
convolution("same", (1, 5, 6, 2), (3, 2, 2, 2), (1, 1), (S, S), (1, 1))
convolution("same-strided", (1, 6, 7, 2), (3, 3, 2, 2), (2, 2), (S, S), (1, 1))
convolution("dilated", (1, 8, 7, 2), (3, 2, 2, 2), (1, 2), (V, V), (2, 3))
convolution("explicit", (1, 4, 5, 2), (3, 3, 2, 2), (2, 1), ((1, 2), (0, 3)), (1, 1))
convolution("grouped", (2, 4, 4, 4), (2, 2, 2, 6), (1, 1), (V, V), (1, 1), groups=2)
convolution("depthwise", (1, 4, 4, 3), (3, 3, 1, 6), (1, 1), (S, S), (1, 1), groups=3)
convolution("skipping", (1, 6, 5, 1), (1, 1, 1, 2), (2, 3), (S, S), (1, 1))
convolution("line", (2, 9, 2), (3, 2, 3), (2,), (S,), (2,))
convolution("volume", (1, 3, 4, 3, 2), (2, 2, 2, 2, 2), (1, 2, 1), (V, S, S), (1, 1, 1))

pool("halves", (2, 4, 6, 3), (2, 2), (2, 2), (V, V))
pool("overlapping", (1, 5, 6, 2), (3, 2), (1, 2), (V, V))
pool("pool-same", (1, 5, 7, 2), (3, 3), (2, 2), (S, S))
pool("pool-explicit", (1, 4, 4, 1), (3, 3), (2, 2), ((1, 1), (1, 0)))

np.savez("Tests/OperationsTests/Fixtures/windows.npz", **arrays)
