"""ONNX Runtime: inference. Parameters are constants of the model, which it may repack."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from peer import Peer

peer = Peer("onnxruntime")


class Model:
    """A graph under construction; values are names, and arrays become constants."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def __call__(self, op, *inputs, **attributes):
        names = [self._name(value) for value in inputs]
        self.nodes.append(helper.make_node(op, names, [f"v{len(self.nodes)}"], **attributes))
        return self.nodes[-1].output[0]

    def _name(self, value):
        if isinstance(value, str):
            return value
        array = np.asarray(value, getattr(value, "dtype", np.float32))
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def session(self, inputs, output):
        def typed(name, shape):
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

        fed = [typed(name, array.shape) for name, array in inputs.items()]
        graph = helper.make_graph(self.nodes, "g", fed, [typed(output, None)], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
        model.ir_version = 10
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = peer.threads
        return onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )


def model(*names, fed=1, prepare=list, restore=None):
    """The decorated function takes a model, the names of the first `fed` inputs and the others as
    arrays, and returns the name of the result."""

    def register(build):
        def setup(*inputs):
            inputs = prepare(inputs)
            given = {f"x{i}": array for i, array in enumerate(inputs[:fed])}
            m = Model()
            session = m.session(given, build(m, *given, *inputs[fed:]))
            return (lambda: session.run(None, given)[0]), restore

        peer.setup(*names)(setup)
        return build

    return register


@model("bs_4m", fed=4)
def black_scholes(m, s, k, t, g):
    def cdf(z):
        return m("Mul", m("Add", m("Erf", m("Mul", z, 0.7071067811865476)), 1.0), 0.5)

    width = m("Mul", g, m("Sqrt", t))
    drift = m("Mul", m("Add", m("Mul", m("Mul", g, g), 0.5), 0.03), t)
    d1 = m("Div", m("Add", m("Log", m("Div", s, k)), drift), width)
    paid = m("Mul", m("Mul", k, m("Exp", m("Mul", t, -0.03))), cdf(m("Sub", d1, width)))
    return m("Sub", m("Mul", s, cdf(d1)), paid)


@model("chain_16m", fed=3)
def chain(m, a, b, c):
    return m("Mul", m("Relu", m("Add", m("Mul", a, b), c)), m("Sigmoid", a))


@model("small_affine10")
def affine(m, a):
    return m("Add", m("Mul", a, 2.0), 1.0)


@model("small_sum3", fed=3)
def sum3(m, a, b, c):
    return m("Add", m("Add", a, b), c)


@model("softmax_4096x1000")
def softmax(m, x):
    return m("Softmax", x, axis=-1)


@model("ln_gelu_fwd")
def normalized_gelu(m, x, scale, offset):
    return m("Gelu", m("LayerNormalization", x, scale, offset, epsilon=1e-5))


@model("matmul_64", "matmul_256", "matmul_1024", "matmul_2048", "bmm_64x128x64x128", fed=2)
def product(m, a, b):
    return m("MatMul", a, b)


@model("dense_relu_128")
def dense(m, x, w, b):
    return m("Relu", m("Gemm", x, w, b))


@model("mlp_infer_b1", "mlp_infer_b128")
def mlp(m, x, *p):
    h = dense(m, dense(m, x, p[0], p[1]), p[2], p[3])
    return softmax(m, m("Gemm", h, p[4], p[5]))


# ---- Convolutions take channels first.


def images(x):
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2))


def kernel(w):
    return w.transpose(3, 2, 0, 1)


@model("cnn_infer_b1", "cnn_infer_b128", prepare=lambda i: [images(i[0]), *i[1:]])
def cnn(m, x, *p):
    h = m("Relu", m("Conv", x, kernel(p[0]), p[1]))
    h = m("Relu", m("Conv", h, kernel(p[2]), p[3]))
    h = m("Flatten", m("MaxPool", h, kernel_shape=[2, 2], strides=[2, 2]))
    rows = p[4].reshape(12, 12, 64, 128).transpose(2, 0, 1, 3).reshape(9216, 128)
    return softmax(m, m("Gemm", dense(m, h, rows, p[5]), p[6], p[7]))


@model(
    "conv_fwd",
    prepare=lambda i: [images(i[0]), kernel(i[1])],
    restore=lambda y: [y.transpose(0, 2, 3, 1)],
)
def convolution(m, x, w):
    return m("Conv", x, w)


# ---- Recurrence and attention.


@model("lstm_fwd")
def lstm(m, x, wx, wh, b):
    def reordered(w):
        """Gates as the library has them: input, output, forget, cell."""
        i, f, g, o = np.split(w, 4, -1)
        return np.concatenate([i, o, f, g], -1).T[None]

    biases = np.concatenate([reordered(b), np.zeros((1, b.size), np.float32)], -1)
    return m("LSTM", x, reordered(wx), reordered(wh), biases, hidden_size=wh.shape[0])


@model("xformer_fwd")
def block(m, x, *p):
    def linear(h, w, b):
        return m("Add", m("MatMul", h, w), b)

    h = m("LayerNormalization", x, p[0], p[1], epsilon=1e-5)
    parts = zip(np.split(p[2], 3, 1), np.split(p[3], 3), ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]))
    q, k, v = (
        m("Transpose", m("Reshape", linear(h, w, b), np.array([8, 128, 8, 32])), perm=order)
        for w, b, order in parts
    )
    attention = m("MatMul", softmax(m, m("Mul", m("MatMul", q, k), 32**-0.5)), v)
    joined = m("Reshape", m("Transpose", attention, perm=[0, 2, 1, 3]), np.array([8, 128, 256]))
    y = m("Add", x, linear(joined, p[4], p[5]))
    h = m("LayerNormalization", y, p[6], p[7], epsilon=1e-5)
    return m("Add", y, linear(m("Gelu", linear(h, p[8], p[9])), p[10], p[11]))


peer.main()
