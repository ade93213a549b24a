#!/usr/bin/env python3
"""Writes Tests/GnomonTests/Fixtures/breadth.npz: what NumPy, SciPy and the shortest loops make of operands.

Each case is a name of `BreadthCases`, an operand or result number and its values: `grid:x0`, `grid:y0`.
"""
import pathlib
import warnings
import numpy as np
import scipy.ndimage
import scipy.special as sp

warnings.simplefilter("ignore")
rng = np.random.default_rng(23)
out = {}


def case(name, operands, results):
    for i, x in enumerate(operands):
        out[f"{name}:x{i}"] = np.asarray(x)
    for i, y in enumerate(results if isinstance(results, (list, tuple)) else [results]):
        out[f"{name}:y{i}"] = np.asarray(y)


edges = np.array([0.0, -0.0, 1.5, -1.5, np.inf, -np.inf, np.nan, 1e-320, -1e-320])
case("signs", [edges], [np.isneginf(edges), np.isposinf(edges), np.where(np.isnan(edges), False, np.signbit(edges))])
a, b = rng.integers(-40, 40, 30), np.where(np.arange(30) % 7 == 0, 3, rng.integers(1, 9, 30)) * np.where(np.arange(30) % 2, 1, -1)
case("division", [a, b], [np.true_divide(a, b), *np.divmod(a, b)])

x = rng.normal(size=(3, 4, 5))
case("largest", [x], [x.max(1), x.argmax(1)])
case("scans", [x], [np.maximum.accumulate(x, 1), np.minimum.accumulate(x[:, :, ::-1], 2)[:, :, ::-1], np.cumprod(x, 0)])
case("axes", [x], [x[:, 0], x[:, 3], x.reshape(3, 20), x.reshape(3, 2, 2, 5), np.concatenate([x[0].ravel(), x[:, 0, 0]]),
                   x[0], x[:, 0, 0], x.reshape(12, 5), x.transpose(2, 0, 1).reshape(5, 12), x.reshape(3, 2, 2, 5).transpose(0, 2, 1, 3).reshape(6, 10),
                   x.mean(1), x.max((0, 2)), np.broadcast_to(x[:, :1], x.shape), np.broadcast_to(x[0], x.shape)])
image = rng.normal(size=(2, 6, 4, 8))
deep = image.reshape(2, 6, 4, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(2, 12, 8, 2)
case("depth", [image], [deep, image])
g0, g1 = np.ogrid[0:3, 0:4]
case("grids", [np.arange(3.0), np.arange(4.0)], [g0.astype(float), g1.astype(float)])
part = rng.normal(size=(2, 2, 3))
changed = x.copy()
changed[1:3, 2:4, 0:3] = part
case("slices", [x, part], [x[1:3, 2:4, 1:4], x[0:2, 0:2, 2:5], changed])
m = np.where(rng.uniform(size=(4, 5)) < 0.5, 0, rng.normal(size=(4, 5)))
rows, columns = np.nonzero(m)
pad = 16 - len(rows)
mask = np.array([True, False, True, True])
filled = m.copy()
np.fill_diagonal(filled, 9)
upper = m.copy()
for i in range(4):
    upper[i, i + 1] = 9
p = rng.permutation(7)
at = np.argsort(rng.uniform(size=(4, 5)), 1)[:, :2]
put = m.copy()
np.put_along_axis(put, at, 5.0, 1)
flat = rng.integers(0, 60, 9)
coordinates = np.unravel_index(flat, (3, 4, 5))
case("positions", [m, p, at, flat],
     [np.pad(rows, (0, pad), constant_values=-1), np.pad(columns, (0, pad), constant_values=-1), m[mask],
      np.concatenate([m[:, [1, 3]], np.zeros((4, 1))], 1), filled, upper, np.argsort(p), put, np.ravel_multi_index(coordinates, (3, 4, 5)), *coordinates])

im = rng.normal(size=(2, 6, 7, 3))
kernel = rng.normal(size=(4, 6, 3 * 2 * 3, 5))
local = np.zeros((2, 4, 6, 5))
for i in range(4):
    for j in range(6):
        local[:, i, j] = im[:, i:i + 3, j:j + 2].reshape(2, -1) @ kernel[i, j]
case("unshared", [im, kernel], local)
line, depthwise, pointwise = rng.normal(size=(2, 9, 3)), rng.normal(size=(4, 3, 2)), rng.normal(size=(1, 6, 5))
separable = np.stack([np.einsum("blc,lcm->bcm", line[:, t:t + 4], depthwise).reshape(2, 6) @ pointwise[0] for t in range(6)], 1)
case("separable1", [line, depthwise, pointwise], separable)
sums = np.stack([np.stack([im[:, i:i + 3, j:j + 2].sum((1, 2)) for j in range(0, 6, 2)], 1) for i in range(0, 4, 3)], 1)
case("sumPool", [im], np.stack([np.stack([im[:, i:i + 3, j:j + 2].sum((1, 2)) for j in range(0, 6, 2)], 1) for i in range(0, 6, 3)], 1))
even = im[:, :, :6]
blocks = even.reshape(2, 3, 2, 3, 2, 3)
largest = blocks.max((2, 4), keepdims=True)
case("unpool", [even], [np.where(blocks == largest, blocks, 0).reshape(even.shape), largest.reshape(2, 3, 3, 3)])
case("standardized", [im], [(im - im.mean((1, 2), keepdims=True)) / np.sqrt(im.var((1, 2), keepdims=True) + 1e-5)])


def sampled(images, columns, rows):
    return np.stack([np.stack([scipy.ndimage.map_coordinates(images[n, :, :, c], [rows[n], columns[n]], order=1, mode="grid-constant")
                               for c in range(images.shape[3])], -1) for n in range(len(images))])


grid = rng.uniform(-1.4, 1.4, size=(2, 5, 4, 2))
case("grid", [im, grid], sampled(im, ((grid[..., 0] + 1) * 7 - 1) / 2, ((grid[..., 1] + 1) * 6 - 1) / 2))
v, u = np.mgrid[0:6, 0:7].astype(float)
affine = np.array([[1.1, 0.2, -0.7, -0.1, 0.9, 0.4], [0.5, 0, 1, 0.3, 1.2, -1]])
case("affine", [im, affine], sampled(im, [q[0] * u + q[1] * v + q[2] for q in affine], [q[3] * u + q[4] * v + q[5] for q in affine]))
q = np.array([1.1, 0.2, -0.7, -0.1, 0.9, 0.4, 0.02, -0.03])
depth = q[6] * u + q[7] * v + 1
case("perspective", [im, q], sampled(im, [(q[0] * u + q[1] * v + q[2]) / depth] * 2, [(q[3] * u + q[4] * v + q[5]) / depth] * 2))
shift = rng.normal(size=(2, 6, 7, 2))
case("displaced", [im, shift], sampled(im, u + shift[..., 0], v + shift[..., 1]))

logits, lengths = rng.normal(size=(3, 8, 4)), np.array([8, 5, 1])
labels, counts = -np.ones((3, 8), np.int64), np.zeros(3, np.int64)
for n in range(3):
    best = logits[n, :lengths[n]].argmax(1)
    kept = [c for t, c in enumerate(best) if c != 0 and (t == 0 or c != best[t - 1])]
    labels[n, :len(kept)] = kept
    counts[n] = len(kept)
case("ctcGreedy", [logits, lengths], [labels, counts])
corners = rng.uniform(0, 10, (12, 2))
boxes, scores = np.concatenate([corners, corners + rng.uniform(2, 6, (12, 2))], 1), rng.uniform(size=12)
kept = []
for n in np.argsort(-scores):
    def overlap(k):
        w = max(0, min(boxes[n, 2], boxes[k, 2]) - max(boxes[n, 0], boxes[k, 0]))
        h = max(0, min(boxes[n, 3], boxes[k, 3]) - max(boxes[n, 1], boxes[k, 1]))
        area = [(c[2] - c[0]) * (c[3] - c[1]) for c in (boxes[n], boxes[k])]
        return w * h / (sum(area) - w * h)
    if all(overlap(k) <= 0.3 for k in kept):
        kept.append(n)
case("boxes", [boxes, scores], np.array((kept + [-1] * 10)[:10]))

hx0, w1, c1, w2, c2 = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(3, 4, 6)), rng.normal(size=(3, 6))
inner = sp.softmax(np.einsum("bi,cij->bcj", hx0, w2) + c2, axis=2)
case("hierarchical", [hx0, w1, c1, w2, c2], (sp.softmax(hx0 @ w1 + c1, axis=1)[:, :, None] * inner).reshape(5, 18))

# Special functions.
order, place = rng.uniform(0.05, 30, 80), rng.uniform(0, 40, 80)
place[:6] = [0, 1e-8, 1e-3, 100, 300, 5]
order[74:] = [200, 300, 0.01, 1, 0.5, 1000]
place[74:] = [190, 330, 0.5, 1, 0.5, 1010]
unit = rng.uniform(0, 1, 80)
unit[:4] = [1e-6, 0.999, 0.5, 0.01]
case("gammaP", [order, place], [sp.gammainc(order, place), sp.gammaincc(order, place), sp.chdtrc(order, place),
                                sp.gammainc(order, place) * sp.gamma(np.minimum(order, 20)), sp.gammaincc(order, place) * sp.gamma(np.minimum(order, 20))])
case("gammaInverse", [order[:74], unit[:74]], [sp.gammaincinv(order, unit)[:74], sp.gammainccinv(order, unit)[:74]])
first, second = rng.uniform(0.1, 20, 60), rng.uniform(0.1, 20, 60)
case("betaI", [first, second, unit[:60]], sp.betainc(first, second, unit[:60]))
case("betaInverse", [first, second, unit[:60]], sp.betaincinv(first, second, unit[:60]))
signed = np.concatenate([np.linspace(-30, 60, 91) + 0.037, [1e-8, -1e-8, 0.3725, -1, 1, 100, -100, 500]])
case("expi", [signed], sp.expi(signed))
wide = np.concatenate([np.linspace(-25, 25, 81), [1e-6, -1e-6, 2, 4, 100, -300]])
case("sici", [np.abs(wide) + 1e-9, wide], [*sp.sici(np.abs(wide) + 1e-9), sp.sici(wide)[0]])
case("spence", [np.concatenate([np.linspace(0, 4, 81), [1e-9, 30, 1000]])], sp.spence(np.concatenate([np.linspace(0, 4, 81), [1e-9, 30, 1000]])))
case("dawson", [wide], sp.dawsn(wide))
narrow = np.concatenate([np.linspace(-6, 6, 81), [1e-5, 20, -40]])
case("fresnel", [narrow], sp.fresnel(narrow))
zr, zi = rng.uniform(-8, 8, 60), rng.uniform(-2, 8, 60)
w = sp.wofz(zr + 1j * zi)
case("faddeeva", [zr, zi], [w.real, w.imag])
h, s = rng.uniform(-5, 5, 60), rng.uniform(-4, 4, 60)
h[:3], s[:3] = [0, 2, -1], [1, 0, 1]
case("owensT", [h, s], sp.owens_t(h, s))
nu, z = rng.uniform(0, 10, 60), rng.uniform(0.01, 25, 60)
z[:5] = [0.001, 70, 100, 300, 55]
case("besselIK", [nu, z], [sp.iv(nu, z), sp.ive(nu, z), sp.kv(nu, z), sp.kve(nu, z)])
for n in (0, 1, 2, 5, 17):
    case(f"besselJ{n}n", [np.concatenate([np.linspace(-30, 30, 61), [59.5, 60.5, 100, 400, 1e-3]])],
         sp.jv(n, np.concatenate([np.linspace(-30, 30, 61), [59.5, 60.5, 100, 400, 1e-3]])))
ha, hb, hx = rng.uniform(-3, 5, 60), rng.uniform(0.3, 6, 60), rng.uniform(-30, 30, 60)
case("hyp1f1", [ha, hb, hx], sp.hyp1f1(ha, hb, hx))
hc, hu = rng.uniform(0.5, 6, 60), rng.uniform(-4, 0.88, 60)
case("hyp2f1", [ha, hb, hc, hu], sp.hyp2f1(ha, hb, hc, hu))

path = pathlib.Path(__file__).parent.parent / "Tests/GnomonTests/Fixtures/breadth.npz"
np.savez(path, **out)
print(f"{len(out)} tensors in {path}")
