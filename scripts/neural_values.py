#!/usr/bin/env python3
"""Writes Tests/GnomonTests/Fixtures/neural.npz: layers' operations as Keras 3 and JAX compute them.

    KERAS_BACKEND=jax python3 scripts/neural_values.py
"""
import itertools
import os
import pathlib
os.environ["KERAS_BACKEND"] = "jax"
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import keras
import numpy as np
from keras import ops

keras.config.set_floatx("float64")
rng = np.random.default_rng(11)
out = {}


def case(name, operands, results):
    for i, x in enumerate(operands):
        out[f"{name}:x{i}"] = np.asarray(x)
    for i, y in enumerate(results if isinstance(results, (list, tuple)) else [results]):
        out[f"{name}:y{i}"] = np.asarray(y)


x = rng.normal(size=(2, 7, 6, 4))
line, volume = rng.normal(size=(2, 9, 4)), rng.normal(size=(2, 4, 5, 6, 2))
k2, k1, k3 = rng.normal(size=(3, 2, 5, 4)), rng.normal(size=(3, 5, 4)), rng.normal(size=(2, 3, 2, 3, 2))
case("transposed", [x, k2, line, k1, volume, k3],
     [ops.conv_transpose(x, k2, strides=2, padding="valid"), ops.conv_transpose(x, k2, strides=1, padding="same"),
      ops.conv_transpose(x, k2, strides=3, padding="valid"), ops.conv_transpose(line, k1, strides=2, padding="valid"),
      ops.conv_transpose(volume, k3, strides=2, padding="valid")])
dw, pw = rng.normal(size=(3, 2, 4, 2)), rng.normal(size=(1, 1, 8, 3))
dw1 = rng.normal(size=(3, 4, 1))
case("depthwise", [x, dw, pw, line, dw1],
     [ops.depthwise_conv(x, dw, strides=1, padding="same"), ops.depthwise_conv(x, dw, strides=2, padding="valid"),
      ops.separable_conv(x, dw, pw, strides=1, padding="valid"), ops.depthwise_conv(line, dw1, strides=1, padding="valid"),
      ops.depthwise_conv(x, dw, strides=1, padding="valid", dilation_rate=2)])
w1, w3 = rng.normal(size=(3, 4, 5)), rng.normal(size=(2, 2, 3, 2, 4))
causal = np.pad(line, [(0, 0), (4, 0), (0, 0)])
case("convolutions", [line, w1, volume, w3],
     [ops.conv(line, w1, strides=2, padding="same"), ops.conv(causal, w1, padding="valid", dilation_rate=2),
      ops.conv(volume, w3, strides=(1, 2, 2), padding="same")])
case("pooling", [line, x, volume],
     [ops.max_pool(line, (3,), (2,), "same"), ops.average_pool(line, (2,), (2,)), ops.average_pool(x, (3, 2), (2, 2), "same"),
      ops.max_pool(volume, (2, 2, 2), (2, 2, 2)), ops.average_pool(volume, (1, 2, 3), (1, 1, 1)), jnp.max(x, (1, 2)), jnp.mean(x, (1, 2)),
      keras.layers.AdaptiveAveragePooling2D((3, 4))(x), keras.layers.AdaptiveMaxPooling2D((3, 4))(x)])
case("patches", [x], [ops.image.extract_patches(x, (3, 2), strides=2, padding="valid"),
                      ops.image.extract_patches(x, (2, 2), strides=1, padding="same")])
v = rng.normal(size=(5, 12)) * 3
case("activations", [v],
     [ops.relu6(v), ops.leaky_relu(v, 0.2), ops.elu(v), ops.selu(v), ops.celu(v, 1.5), ops.gelu(v, approximate=True),
      ops.silu(v), ops.hard_silu(v), ops.hard_sigmoid(v), ops.hard_tanh(v), jax.nn.mish(v), ops.softsign(v),
      ops.log_sigmoid(v), ops.tanh_shrink(v), ops.soft_shrink(v), ops.hard_shrink(v), ops.threshold(v, 1.0, 9.0),
      ops.squareplus(v), ops.sparse_plus(v), ops.sparse_sigmoid(v), ops.glu(v), ops.sparsemax(v), ops.softmax(v, 0)])
g, b = rng.normal(size=4), rng.normal(size=4)
m, s = rng.normal(size=4), rng.uniform(0.5, 2, 4)
lrn = x / (1 + 0.5 * np.stack([(x[..., max(0, c - 2):c + 3]**2).sum(-1) for c in range(4)], -1))**0.75
case("normalizations", [x, g, b, m, s],
     [ops.batch_normalization(x, m, s, -1, b, g, 1e-3),
      keras.layers.GroupNormalization(2, epsilon=1e-5)(x), ops.rms_normalization(x, g, epsilon=1e-6),
      (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + 1e-5) * g + b,
      x / np.linalg.norm(x, axis=-1, keepdims=True), lrn])
q, kk, vv = rng.normal(size=(2, 5, 4, 8)), rng.normal(size=(2, 7, 2, 8)), rng.normal(size=(2, 7, 2, 6))
mask = rng.uniform(size=(2, 1, 5, 7)) < 0.7
mask[..., 0] = True
bias = rng.normal(size=(1, 4, 5, 7))


def attend(q, k, v, mask=None, bias=None):
    k, v = np.repeat(k, 2, 2), np.repeat(v, 2, 2)
    s = np.einsum("bthd,bshd->bhts", q, k) / np.sqrt(8) + (0 if bias is None else bias)
    s = s if mask is None else np.where(mask, s, -np.inf)
    return np.einsum("bhts,bshd->bthd", np.asarray(jax.nn.softmax(s)), v)


case("attention", [q, kk, vv, mask, bias],
     [attend(q, kk, vv), attend(q, kk, vv, mask, bias), attend(q, kk, vv, np.tril(np.ones((5, 7), bool)))])
case("resize", [x], [jax.image.resize(x, (2, 14, 9, 4), "linear"), jax.image.resize(x, (2, 3, 4, 4), "linear"),
                     jax.image.resize(x, (2, 14, 9, 4), "cubic"), jax.image.resize(x, (2, 3, 4, 4), "lanczos3"),
                     jax.image.resize(x, (2, 14, 3, 4), "nearest")])
logits = rng.normal(size=(3, 6, 4))
labels = np.array([[1, 2, 2], [3, 1, 0], [2, 0, 0]])
lengths, steps = np.array([3, 2, 1]), np.array([6, 5, 3])


def ctc(p, label):
    """Minus the logarithm of the sum over all paths that collapse to the label."""
    total = 0
    for path in itertools.product(range(p.shape[1]), repeat=len(p)):
        kept = [c for i, c in enumerate(path) if c != 0 and (i == 0 or path[i - 1] != c)]
        if kept == list(label):
            total += np.prod(p[np.arange(len(p)), path])
    return -np.log(total)


soft = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
case("ctc", [logits, labels, steps, lengths],
     [np.array([ctc(soft[n, :steps[n]], labels[n, :lengths[n]]) for n in range(3)])])
coordinates = np.stack([rng.uniform(-1, 8, 30), rng.uniform(-1, 7, 30)])
case("sampling", [x[0, :, :, 0], coordinates[0], coordinates[1]],
     [jax.scipy.ndimage.map_coordinates(x[0, :, :, 0], list(coordinates), order=1, mode="constant")])
probabilities = np.asarray(jax.nn.softmax(v))
onehot = np.eye(12)[rng.integers(0, 12, 5)]
truth, guess = rng.integers(0, 4, 30), rng.integers(0, 4, 30)
confusion = np.zeros((4, 4), int)
np.add.at(confusion, (truth, guess), 1)
case("classes", [probabilities, onehot, truth, guess, v, np.array([0, 3, 11, 5, 2])],
     [ops.categorical_crossentropy(onehot, probabilities), confusion,
      ops.in_top_k(np.array([0, 3, 11, 5, 2]), v, 4)])

path = pathlib.Path(__file__).parent.parent / "Tests/GnomonTests/Fixtures/neural.npz"
np.savez_compressed(path, **out)
print(len(out), "arrays,", path.stat().st_size, "bytes")
