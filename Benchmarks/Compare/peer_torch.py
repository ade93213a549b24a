"""PyTorch, eager or by Inductor (`TORCH_COMPILE=1`). Images are in both memory layouts."""

import torch
from torch.nn import functional as F

from torch_peer import COMPILED, Torch

peer = Torch()


@peer.call("bs_4m")
def black_scholes(s, k, t, g):
    width = g * torch.sqrt(t)
    d1 = (torch.log(s / k) + (0.03 + 0.5 * g * g) * t) / width

    def cdf(z):
        return 0.5 * (1 + torch.erf(z * 0.7071067811865476))

    return s * cdf(d1) - k * torch.exp(-0.03 * t) * cdf(d1 - width)


@peer.call("chain_16m")
def chain(a, b, c):
    return torch.relu(a * b + c) * torch.sigmoid(a)


@peer.call("small_affine10")
def affine(a):
    return a * 2 + 1


@peer.call("small_sum3")
def sum3(a, b, c):
    return a + b + c


@peer.call("softmax_4096x1000")
def softmax(x):
    return torch.softmax(x, -1)


peer.gradients("lsm_nll_grad_4096x1000", 1)(F.cross_entropy)


@peer.call("ln_gelu_fwd")
def normalized_gelu(x, scale, offset):
    return F.gelu(F.layer_norm(x, (1024,), scale, offset, 1e-5))


@peer.gradients("ln_gelu_fwdbwd", 3)
def weighted(x, scale, offset, w):
    return (normalized_gelu(x, scale, offset) * w).sum()


@peer.call("pairmin_2048x16")
def pairs(x, y):
    return torch.square(x[:, None] - y[None]).sum(-1).amin(1)


@peer.call("nbody_4096")
def bodies(p, v, m):
    d = p[None] - p[:, None]
    r2 = torch.square(d).sum(-1) + 1e-4
    pull = m * torch.rsqrt(r2) / r2
    v = v + 1e-3 * (pull[..., None] * d).sum(1)
    return p + 1e-3 * v, v


@peer.call("matmul_64", "matmul_256", "matmul_1024", "matmul_2048", "bmm_64x128x64x128")
def product(a, b):
    return a @ b


@peer.call("dense_relu_128")
def dense(x, w, b):
    return torch.relu(torch.addmm(b, x, w))


@peer.setup("logreg_step")
def logistic_regression(x, y, w, b):
    def loss():
        return F.binary_cross_entropy_with_logits(x @ w + b, y) + 0.01 * torch.square(w).sum()

    return peer.descending(loss, [w, b], torch.optim.SGD([w, b], lr=0.1, fused=True), [w])


def mlp(p, x):
    h = torch.relu(torch.addmm(p[1], x, p[0]))
    h = torch.relu(torch.addmm(p[3], h, p[2]))
    return torch.addmm(p[5], h, p[4])


@peer.call("mlp_infer_b1", "mlp_infer_b128")
def mlp_inference(x, *p):
    return torch.softmax(mlp(p, x), -1)


@peer.setup("mlp_train_b128")
def mlp_training(x, y, *p):
    optimizer = torch.optim.SGD(p, lr=0.01, momentum=0.9, fused=True)
    return peer.descending(lambda: F.cross_entropy(mlp(p, x), y), p, optimizer, [p[0], p[4]])


# ---- Convolutions: inputs are height, width, channels; kernels channels in and out last.

LAYOUTS = {"": torch.contiguous_format, "channels_last": torch.channels_last}


def images(x, layout):
    return x.permute(0, 3, 1, 2).contiguous(memory_format=layout)


def kernel(w, layout):
    return w.permute(3, 2, 0, 1).contiguous(memory_format=layout)


def kernel_as_given(w):
    return w.permute(2, 3, 1, 0)


def images_as_given(x):
    return x.permute(0, 2, 3, 1)


def cnn_parameters(p, layout):
    p = list(p)
    p[0], p[2] = kernel(p[0], layout), kernel(p[2], layout)
    p[4] = p[4].reshape(12, 12, 64, 128).permute(2, 0, 1, 3).reshape(9216, 128)
    return p


def cnn(p, x, dropout=False):
    h = torch.relu(F.conv2d(x, p[0], p[1]))
    h = torch.relu(F.conv2d(h, p[2], p[3]))
    h = F.dropout(F.max_pool2d(h, 2), 0.25, dropout).flatten(1)
    h = F.dropout(torch.relu(torch.addmm(p[5], h, p[4])), 0.5, dropout)
    return torch.addmm(p[7], h, p[6])


def cnn_training(layout, dropout):
    def setup(x, y, *p):
        torch.manual_seed(0)
        x, p = images(x, layout), cnn_parameters(p, layout)
        optimizer = torch.optim.Adam(p, lr=0.001, eps=1e-7, fused=True)
        run, _ = peer.descending(lambda: F.cross_entropy(cnn(p, x, dropout), y), p, optimizer, [])
        return run, lambda: [kernel_as_given(p[2]), p[6]]

    return setup


def register_convolutions(variant, layout):
    def prepare_cnn(inputs):
        return [images(inputs[0], layout), *cnn_parameters(inputs[1:], layout)]

    def prepare(inputs):
        x, w, *r = inputs
        return [images(x, layout), kernel(w, layout), *(images(one, layout) for one in r)]

    def gradients_as_given(result):
        loss, dx, dw = result
        return [loss, images_as_given(dx), kernel_as_given(dw)]

    peer.call("cnn_infer_b1", "cnn_infer_b128", variant=variant, prepare=prepare_cnn)(
        lambda x, *p: torch.softmax(cnn(p, x), -1)
    )
    peer.setup("cnn_train_nodrop_b128", variant=variant)(cnn_training(layout, dropout=False))
    peer.setup("cnn_train_b128", variant=variant)(cnn_training(layout, dropout=True))
    peer.call("conv_fwd", variant=variant, prepare=prepare, restore=lambda y: [images_as_given(y)])(
        lambda x, w: F.conv2d(x, w)
    )
    peer.gradients("conv_fwdbwd", 2, variant, prepare, gradients_as_given)(
        lambda x, w, r: (F.conv2d(x, w) * r).sum()
    )


for variant, layout in LAYOUTS.items():
    register_convolutions(variant, layout)


# ---- Recurrence: the library's own layer, whose two biases are one too many, or cells in a loop.


def cells(x, wx, wh, b):
    projected = x @ wx + b
    h = c = x.new_zeros(x.shape[1], wh.shape[0])
    states = []
    for row in projected:
        i, f, g, o = (row + h @ wh).chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        states.append(h)
    return torch.stack(states)


def layer(wx, wh, b):
    lstm = torch.nn.LSTM(wx.shape[0], wh.shape[0])
    with torch.no_grad():
        for parameter, value in zip(lstm.parameters(), (wx.T, wh.T, b, torch.zeros_like(b))):
            parameter.copy_(value)
    lstm.bias_hh_l0.requires_grad_(False)
    return lstm


def cell_training(x, target, *p):
    def loss():
        return torch.square(cells(x, *p)[-1] - target).mean()

    return peer.descending(loss, p, torch.optim.SGD(p, lr=0.1, fused=True), p)


def layer_training(x, target, *p):
    lstm = layer(*p)
    trained = [lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0]

    def loss():
        return torch.square(lstm(x)[0][-1] - target).mean()

    run, _ = peer.descending(loss, trained, torch.optim.SGD(trained, lr=0.1, fused=True), [])
    return run, lambda: [trained[0].T, trained[1].T, trained[2]]


peer.call("lstm_fwd", variant="cells")(cells)
peer.setup("lstm_train", variant="cells")(cell_training)
if not COMPILED:  # The compiler leaves the layer as it is.
    peer.call("lstm_fwd", prepare=lambda i: [i[0], layer(*i[1:])])(lambda x, lstm: lstm(x)[0])
    peer.setup("lstm_train")(layer_training)


def link_prediction(sparse):
    def setup(u, v, y, *p):
        def loss():
            eu, ev = (F.embedding(ends, p[0], sparse=sparse) for ends in (u, v))
            z = torch.tanh((eu * ev) @ p[1] + torch.abs(eu - ev) @ p[2] + p[3])
            s = ((z @ p[4] + p[5]) @ p[6] + p[7])[:, 0]
            return F.binary_cross_entropy_with_logits(s, y)

        # The fused optimizer takes no sparse gradients.
        optimizer = torch.optim.SGD(p, lr=0.1) if sparse else torch.optim.SGD(p, lr=0.1, fused=True)
        return peer.descending(loss, p, optimizer, p[:2])

    return setup


peer.setup("link_train_dense")(link_prediction(sparse=False))
peer.setup("link_train_sparse")(link_prediction(sparse=True))


@peer.call("xformer_fwd")
def block(x, *p):
    qkv = torch.addmm(p[3], F.layer_norm(x, (256,), p[0], p[1], 1e-5).flatten(0, 1), p[2])
    q, k, v = qkv.view(*x.shape[:2], 3, 8, 32).permute(2, 0, 3, 1, 4)
    attention = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
    y = x + attention @ p[4] + p[5]
    return y + F.gelu(F.layer_norm(y, (256,), p[6], p[7], 1e-5) @ p[8] + p[9]) @ p[10] + p[11]


@peer.gradients("xformer_fwdbwd", 13)
def weighted_block(x, *rest):
    *p, r = rest
    return (block(x, *p) * r).sum()


# ---- Loops. Compiled, ten steps at a time: all hundred in one graph take minutes to compile.


@peer.setup("mandel_1000_100")
def mandelbrot(cr, ci):
    def steps(zr, zi, counts):
        for _ in range(10):
            a, b = zr * zr, zi * zi
            counts = counts + (a + b <= 4)
            zr, zi = a - b + cr, 2 * zr * zi + ci
        return zr, zi, counts

    ten = peer.compile(steps)

    def run():
        with torch.no_grad():
            state = (
                torch.zeros_like(cr),
                torch.zeros_like(cr),
                torch.zeros_like(cr, dtype=torch.int32),
            )
            for _ in range(10):
                state = ten(*state)
            return state[2]

    return run, None


@peer.setup("power_scan_1000")
def power(a):
    def steps(r):
        for _ in range(50):
            r = r * a
        return r

    fifty = peer.compile(steps)

    def run():
        with torch.no_grad():
            r = torch.ones_like(a)
            for _ in range(20):
                r = fifty(r)
            return r

    return run, None


def derivative(name, function):
    """Kept out of `no_grad`, since the library differentiates inside."""

    def setup(*inputs):
        compiled = peer.compile(function)
        return (lambda: compiled(*inputs)), None

    peer.setup(name)(setup)


derivative("hessian_100", torch.func.hessian(lambda v, w, b: torch.tanh(v @ w + b).sum()))
derivative(
    "jacobian_64", torch.func.jacrev(lambda x, w1, b1, w2, b2: torch.tanh(x @ w1 + b1) @ w2 + b2)
)

peer.main()
