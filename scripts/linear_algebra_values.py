#!/usr/bin/env python3
"""Writes Tests/GnomonTests/Fixtures/linear-algebra.npz: matrices and what NumPy and SciPy make of them.

Each case is a name of `LinearAlgebraCases`, an operand or result number and its values. Signs that libraries
leave open are made as the functions here define them.
"""
import pathlib
import numpy as np
import scipy.linalg as sl

rng = np.random.default_rng(11)
out = {}


def case(name, operands, results):
    """The case in float64 and float32, the second one with what float64 makes of the rounded operands."""
    for suffix, dtype in [("", np.float64), ("32", np.float32)]:
        xs = [np.asarray(x).astype(dtype) if np.asarray(x).dtype.kind == "f" else np.asarray(x) for x in operands]
        for i, x in enumerate(xs):
            out[f"{name}{suffix}:x{i}"] = x
        ys = results(*[x.astype(float) if x.dtype.kind == "f" else x for x in xs])
        for i, y in enumerate(ys):
            y = np.asarray(y)
            out[f"{name}{suffix}:y{i}"] = y.astype(dtype) if y.dtype.kind == "f" else y


def each(f):
    """f of every matrix of a batch, results stacked."""
    def batched(*xs):
        shape = xs[0].shape[:-2]
        if not shape:
            return f(*xs)
        rows = [f(*[x[i] for x in xs]) for i in np.ndindex(*shape)]
        return [np.stack([np.asarray(r[k]) for r in rows]).reshape(*shape, *np.shape(rows[0][k])) for k in range(len(rows[0]))]
    return batched


def turn(rows):
    """1 or -1 for each row: of the elements at least 0.9 times the largest, the first is positive."""
    signs = []
    for r in rows:
        first = r[np.abs(r) >= 0.9 * np.abs(r).max()][0]
        signs.append(-1.0 if first < 0 else 1.0)
    return np.array(signs)


def svd(a, full=False):
    u, s, vt = np.linalg.svd(a, full_matrices=full)
    k = len(s)
    t = turn(vt[:k])
    u[:, :k] *= t
    vt[:k] *= t[:, None]
    return [u, s, vt]


def eigh(a):
    w, v = np.linalg.eigh(a)
    return [w, v * turn(v.T)]


def qr(a, mode="reduced"):
    q, r = np.linalg.qr(a, mode=mode)
    d = np.sign(np.diag(r))
    k = len(d)
    q[:, :k] *= d
    r[:k] *= d[:, None]
    return [q, r]


def lu(a):
    p, l, u = sl.lu(a)
    return [np.argmax(p, axis=0).astype(np.int64), l, u]


def symmetric(a):
    return a + np.swapaxes(a, -1, -2)


small = rng.normal(size=(3, 5, 5))
positive = small @ np.swapaxes(small, -1, -2) + 0.5 * np.eye(5)
large = rng.normal(size=(34, 34)) / 6
largePositive = large @ large.T + np.eye(34)
right = rng.normal(size=(3, 5, 2))
for name, a, p, b in [("small", small, positive, right), ("large", large + np.eye(34) * 2, largePositive, rng.normal(size=(34, 3)))]:
    case(f"{name}Factors", [p, a], each(lambda p, a: [np.linalg.cholesky(p), np.linalg.cholesky(p).T] + lu(a) + qr(a)))
    case(f"{name}Spectra", [symmetric(a), a], each(lambda s, a: eigh(s) + svd(a) + [np.linalg.eigvalsh(s), np.linalg.svd(a, compute_uv=False)]))
    case(f"{name}Solves", [a, p, b], each(lambda a, p, b: [
        np.linalg.solve(a, b), np.linalg.solve(p, b), np.linalg.inv(a), sl.solve_triangular(a + 6 * np.eye(len(a)), b, lower=True),
        sl.solve_triangular(a + 6 * np.eye(len(a)), b, trans=1), sl.solve_triangular(a, b, lower=True, unit_diagonal=True) if len(a) < 9 else b,
        sl.cho_solve((np.linalg.cholesky(p), True), b), sl.lu_solve(sl.lu_factor(a), b), sl.lu_solve(sl.lu_factor(a), b, trans=1)]))
    case(f"{name}Numbers", [a, p], each(lambda a, p: [
        np.linalg.det(a), np.linalg.slogdet(a)[0], np.linalg.slogdet(a)[1], np.linalg.slogdet(p)[1], np.linalg.matrix_rank(a)]))
    case(f"{name}Exponential", [a / 4, a], each(lambda q, a: [sl.expm(q), sl.expm(a)]))
for name, shape in [("wide", (2, 3, 5)), ("tall", (2, 6, 4)), ("longer", (36, 33))]:
    a = rng.normal(size=shape)
    case(f"{name}Factors", [a], each(lambda a: lu(a) + qr(a) + svd(a) + svd(a, True)[1:2] + qr(a, "complete")[1:2]
                                      + [np.linalg.pinv(a), sl.polar(a)[0], sl.polar(a)[1], sl.polar(a, "left")[1]]))
    case(f"{name}Fit", [a, rng.normal(size=(*shape[:-1], 2))], each(lambda a, b: [np.linalg.pinv(a) @ b, ((a @ (np.linalg.pinv(a) @ b) - b) ** 2).sum(0),
                                                                                 np.int64(np.linalg.matrix_rank(a))]))
# Rank 2 of 4.
flat = rng.normal(size=(5, 2)) @ rng.normal(size=(2, 4))
case("flat", [flat, rng.normal(size=5)], lambda a, b: [np.linalg.matrix_rank(a, tol=1e-4), np.linalg.pinv(a, rcond=1e-5), np.linalg.lstsq(a, b, rcond=1e-5)[0]])
lower, middle, upper = rng.normal(size=(3, 7))
dense = lambda l, d, u: np.diag(d) + np.diag(l[1:], -1) + np.diag(u[:-1], 1)
case("tridiagonal", [lower, middle, upper, rng.normal(size=(7, 2))], lambda l, d, u, b: [np.linalg.solve(dense(l, d, u), b), np.linalg.solve(dense(l, d, u), b[:, 0])])
t = rng.normal(size=(4, 6, 8, 3))
case("tensors", [t, rng.normal(size=(4, 6))], lambda t, b: [np.linalg.tensorinv(t, ind=2), np.linalg.tensorsolve(t, b)])

path = pathlib.Path(__file__).parent.parent / "Tests/GnomonTests/Fixtures/linear-algebra.npz"
np.savez_compressed(path, **out)
print(len(out), "arrays,", path.stat().st_size, "bytes")
