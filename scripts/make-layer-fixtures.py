#!/usr/bin/env python3
"""What Keras 3 on JAX computes for each layer, for LayersTests to compare with.

    KERAS_BACKEND=jax python3 scripts/make-layer-fixtures.py Tests/LayersTests/Data/layers.npz

For each case: inputs x0..., initial weights w0..., outputs y0..., the gradients of sum(y * r) with
r = cos(0, 1, 2, ...) with respect to inputs (dx) and trainable weights (dw), and all weights after five
steps of gradient descent at rate 0.1 on mean((y - 0.3)^2) in training mode (s0...).
"""
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers as L

rng = np.random.default_rng(7)


def floats(*shape):
    return rng.normal(size=shape).astype("float32")


def padded(*shape):
    """Sequences whose ends are zeros, of different lengths."""
    x = floats(*shape)
    for i in range(shape[0]):
        x[i, shape[1] - 1 - i % shape[1]:] = 0
    return x


def ints(high, *shape):
    return rng.integers(0, high, size=shape).astype("int32")


def padded_before(*shape):
    """Sequences whose beginnings are zeros, of different lengths, with a gap each."""
    x = padded(*shape)[:, ::-1].copy()
    x[:, 2] = 0
    return x


def masked(layer):
    return lambda: keras.Sequential([L.Masking(), layer()])


CASES = {
    # core
    "dense": (lambda: L.Dense(3, activation="tanh"), [floats(2, 4)]),
    "dense_3d": (lambda: L.Dense(3, use_bias=False), [floats(2, 3, 4)]),
    "einsum_dense": (
        lambda: L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de"),
        [floats(2, 3, 4)],
    ),
    "embedding": (lambda: L.Embedding(7, 3), [ints(7, 2, 4)]),
    "flatten": (lambda: L.Flatten(), [floats(2, 3, 4)]),
    "reshape": (lambda: L.Reshape((6, -1)), [floats(2, 3, 4)]),
    "permute": (lambda: L.Permute((2, 1)), [floats(2, 3, 4)]),
    "repeat_vector": (lambda: L.RepeatVector(3), [floats(2, 4)]),
    # activations
    "leaky_relu": (lambda: L.LeakyReLU(0.2), [floats(2, 9)]),
    "prelu": (lambda: L.PReLU(alpha_initializer="glorot_uniform", shared_axes=[1]), [floats(2, 5, 4)]),
    "elu": (lambda: L.ELU(0.7), [floats(2, 9)]),
    "relu": (lambda: L.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.2), [floats(2, 9)]),
    "softmax": (lambda: L.Softmax(axis=1), [floats(2, 3, 4)]),
    # merging
    "add": (lambda: L.Add(), [floats(2, 3), floats(2, 3), floats(2, 3)]),
    "subtract": (lambda: L.Subtract(), [floats(2, 3), floats(2, 3)]),
    "multiply": (lambda: L.Multiply(), [floats(2, 3), floats(2, 3)]),
    "average": (lambda: L.Average(), [floats(2, 3), floats(2, 3), floats(2, 3)]),
    "maximum": (lambda: L.Maximum(), [floats(2, 3), floats(2, 3)]),
    "minimum": (lambda: L.Minimum(), [floats(2, 3), floats(2, 3)]),
    "concatenate": (lambda: L.Concatenate(axis=1), [floats(2, 3, 4), floats(2, 2, 4)]),
    "dot": (lambda: L.Dot(axes=1), [floats(2, 4), floats(2, 4)]),
    "dot_normalized": (lambda: L.Dot(axes=(2, 1), normalize=True), [floats(2, 3, 4), floats(2, 4, 5)]),
    # normalization
    "batch_normalization": (lambda: L.BatchNormalization(momentum=0.8), [floats(4, 3, 2)]),
    "layer_normalization": (lambda: L.LayerNormalization(axis=[1, 2]), [floats(2, 3, 4)]),
    "rms_normalization": (lambda: L.RMSNormalization(), [floats(2, 5)]),
    "group_normalization": (lambda: L.GroupNormalization(groups=2), [floats(2, 3, 3, 4)]),
    "unit_normalization": (lambda: L.UnitNormalization(), [floats(2, 5)]),
    # convolution
    "conv1d": (lambda: L.Conv1D(3, 3, strides=2, activation="relu"), [floats(2, 7, 2)]),
    "conv1d_causal": (lambda: L.Conv1D(3, 2, padding="causal", dilation_rate=2), [floats(2, 6, 2)]),
    "conv2d": (lambda: L.Conv2D(4, 3, padding="same", strides=2), [floats(2, 6, 5, 2)]),
    "conv2d_groups": (lambda: L.Conv2D(4, (2, 3), groups=2, dilation_rate=2), [floats(2, 6, 6, 4)]),
    "conv3d": (lambda: L.Conv3D(2, 2), [floats(1, 3, 4, 3, 2)]),
    "depthwise_conv1d": (lambda: L.DepthwiseConv1D(3, depth_multiplier=2), [floats(2, 6, 3)]),
    "depthwise_conv2d": (
        lambda: L.DepthwiseConv2D(3, depth_multiplier=2, padding="same"), [floats(2, 5, 5, 3)]),
    "separable_conv1d": (lambda: L.SeparableConv1D(4, 3, depth_multiplier=2), [floats(2, 6, 3)]),
    "separable_conv2d": (lambda: L.SeparableConv2D(4, 3, padding="same"), [floats(2, 5, 5, 3)]),
    "conv1d_transpose": (lambda: L.Conv1DTranspose(3, 3, strides=2), [floats(2, 4, 2)]),
    "conv2d_transpose": (
        lambda: L.Conv2DTranspose(3, 3, strides=2, padding="same"), [floats(2, 4, 3, 2)]),
    "conv2d_transpose_output_padding": (
        lambda: L.Conv2DTranspose(3, (3, 2), strides=2, padding="same", output_padding=(1, 0)),
        [floats(2, 4, 3, 2)]),
    "conv1d_transpose_output_padding": (
        lambda: L.Conv1DTranspose(3, 2, strides=3, output_padding=2), [floats(2, 4, 2)]),
    "conv3d_transpose": (lambda: L.Conv3DTranspose(2, 2), [floats(1, 2, 3, 2, 2)]),
    # pooling
    "max_pooling1d": (lambda: L.MaxPooling1D(2), [floats(2, 7, 3)]),
    "max_pooling2d": (lambda: L.MaxPooling2D((3, 2), strides=2, padding="same"), [floats(2, 5, 6, 3)]),
    "max_pooling3d": (lambda: L.MaxPooling3D(2), [floats(1, 4, 5, 4, 2)]),
    "average_pooling1d": (lambda: L.AveragePooling1D(3, strides=2), [floats(2, 7, 3)]),
    "average_pooling2d": (lambda: L.AveragePooling2D(3, padding="same"), [floats(2, 5, 6, 3)]),
    "average_pooling3d": (lambda: L.AveragePooling3D(2, padding="same"), [floats(1, 3, 5, 4, 2)]),
    "global_max_pooling1d": (lambda: L.GlobalMaxPooling1D(), [floats(2, 5, 3)]),
    "global_average_pooling2d": (
        lambda: L.GlobalAveragePooling2D(keepdims=True), [floats(2, 4, 5, 3)]),
    "global_average_pooling1d_masked": (masked(lambda: L.GlobalAveragePooling1D()), [padded(2, 5, 3)]),
    "adaptive_max_pooling2d": (lambda: L.AdaptiveMaxPooling2D((3, 2)), [floats(2, 7, 5, 2)]),
    "adaptive_average_pooling1d": (lambda: L.AdaptiveAveragePooling1D(3), [floats(2, 7, 2)]),
    # shaping
    "zero_padding2d": (lambda: L.ZeroPadding2D(((1, 0), (2, 3))), [floats(2, 3, 4, 2)]),
    "cropping2d": (lambda: L.Cropping2D(((1, 0), (2, 1))), [floats(2, 5, 6, 2)]),
    "up_sampling2d": (lambda: L.UpSampling2D((2, 3)), [floats(2, 3, 2, 2)]),
    # attention
    "attention": (lambda: L.Attention(use_scale=True), [floats(2, 3, 4), floats(2, 5, 4)]),
    "attention_causal": (
        lambda: Causal(), [floats(2, 4, 3), floats(2, 4, 3)]),
    "additive_attention": (
        lambda: L.AdditiveAttention(), [floats(2, 3, 4), floats(2, 5, 4), floats(2, 5, 4)]),
    "multi_head_attention": (
        lambda: L.MultiHeadAttention(2, 3, output_shape=5), [floats(2, 3, 6), floats(2, 5, 4)]),
    "grouped_query_attention": (
        lambda: L.GroupQueryAttention(3, 4, 2), [floats(2, 3, 6), floats(2, 5, 6)]),
    # recurrent
    "simple_rnn": (lambda: L.SimpleRNN(3), [floats(2, 4, 2)]),
    "lstm": (lambda: L.LSTM(3), [floats(2, 4, 2)]),
    "lstm_sequences": (
        lambda: L.LSTM(3, return_sequences=True, return_state=True), [floats(2, 4, 2)]),
    "lstm_backwards": (
        lambda: L.LSTM(3, go_backwards=True, return_sequences=True), [floats(2, 4, 2)]),
    "lstm_masked": (masked(lambda: L.LSTM(3, return_sequences=True)), [padded(3, 5, 2)]),
    "gru": (lambda: L.GRU(3), [floats(2, 4, 2)]),
    "gru_before": (
        lambda: L.GRU(3, reset_after=False, return_sequences=True), [floats(2, 4, 2)]),
    "gru_masked": (masked(lambda: L.GRU(3)), [padded(3, 5, 2)]),
    "stacked": (lambda: L.RNN([L.LSTMCell(3), L.GRUCell(2)]), [floats(2, 4, 2)]),
    "bidirectional": (
        lambda: L.Bidirectional(L.LSTM(3, return_sequences=True)), [floats(2, 4, 2)]),
    "bidirectional_sum_masked": (
        masked(lambda: L.Bidirectional(L.GRU(3), merge_mode="sum")), [padded(3, 5, 2)]),
    "time_distributed": (lambda: L.TimeDistributed(L.Dense(3)), [floats(2, 4, 2)]),
    "bidirectional_sequences_masked": (
        masked(lambda: L.Bidirectional(L.LSTM(3, return_sequences=True))), [padded(3, 5, 2)]),
    "bidirectional_states_masked": (
        masked(lambda: L.Bidirectional(
            L.GRU(3, return_sequences=True, return_state=True), merge_mode="mul")),
        [padded_before(3, 5, 2)]),
    "bidirectional_other_masked": (
        masked(lambda: L.Bidirectional(
            L.LSTM(3, return_sequences=True),
            backward_layer=L.SimpleRNN(2, return_sequences=True, go_backwards=True))),
        [padded(3, 5, 2)]),
    "lstm_zeros_masked": (
        masked(lambda: L.LSTM(3, return_sequences=True, zero_output_for_mask=True)),
        [padded_before(3, 5, 2)]),
    "gru_last_zeros_masked": (
        masked(lambda: L.GRU(3, zero_output_for_mask=True)), [padded(3, 5, 2)]),
    "gru_backwards_masked": (
        masked(lambda: L.GRU(3, return_sequences=True, go_backwards=True)), [padded(3, 5, 2)]),
    "lstm_initial_masked": (
        lambda: MaskedFrom(), [padded_before(3, 5, 2), floats(3, 3), floats(3, 3)]),
    # preprocessing
    "rescaling": (lambda: L.Rescaling(1 / 255, offset=-0.5), [floats(2, 3)]),
    "discretization": (lambda: L.Discretization([-1.0, 0.0, 0.5]), [floats(2, 5)]),
    "category_encoding": (
        lambda: L.CategoryEncoding(5, output_mode="multi_hot"), [ints(5, 2, 3)]),
}


class MaskedFrom(L.Layer):
    """An LSTM over what is not zero of a sequence, from given states."""

    def __init__(self):
        super().__init__()
        self.inner = L.LSTM(3, return_sequences=True)

    def call(self, inputs):
        x, h, c = inputs
        # Beside initial states Keras takes a mask by argument only.
        mask = keras.ops.any(keras.ops.not_equal(x, 0), axis=-1)
        return self.inner(x, initial_state=[h, c], mask=mask)


class Causal(L.Layer):
    """Attention with its causal mask, which Keras takes by argument."""

    def __init__(self):
        super().__init__()
        self.inner = L.Attention()

    def call(self, inputs):
        return self.inner(inputs, use_causal_mask=True)


def as_list(y):
    return list(y) if isinstance(y, (list, tuple)) else [y]


def weighted(ys):
    total = 0.0
    for y in ys:
        if jnp.issubdtype(y.dtype, jnp.floating):
            r = jnp.cos(jnp.arange(y.size, dtype="float32")).reshape(y.shape)
            total = total + jnp.sum(y * r)
    return total


MULTI = {"multi_head_attention", "grouped_query_attention"}


def run(name, make, inputs, out):
    keras.utils.set_random_seed(3)
    layer = make()
    single = inputs[0] if len(inputs) == 1 else inputs

    def arguments(xs):
        if name in MULTI:
            return list(xs)
        return [xs[0] if len(xs) == 1 else list(xs)]

    layer(*arguments([jnp.asarray(x) for x in inputs]))
    for w in layer.weights:
        # Nothing stays at zero or one, where mistakes would not show.
        values = 0.5 * rng.normal(size=w.shape)
        if "variance" in w.name:
            values = np.abs(values) + 0.5
        w.assign(values.astype("float32"))
    trainable = [jnp.asarray(v.value) for v in layer.trainable_variables]
    fixed = [jnp.asarray(v.value) for v in layer.non_trainable_variables]
    for i, x in enumerate(inputs):
        out[f"{name}/x{i}"] = x
    for i, w in enumerate(layer.weights):
        out[f"{name}/w{i}"] = np.asarray(w.value)

    def forward(ts, fs, xs, training):
        told = {"training": training} if layer._call_has_training_arg else {}
        ys, fs = layer.stateless_call(ts, fs, *arguments(xs), **told)
        return as_list(ys), fs

    ys, _ = jax.jit(lambda ts, fs, xs: forward(ts, fs, xs, False))(trainable, fixed, inputs)
    for i, y in enumerate(ys):
        out[f"{name}/y{i}"] = np.asarray(y)
    whole = [i for i, x in enumerate(inputs) if x.dtype.kind == "f"]

    def objective(ts, xs):
        full = [xs[whole.index(i)] if i in whole else x for i, x in enumerate(inputs)]
        return weighted(forward(ts, fixed, full, False)[0])

    if any(jnp.issubdtype(y.dtype, jnp.floating) for y in ys):
        dts, dxs = jax.jit(jax.grad(objective, argnums=(0, 1)))(
            trainable, [jnp.asarray(inputs[i]) for i in whole])
        for i, d in zip(whole, dxs):
            out[f"{name}/dx{i}"] = np.asarray(d)
        for i, d in enumerate(dts):
            out[f"{name}/dw{i}"] = np.asarray(d)
    if trainable:
        ts, fs = trainable, fixed

        def loss(ts, fs):
            ys, fs = forward(ts, fs, inputs, True)
            return jnp.mean((ys[0] - 0.3) ** 2), fs

        step = jax.jit(jax.grad(loss, has_aux=True))
        for _ in range(5):
            ds, fs = step(ts, fs)
            ts = [t - 0.1 * d for t, d in zip(ts, ds)]
        for v, t in zip(layer.trainable_variables, ts):
            v.assign(t)
        for v, f in zip(layer.non_trainable_variables, fs):
            v.assign(f)
        for i, w in enumerate(layer.weights):
            out[f"{name}/s{i}"] = np.asarray(w.value)


def main():
    out = {}
    for name, (make, inputs) in CASES.items():
        try:
            run(name, make, inputs, out)
        except Exception as error:
            sys.exit(f"{name}: {error}")
    np.savez_compressed(sys.argv[1], **out)


main()
