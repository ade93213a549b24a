#!/usr/bin/env python3
"""Writes Tests/GnomonTests/Fixtures/conformance.npz: operands and what NumPy and SciPy make of them.

Each case is a name of `ConformanceTests`, an operand or result number and its values: `erfc:x0`, `erfc:y0`.
"""
import pathlib
import warnings
import numpy as np
import scipy.special as sp
import scipy.signal
import scipy.ndimage

warnings.simplefilter("ignore")
rng = np.random.default_rng(7)
out = {}


def case(name, operands, results):
    for i, x in enumerate(operands):
        out[f"{name}:x{i}"] = np.asarray(x)
    for i, y in enumerate(results if isinstance(results, (list, tuple)) else [results]):
        out[f"{name}:y{i}"] = np.asarray(y)


def unary(name, f, x):
    x = np.asarray(x, float)
    case(name, [x], f(x))
    narrow = x.astype(np.float32)
    case(name + "32", [narrow], f(narrow.astype(float)).astype(np.float32))


line = np.concatenate([np.linspace(-6, 6, 97), [0.0, -0.0, 1e-30, -1e-300, 1e5, -1e5, 30, -30]])
edges = np.concatenate([line, [np.inf, -np.inf, np.nan]])
positive = np.concatenate([np.linspace(0.01, 12, 90), [1e-8, 1e-30, 50, 171, 1000, 1e8]])
unit = np.concatenate([np.linspace(-1, 1, 81), [1e-12, 0.999999, -0.9999999]])
for name, f in [("atan", np.arctan), ("sinh", np.sinh), ("cosh", np.cosh), ("asinh", np.arcsinh),
                ("exp2", np.exp2), ("cbrt", np.cbrt), ("truncate", np.trunc), ("erfc", sp.erfc), ("erfcx", sp.erfcx),
                ("besselI0Scaled", sp.i0e), ("besselI1Scaled", sp.i1e), ("normalCDF", sp.ndtr), ("logNormalCDF", sp.log_ndtr)]:
    unary(name, f, edges)
unary("besselJ0", sp.j0, line)
unary("besselJ1", sp.j1, line)
unary("besselI0", sp.i0, line[np.abs(line) < 100])
unary("besselI1", sp.i1, line[np.abs(line) < 100])
for name, f in [("asin", np.arcsin), ("acos", np.arccos), ("atanh", np.arctanh), ("erfinv", sp.erfinv)]:
    unary(name, f, unit)
unary("erfcinv", sp.erfcinv, np.linspace(0, 2, 81))
unary("normalQuantile", sp.ndtri, np.linspace(0, 1, 81))
for name, f in [("acosh", np.arccosh), ("log2", np.log2), ("log10", np.log10)]:
    unary(name, f, np.concatenate([positive, [1, 2, 8, 10, 100, 1000, 0]]))
unary("logGamma", sp.gammaln, np.concatenate([positive, -positive[:90] + 0.003]))
unary("gamma", sp.gamma, np.concatenate([positive[positive < 160], -positive[:60] + 0.003]))
unary("digamma", sp.digamma, np.concatenate([positive, -positive[:90] + 0.003]))
unary("trigamma", lambda x: sp.polygamma(1, x), positive[positive > 1e-3])
unary("polygamma3", lambda x: sp.polygamma(3, x), positive[positive > 1e-3])
unary("sinc", np.sinc, line[np.abs(line) < 100])
unary("degrees", np.degrees, line)
unary("radians", np.radians, line)
unary("log1mexp", lambda x: np.where(x > -0.69, np.log(-np.expm1(x)), np.log1p(-np.exp(x))), -positive)
unary("logit", sp.logit, np.linspace(0.001, 0.999, 50))
unary("entropyTerm", sp.entr, np.concatenate([positive, [0, -1]]))
unary("roundHalfAway", lambda x: np.trunc(x + np.copysign(0.5, x)), np.concatenate([np.arange(-5, 5.5, 0.5), [0.3, 2.7]]))
unary("zeta", lambda x: sp.zeta(x, 1), np.linspace(1.05, 30, 50))

a, b = rng.normal(size=(40,)) * 3, rng.normal(size=(40,)) * 3
p, q = rng.uniform(0.1, 9, 40), rng.uniform(0.1, 9, 40)
for name, f, x, y in [("atan2", np.arctan2, a, b), ("hypot", np.hypot, a, b), ("logAddExp", np.logaddexp, a, b),
                      ("logAddExp2", np.logaddexp2, a, b), ("copySign", np.copysign, a, b), ("fmax", np.fmax, a, b),
                      ("fmin", np.fmin, a, b), ("heaviside", np.heaviside, np.round(a), b), ("xLogY", sp.xlogy, np.round(p), q),
                      ("xLog1pY", sp.xlog1py, np.round(p), q), ("beta", sp.beta, p, q), ("logBeta", sp.betaln, p, q),
                      ("pochhammer", sp.poch, p, q), ("floorDivide", np.floor_divide, a, b),
                      ("nextAfter", np.nextafter, a, b), ("relativeEntropyTerm", sp.rel_entr, p, q),
                      ("klTerm", sp.kl_div, p, q), ("hurwitz", sp.zeta, p + 1.1, q),
                      ("binomialCoefficient", sp.binom, p + q, q)]:
    case(name, [x, y], f(x, y))
case("isClose", [a, np.where(a > 0, a * (1 + 1e-6), b)], np.isclose(a, np.where(a > 0, a * (1 + 1e-6), b)))
i, j = rng.integers(-60, 60, 40), rng.integers(-60, 60, 40)
case("greatestCommonDivisor", [i, j], np.gcd(i, j))
case("leastCommonMultiple", [i, j], np.lcm(i, j))
w = np.concatenate([rng.integers(0, 2**32, 30), [0, 1, 2**32 - 1]]).astype(np.uint32)
case("bitCount", [w], np.bitwise_count(w).astype(np.uint32))
case("leadingZeros", [w], np.array([32 - int(v).bit_length() for v in w], np.uint32))
case("ldexp", [a, (i % 40 - 20).astype(np.int32)], np.ldexp(a, i % 40 - 20))
case("shifts", [w, (np.arange(33) % 32).astype(np.uint32)], [w << (np.arange(33) % 32).astype(np.uint32), w >> (np.arange(33) % 32).astype(np.uint32)])

m = rng.normal(size=(4, 5, 6))
m[1, 2, 3] = m[1, 2, 4]
for axis in (0, 1, 2):
    case(f"cumulative{axis}", [m], [np.cumsum(m, axis), np.cumprod(m, axis), np.maximum.accumulate(m, axis),
                                    np.minimum.accumulate(m, axis), np.logaddexp.accumulate(m, axis),
                                    np.flip(np.cumsum(np.flip(m, axis), axis), axis), np.diff(m, axis=axis)])
    case(f"sorting{axis}", [m], [np.sort(m, axis), np.argsort(m, axis, kind="stable"),
                                 np.flip(np.sort(m, axis), axis), np.median(m, axis),
                                 np.quantile(m, 0.3, axis), np.percentile(m, 71, axis, method="higher")])
tied = rng.integers(0, 4, (3, 50)).astype(np.int32)
case("argsortTies", [tied], [np.argsort(tied, 1, kind="stable"), np.argsort(~tied, 1, kind="stable")])
holes = np.where(rng.uniform(size=(4, 9)) < 0.3, np.nan, rng.normal(size=(4, 9)))
case("missing", [holes], [np.nansum(holes, 1), np.nanprod(holes, 1), np.nanmean(holes, 1), np.nanvar(holes, 1),
                          np.nanstd(holes, 1), np.nanmax(holes, 1), np.nanmin(holes, 1), np.nanargmax(holes, 1),
                          np.nanargmin(holes, 1), np.nanmedian(holes, 1), np.nanquantile(holes, 0.4, 1),
                          np.nancumsum(holes, 1), np.nancumprod(holes, 1)])
srt = np.sort(rng.normal(size=40))
case("searchSorted", [srt, np.concatenate([a, srt[:5]])],
     [np.searchsorted(srt, np.concatenate([a, srt[:5]])), np.searchsorted(srt, np.concatenate([a, srt[:5]]), "right"),
      np.digitize(np.concatenate([a, srt[:5]]), srt)])
case("interpolate", [a, srt, np.sin(srt)], np.interp(a, srt, np.sin(srt)))
small = rng.integers(0, 7, 30)
values, counts = np.unique(small, return_counts=True)
pad = 9 - len(values)
case("unique", [small], [np.concatenate([values, [-1] * pad]), np.concatenate([counts, [0] * pad])])
case("counting", [small, a[:30]], [np.bincount(small, minlength=8), np.bincount(small, a[:30], minlength=8),
                                   np.histogram(a, 6, (-4, 4))[0] if False else np.histogram(a[:30], 6, (-4, 4))[0],
                                   np.isin(small, [1, 3])])
case("norms", [m], [np.linalg.norm(m, axis=2), np.sum(np.abs(m), 2), np.max(np.abs(m), 2), np.sum(np.abs(m)**3, 2)**(1 / 3),
                    np.ptp(m, 2), np.count_nonzero(m > 0, axis=2), np.average(m, 2, weights=np.arange(1, 7.0))])
case("segments", [m[0], np.array([0, 2, 2, 0, 1])],
     [np.stack([m[0][[0, 3]].sum(0), m[0][4], m[0][[1, 2]].sum(0)]), np.stack([m[0][[0, 3]].prod(0), m[0][4], m[0][[1, 2]].prod(0)]),
      np.stack([m[0][[0, 3]].max(0), m[0][4], m[0][[1, 2]].max(0)]), np.stack([m[0][[0, 3]].min(0), m[0][4], m[0][[1, 2]].min(0)])])

x2 = rng.normal(size=(5, 4))
case("shapes", [x2], [np.roll(x2, 2, 0), np.roll(x2, -1, 1), np.rot90(x2), np.rot90(x2, 3), np.hstack([x2, x2]), np.vstack([x2, x2]),
                      np.dstack([x2, x2]), np.column_stack([x2[:, 0], x2]), np.kron(x2, x2[:2, :2]), np.diagonal(x2, 1),
                      np.diagonal(x2, -2), np.diag(x2[0], 1), np.diag(x2[0], -1), np.vander(x2[0], 3), np.tri(4, 5, 1)])
for mode in ["edge", "reflect", "symmetric", "wrap", "linear_ramp", "mean", "maximum", "minimum"]:
    case(f"pad_{mode}", [x2], np.pad(x2, [(2, 3), (1, 2)], mode=mode))
case("windows", [np.zeros(1)], [np.hanning(9), np.hamming(9), np.blackman(9), np.bartlett(9), np.kaiser(9, 5.5),
                                np.logspace(-2, 3, 7), np.geomspace(1, 1000, 4)])
case("meshgrid", [x2[0], x2[:, 0]], np.meshgrid(x2[0], x2[:, 0], indexing="ij"))
s, t = rng.normal(size=9), rng.normal(size=4)
case("signals", [s, t], [np.convolve(s, t), np.convolve(s, t, "same"), np.convolve(s, t, "valid"), np.correlate(s, t, "full"),
                         np.correlate(s, t, "same"), np.correlate(s, t, "valid")])
case("signals2", [rng.normal(size=(6, 7)), rng.normal(size=(3, 2))], [])
case("signals2", [out["signals2:x0"], out["signals2:x1"]],
     [scipy.signal.convolve2d(out["signals2:x0"], out["signals2:x1"]),
      scipy.signal.correlate2d(out["signals2:x0"], out["signals2:x1"], "valid")])
case("products", [m[0], m[1]], [np.einsum("ij,ij->i", m[0], m[1]), m[0] @ m[1][0], m[0][:, 0] @ m[1],
                                np.cross(m[0][:, :3], m[1][:, :3]), np.trace(m[0][:5, :5]),
                                np.linalg.matrix_power(m[0][:5, :5], 5), m[0] @ m[1].T @ m[0] @ m[1].T])
u = x2.copy()
idx = np.array([3, 0, 3])
rows = rng.normal(size=(3, 4))
s1, s2, s3, s4, s5 = (u.copy() for _ in range(5))
s1[idx] = rows
np.add.at(s2, idx, rows)
np.multiply.at(s3, idx, rows)
np.minimum.at(s4, idx, rows)
np.maximum.at(s5, idx, rows)
r1, r2 = u.copy(), u.copy()
r1[1:4, ::2] = 7
r2[-1] += 2
case("updates", [u, idx, rows], [s1, s2, s3, s4, s5, r1, r2])
case("indexing", [u, np.array([[1, 2], [4, 0]])], [u[[1, 4], [2, 0]], np.flatnonzero(u > 0)[:5], np.choose([0, 1, 1, 0], [u[0], u[1]]),
                                                 np.select([u > 1, u > 0], [u, u * 10], -1)])

path = pathlib.Path(__file__).parent.parent / "Tests/GnomonTests/Fixtures/conformance.npz"
path.parent.mkdir(exist_ok=True)
np.savez_compressed(path, **out)
print(len(out), "arrays,", path.stat().st_size, "bytes")
