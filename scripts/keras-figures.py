#!/usr/bin/env python3
"""The figures of the examples' models in Keras 3 on JAX, on the same data and with the same settings.

    KERAS_BACKEND=jax python3 scripts/keras-figures.py [--epochs N] [MODEL ...]

Each model prints how long its epochs took, as the examples do; --epochs makes them fewer, for times alone.
"""
import argparse
import gzip
import os
import time

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers as L

ROOT = os.path.join(os.path.dirname(__file__), "..", "Examples", "Data")


def idx(name, offset):
    with gzip.open(os.path.join(ROOT, "mnist", name)) as file:
        return np.frombuffer(file.read(), np.uint8, offset=offset)


def digits(part):
    images = idx(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype("float32") / 255
    return images, idx(f"{part}-labels-idx1-ubyte.gz", 8).astype("int32")


class Stopwatch(keras.callbacks.Callback):
    """Measures epochs; the step is compiled within the first."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.start)

    def __str__(self):
        return (f"fit: {len(self.seconds)} epochs in {sum(self.seconds):.2f} s, "
                f"the first in {self.seconds[0]:.2f} s")


def fit(model, x, y, epochs, **settings):
    model.fit(x, y, epochs=min(epochs, limit), verbose=0, callbacks=[clock], **settings)


def classifier(layers, optimizer, x, y, tx, ty, **settings):
    model = keras.Sequential(layers)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    fit(model, x, y, **settings)
    return "test accuracy", model.evaluate(tx, ty, verbose=0)[1]


def keras_mnist(x, y, tx, ty):
    shape = (-1, 28, 28, 1)
    return classifier(
        [L.Conv2D(32, 3, activation="relu"), L.Conv2D(64, 3, activation="relu"),
         L.MaxPooling2D(2), L.Dropout(0.25), L.Flatten(), L.Dense(128, activation="relu"),
         L.Dropout(0.5), L.Dense(10, activation="softmax")],
        "adam", x.reshape(shape), y, tx.reshape(shape), ty, batch_size=128, epochs=12)


def functional_mlp(x, y, tx, ty):
    return classifier(
        [L.Dense(64, activation="relu"), L.Dense(64, activation="relu"),
         L.Dense(10, activation="softmax")],
        "rmsprop", x, y, tx, ty, batch_size=32, epochs=12)


def my_dense(x, y, tx, ty):
    return classifier(
        [L.Dense(64, use_bias=False, kernel_initializer="uniform"), L.Activation("relu"),
         L.Dense(10, use_bias=False, kernel_initializer="uniform"), L.Activation("softmax")],
        "adam", x, y, tx, ty, batch_size=32, epochs=8)


def row_lstm(x, y, tx, ty):
    shape = (-1, 28, 28)
    return classifier(
        [L.LSTM(128), L.Dense(10, activation="softmax")],
        "adam", x.reshape(shape), y, tx.reshape(shape), ty, batch_size=32, epochs=10)


def autoencoder(x, y, tx, ty):
    model = keras.Sequential(
        [L.Dense(128, activation="relu"), L.Dense(32, activation="relu"),
         L.Dense(128, activation="relu"), L.Dense(784, activation="sigmoid")])
    model.compile("adam", "mse")
    fit(model, x, x, batch_size=32, epochs=20)
    return "test MSE", model.evaluate(tx, tx, verbose=0)


def edges(part):
    path = os.path.join(ROOT, "debian-python-depends", f"{part}.tsv")
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t")[:2] for line in file if line.strip()]


class Features(L.Layer):
    """tanh(angle W+ + distance W- + b) of the vectors of two nodes: [batch, size, 2] -> [batch, units]."""

    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, shape):
        self.angle = self.add_weight(shape=(shape[1], self.units))
        self.distance = self.add_weight(shape=(shape[1], self.units))
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, x):
        u, v = x[:, :, 0], x[:, :, 1]
        return keras.ops.tanh(
            (u * v) @ self.angle + keras.ops.abs(u - v) @ self.distance + self.bias)


def node_embedding(x, y, tx, ty):
    learnt, held = edges("train"), edges("test")
    names = {n: i for i, n in enumerate(sorted({n for e in learnt for n in e}))}
    known = np.array([[names[a], names[b]] for a, b in learnt])
    taken = {(a, b) for a, b in known} | {(b, a) for a, b in known}
    rng = np.random.default_rng(1)

    def examples(positives, shares, per_edge):
        seen = taken | {(a, b) for a, b in positives} | {(b, a) for a, b in positives}
        negatives = []
        while len(negatives) < per_edge * len(positives):
            ends = known.ravel() if rng.random() < shares else np.arange(len(names))
            a, b = rng.choice(ends, 2)
            if a != b and (a, b) not in seen:
                negatives.append((a, b))
        flip = rng.random(len(positives)) < 0.5
        pairs = np.where(flip[:, None], positives[:, ::-1], positives)
        return (np.concatenate([pairs, negatives]).astype("int32"),
                np.repeat([1.0, 0.0], [len(positives), len(negatives)])[:, None])

    model = keras.Sequential(
        [L.Embedding(len(names), 64, embeddings_regularizer=keras.regularizers.L2(1e-3)),
         L.Permute((2, 1)), Features(32), L.Dropout(0.25), L.Dense(10), L.Dropout(0.5),
         L.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["auc"])
    for _ in range(min(5, limit)):
        pairs, labels = examples(known, 0.5, 4)
        fit(model, pairs, labels, epochs=1, batch_size=256)
    tests = np.array([[names[a], names[b]] for a, b in held if a in names and b in names])
    uniform, matched = (
        model.evaluate(*examples(tests, share, 1), verbose=0)[1] for share in (0.0, 1.0))
    return f"test AUC against degree-matched pairs {matched:.4f}, against uniform pairs", uniform


MODELS = {
    "KerasMNIST": keras_mnist, "FunctionalMLP": functional_mlp, "MyDense": my_dense,
    "RowLSTM": row_lstm, "Autoencoder": autoencoder, "NodeEmbedding": node_embedding,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--epochs", type=int, default=1000, help="at most so many")
    parser.add_argument("models", nargs="*", metavar="MODEL", help=", ".join(MODELS))
    chosen = parser.parse_args()
    limit = chosen.epochs
    (x, y), (tx, ty) = digits("train"), digits("t10k")
    for name in chosen.models or MODELS:
        keras.utils.set_random_seed(1)
        clock = Stopwatch()
        title, figure = MODELS[name](x, y, tx, ty)
        print(f"{name}: {title}: {figure:.4f}\n  {clock}", flush=True)
