#!/usr/bin/env python3
"""Files that Keras 3 saves, and what the models in them say, for LayersTests to read.

    KERAS_BACKEND=jax python3 scripts/make-keras-files.py Tests/LayersTests/Data/keras

For each model: NAME.keras, NAME.weights.h5, and in samples.npz the inputs NAME/x0... and outputs NAME/y0....
"""
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers as L

rng = np.random.default_rng(5)


def cnn():
    return keras.Sequential([
        keras.Input((8, 8, 2)),
        L.Conv2D(3, 3, activation="relu", padding="same", kernel_regularizer=keras.regularizers.L2(0.01)),
        L.BatchNormalization(), L.MaxPooling2D(2), L.DepthwiseConv2D(3, padding="same"),
        L.Conv2DTranspose(2, 2, strides=2), L.Dropout(0.25), L.Flatten(),
        L.Dense(5, activation="tanh", use_bias=False), L.LeakyReLU(negative_slope=0.1),
        L.Dense(3, activation="softmax"),
    ], name="cnn"), [rng.normal(size=(2, 8, 8, 2)).astype("float32")]


def sequences():
    words = keras.Input((6,), dtype="int32", name="words")
    extra = keras.Input((6, 3), name="extra")
    x = L.Embedding(11, 4, mask_zero=True, name="table")(words)
    y = L.Bidirectional(L.LSTM(3, return_sequences=True))(x)
    z = L.GRU(2, return_sequences=True, reset_after=False)(extra)
    both = L.Concatenate()([y, z])
    a = L.MultiHeadAttention(2, 3)(both, both)
    n = L.LayerNormalization(epsilon=1e-5)(L.Add()([a, both]))
    shared = L.TimeDistributed(L.Dense(2, activation="gelu"))
    s = L.RNN([L.LSTMCell(3), L.SimpleRNNCell(2)])(shared(n))
    p = L.GlobalMaxPooling1D()(shared(n))
    return (
        keras.Model([words, extra], [L.Dense(1, activation="sigmoid", name="out")(s), p], name="sequences"),
        [rng.integers(1, 11, (2, 6)).astype("int32"), rng.normal(size=(2, 6, 3)).astype("float32")])


def nested():
    tower = keras.Sequential(
        [keras.Input((4,)), L.Dense(3, activation="relu"), L.UnitNormalization(), L.Dense(2)], name="tower")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    y = L.Dot(axes=1)([tower(a), tower(b)])
    return keras.Model([a, b], y, name="nested"), [
        rng.normal(size=(3, 4)).astype("float32") for _ in range(2)]


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    samples = {}
    for make in (cnn, sequences, nested):
        name = make.__name__
        keras.utils.set_random_seed(3)
        model, inputs = make()
        for w in model.weights:
            if "float" in str(w.dtype):
                values = 0.4 * rng.normal(size=w.shape)
                w.assign((np.abs(values) + 0.5 if "variance" in w.path else values).astype("float32"))
        model.compile("adam", "mse")
        model.save(os.path.join(folder, f"{name}.keras"))
        model.save_weights(os.path.join(folder, f"{name}.weights.h5"))
        ys = model(inputs if len(inputs) > 1 else inputs[0], training=False)
        for i, x in enumerate(inputs):
            samples[f"{name}/x{i}"] = x
        for i, y in enumerate(ys if isinstance(ys, (list, tuple)) else [ys]):
            samples[f"{name}/y{i}"] = np.asarray(y)
    np.savez(os.path.join(folder, "samples.npz"), **samples)


main()
