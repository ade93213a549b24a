#!/usr/bin/env python3
"""Writes Sources/Scalars/Functions/SpecialTables.swift: Chebyshev series of special functions.

The series interpolate SciPy's values at the Chebyshev nodes of their interval; the last terms are of
the size of a double's rounding. Run from anywhere: `python3 scripts/special_tables.py`.
"""
import pathlib
import numpy as np
import scipy.special as sp
from numpy.polynomial import chebyshev as C

PI = np.longdouble(np.pi) + np.longdouble(1.2246467991473532e-16)
out = []


def series(name, about, f, low, high, terms):
    """The series of f on [low, high], in t = (2x - low - high) / (high - low)."""
    angles = PI * (np.arange(terms) + np.longdouble(0.5)) / terms
    nodes = np.cos(angles).astype(float)
    x = 0.5 * (high - low) * nodes + 0.5 * (high + low)
    y = np.array([f(v) for v in x], np.longdouble)
    c = np.array([2 * np.sum(y * np.cos(j * angles)) / terms for j in range(terms)])
    c[0] /= 2
    c = c.astype(float)
    t = np.linspace(-1, 1, 3001)[1:-1]
    v = 0.5 * (high - low) * t + 0.5 * (high + low)
    exact = np.array([f(w) for w in v], float)
    error = np.max(np.abs(C.chebval(t, c) - exact) / np.maximum(np.abs(exact), 1e-300))
    print(f"{name}: relative error {error:.2g}, last term {abs(c[-1]):.1g}")
    lines, line = [], "   "
    for n in c:
        text = f" {n!r},".replace("np.float64(", "").replace(")", "")
        if len(line) + len(text) > 98:
            lines.append(line)
            line = "   "
        line += text
    lines.append(line)
    out.append(f"  /// {about}\n  static let {name}: [Double] = [\n" + "\n".join(lines) + "\n  ]\n")
    return c


def log_erfcx_over_t(t):
    x = 2 / t - 2
    return np.log(sp.erfcx(x) / t)


series("erfc", "log(erfcx(x) / t) for t = 2 / (2 + x) in [0, 1].",
       lambda t: log_erfcx_over_t(t) if t > 1e-9 else np.log(1 / np.sqrt(np.pi) / 2), 0, 1, 30)


def log_gamma_core(x):
    """By the series of lgamma(2 + d), whose coefficients are (zeta(n) - 1) / n: no cancellation near 2."""
    d = x - 2
    total = 1 - 0.57721566490153286
    for n in range(2, 60):
        total += (-1)**n * sp.zeta(n, 2) / n * d**(n - 1)
    return total / (x - 1)


series("logGamma", "lgamma(x) / ((x - 1) (x - 2)) on [1.5, 2.5].", log_gamma_core, 1.5, 2.5, 20)
series("sinPi", "sin(πr) / r in r² on [0, 1/4].",
       lambda s: np.sin(PI * np.sqrt(np.longdouble(s))) / np.sqrt(np.longdouble(s)),
       0, 0.25, 11)
series("atan", "atan(z) / z in z² on [0, tan²(π/8)].",
       lambda s: np.arctan(np.sqrt(np.longdouble(s))) / np.sqrt(np.longdouble(s)), 0,
       0.17157287525380990, 12)
series("i0Small", "exp(-x) I0(x) on [0, 8].", sp.i0e, 0, 8, 30)
series("i0Large", "√x exp(-x) I0(x) in 1 / x on (0, 1/8].",
       lambda s: float(np.sqrt(1 / max(s, 1e-12)) * sp.i0e(1 / max(s, 1e-12))), 0, 0.125, 25)
series("i1Small", "exp(-x) I1(x) / x on [0, 8].", lambda x: sp.i1e(x) / x if x > 1e-8 else 0.5, 0, 8, 30)
series("i1Large", "√x exp(-x) I1(x) in 1 / x on (0, 1/8].",
       lambda s: float(np.sqrt(1 / max(s, 1e-12)) * sp.i1e(1 / max(s, 1e-12))), 0, 0.125, 25)


def phase_amplitude(order):
    """P and Q of the asymptotic forms, J = √(2/(πx)) (P cos χ - Q sin χ), from J and Y."""
    j, y = (sp.j0, sp.y0) if order == 0 else (sp.j1, sp.y1)

    def both(x):
        chi = np.longdouble(x) - (2 * order + 1) * np.pi / 4
        s, c, a = np.sin(chi), np.cos(chi), np.sqrt(np.pi * x / 2)
        return float(a * (j(x) * c + y(x) * s)), float(a * (y(x) * c - j(x) * s))
    return both


for order in (0, 1):
    both = phase_amplitude(order)
    j = sp.j0 if order == 0 else sp.j1
    if order == 0:
        series("j0Small", "J0(x) in x² on [0, 64].", lambda s: j(np.sqrt(s)), 0, 64, 24)
    else:
        series("j1Small", "J1(x) / x in x² on [0, 64].",
               lambda s: j(np.sqrt(s)) / np.sqrt(s) if s > 1e-14 else 0.5, 0, 64, 24)
    series(f"j{order}P", f"The factor P of J{order}(x) = √(2/πx) (P cos χ - Q sin χ), in (8/x)² on (0, 1].",
           lambda s: both(8 / np.sqrt(max(s, 1e-6)))[0], 0, 1, 14)
    series(f"j{order}Q", f"The factor Q times x / 8, in (8/x)² on (0, 1].",
           lambda s: both(8 / np.sqrt(max(s, 1e-6)))[1] * (8 / np.sqrt(max(s, 1e-6))) / 8, 0, 1, 14)

path = pathlib.Path(__file__).parent.parent / "Sources/Scalars/Functions/SpecialTables.swift"
path.write_text(
    "/// Chebyshev series, made by `scripts/special_tables.py`.\nenum SpecialTables {\n"
    + "\n".join(out) + "}\n")
