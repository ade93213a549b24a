#!/usr/bin/env python3
"""Writes Tests/GnomonTests/Fixtures/matrix-equations.npz: what NumPy and SciPy say of eigenvalues and matrix equations.

Each case is a name of `MatrixEquationCases`, an operand or result number and its values. Complex results are their
real and imaginary parts, eigenvectors turned as `eig` defines it.
"""
import pathlib
import numpy as np
import scipy.linalg as sl

rng = np.random.default_rng(13)
out = {}


def case(name, operands, results):
    """The case in float64 and float32 for each matrix of a batch, the second one with what float64 makes of the rounded operands."""
    for suffix, dtype in [("", np.float64), ("32", np.float32)]:
        xs = [x.astype(dtype) for x in operands]
        for i, x in enumerate(xs):
            out[f"{name}{suffix}:x{i}"] = x
        rows = [results(*[x[k].astype(float) for x in xs]) for k in range(len(xs[0]))]
        for i, ys in enumerate(zip(*rows)):
            out[f"{name}{suffix}:y{i}"] = np.stack(ys).astype(dtype)


def eig(a):
    """By real, then imaginary part; of the elements of a vector at least 0.9 times the largest, the first is positive."""
    w, v = np.linalg.eig(a)
    order = np.lexsort((w.imag, w.real))
    w, v = w[order], v[:, order]
    for j in range(len(w)):
        first = v[np.abs(v[:, j]) >= 0.9 * np.abs(v[:, j]).max(), j][0]
        v[:, j] *= np.conj(first) / np.abs(first)
    return [w.real, w.imag, v.real, v.imag]


for n in [1, 2, 5, 12]:
    case(f"eig{n}", [rng.normal(size=(3, n, n))], eig)
stable = rng.normal(size=(3, 5, 5)) / 4 - 2 * np.eye(5)
q = rng.normal(size=(3, 5, 5))
case("equations", [stable, rng.normal(size=(3, 4, 4)) / 4 - np.eye(4), rng.normal(size=(3, 5, 4)), q + q.swapaxes(1, 2), rng.normal(size=(3, 5, 2))],
     lambda a, b, c, q, d: [sl.solve_sylvester(a, b, c), sl.solve_continuous_lyapunov(a, q), sl.solve_discrete_lyapunov(a / 4, q),
                            sl.solve_discrete_are(a / 2, d, q @ q.T + np.eye(5), np.eye(2))])

path = pathlib.Path(__file__).parent.parent / "Tests/GnomonTests/Fixtures/matrix-equations.npz"
np.savez_compressed(path, **out)
print(len(out), "arrays,", path.stat().st_size, "bytes")
