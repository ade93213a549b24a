#!/usr/bin/env python3
"""Writes Tests/OperationsTests/Fixtures/losses.npz: softmax and losses by NumPy's formulas.

Run from the root of the repository.
"""
import numpy as np

random = np.random.default_rng(11)
x = random.standard_normal((6, 5)) * np.array([1, 10, 100, 1000, 1e-3, 1])[:, None]
labels = np.array([0, 4, 2, 1, 3, 3], dtype=np.int32)
shifted = x - x.max(axis=-1, keepdims=True)
log_softmax = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
shifted0 = x - x.max(axis=0, keepdims=True)
targets = random.dirichlet(np.ones(5), 6)
targets[2] = [0, 1, 0, 0, 0]
z = random.standard_normal(12) * 20
t = random.random(12)
p = 1 / (1 + np.exp(-z / 20))
scale, offset = random.standard_normal(5), random.standard_normal(5)
normal = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
np.savez(
    "Tests/OperationsTests/Fixtures/losses.npz",
    x=x, labels=labels, targets=targets, z=z, t=t, p=p, scale=scale, offset=offset,
    softmax=np.exp(log_softmax), log_softmax=log_softmax,
    softmax0=np.exp(shifted0) / np.exp(shifted0).sum(axis=0, keepdims=True),
    labelled=-log_softmax[np.arange(6), labels], dense=-(targets * log_softmax).sum(-1),
    sigmoid=np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z))),
    binary=-(t * np.log(p) + (1 - t) * np.log1p(-p)), mse=((p - t) ** 2).mean(),
    layer=normal * scale + offset,
)
