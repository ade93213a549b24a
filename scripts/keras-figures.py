#!/usr/bin/env python3
"""The figures of the examples' models in Keras 3 on JAX, on the same data and with the same settings.

    KERAS_BACKEND=jax python3 scripts/keras-figures.py [MODEL ...]
"""
import gzip
import os
import sys
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


def classifier(layers, optimizer, x, y, tx, ty, **fit):
    model = keras.Sequential(layers)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, verbose=0, **fit)
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
    model.fit(x, x, batch_size=32, epochs=20, verbose=0)
    return "test MSE", model.evaluate(tx, tx, verbose=0)


MODELS = {
    "KerasMNIST": keras_mnist, "FunctionalMLP": functional_mlp, "MyDense": my_dense,
    "RowLSTM": row_lstm, "Autoencoder": autoencoder,
}

if __name__ == "__main__":
    (x, y), (tx, ty) = digits("train"), digits("t10k")
    for name in sys.argv[1:] or MODELS:
        keras.utils.set_random_seed(1)
        start = time.time()
        title, figure = MODELS[name](x, y, tx, ty)
        print(f"{name}: {title}: {figure:.4f}, {time.time() - start:.1f} s", flush=True)
