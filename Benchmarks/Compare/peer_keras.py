"""Keras on JAX, by its public interface: `predict_on_batch` and `train_on_batch`."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers

from peer import Peer

peer = Peer("keras")


def loaded(model, parameters):
    """Sets the weights; states of random generators, which dropout layers have, stay."""
    given = iter(parameters)
    model.set_weights([next(given) if w.dtype == np.float32 else w for w in model.get_weights()])
    return model


def mlp(parameters):
    hidden = [layers.Dense(512, "relu"), layers.Dense(512, "relu")]
    stack = [layers.Input((784,)), *hidden, layers.Dense(10, "softmax")]
    return loaded(keras.Sequential(stack), parameters)


def cnn(parameters, dropout=True):
    def dropped(rate):
        return [layers.Dropout(rate)] if dropout else []

    stack = [
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2),
        *dropped(0.25),
        layers.Flatten(),
        layers.Dense(128, "relu"),
        *dropped(0.5),
        layers.Dense(10, "softmax"),
    ]
    return loaded(keras.Sequential(stack), parameters)


def inference(build):
    def setup(x, *parameters):
        model = build(parameters)
        return (lambda: model.predict_on_batch(x)), None

    return setup


def training(build, optimizer, shown, loss="sparse_categorical_crossentropy"):
    def setup(x, y, *parameters):
        model = build(parameters)
        model.compile(optimizer(), loss)

        def run():
            # The running mean of the losses would be returned without.
            model.reset_metrics()
            return model.train_on_batch(x, y)

        def weights():
            trained = [w for w in model.get_weights() if w.dtype == np.float32]
            return [trained[i] for i in shown]

        return run, weights

    return setup


def momentum():
    return keras.optimizers.SGD(0.01, momentum=0.9)


def adam():
    # It adds epsilon before it corrects the second moment: after three steps the losses agree to
    # 0.02 %, single weights no more, so none are shown.
    return keras.optimizers.Adam(0.001, epsilon=1e-7)


peer.setup("mlp_infer_b1", "mlp_infer_b128")(inference(mlp))
peer.setup("mlp_train_b128")(training(mlp, momentum, [0, 4]))
peer.setup("cnn_infer_b1", "cnn_infer_b128")(inference(cnn))
peer.setup("cnn_train_b128")(training(cnn, adam, []))
peer.setup("cnn_train_nodrop_b128")(training(lambda p: cnn(p, dropout=False), adam, []))


def recurrent(parameters):
    stack = [layers.Input((64, 128)), layers.LSTM(256)]
    return loaded(keras.Sequential(stack), parameters)


@peer.setup("lstm_train")
def lstm_training(x, target, *parameters):
    # Here examples come first.
    by_example = np.ascontiguousarray(x.transpose(1, 0, 2))
    setup = training(recurrent, lambda: keras.optimizers.SGD(0.1), [0, 1, 2], "mse")
    return setup(by_example, target, *parameters)


peer.main()
