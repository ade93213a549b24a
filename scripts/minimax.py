#!/usr/bin/env python3
"""Polynomial coefficients of the scalar functions (Sources/Scalars/Functions).

    scripts/minimax.py            # all tables
    scripts/minimax.py exp32      # one

Weighted Remez exchange in 60-digit arithmetic (mpmath), then rounding from the lowest degree up:
each coefficient is rounded to the working precision and the remaining ones are fitted again, so that
the later ones absorb the error of the earlier (the idea of Sollya's `fpminimax`, greedily).
"""
import sys

import mpmath as mp

mp.mp.dps = 60


def single(x):
    """x rounded to float32."""
    return rounded(x, 24)


def double(x):
    """x rounded to float64."""
    return rounded(x, 53)


def rounded(x, bits):
    x = mp.mpf(x)
    if x == 0:
        return x
    e = mp.floor(mp.log(abs(x), 2))
    scale = mp.mpf(2) ** (bits - 1 - e)
    return mp.nint(x * scale) / scale


def remez(f, weight, degrees, lo, hi, rounds=25):
    """Coefficients c so that max |(sum c_i x^degrees_i - f(x)) * weight(x)| on [lo, hi] is least."""
    n = len(degrees)
    if n == 0:
        return [], max(abs(f(x) * weight(x)) for x in grid(lo, hi, 200))
    # Off the middle, where the weight of a symmetric problem vanishes.
    xs = [x + (hi - lo) * mp.mpf("1e-3") if abs(x) < (hi - lo) / 1000 else x
          for x in grid(lo, hi, n + 1)]
    points = grid(lo, hi, 30 * (n + 1))
    fs = [f(x) for x in points]
    ws = [weight(x) for x in points]
    powers = [[x**d for d in degrees] for x in points]
    best = None
    for _ in range(rounds):
        a = mp.matrix(n + 1, n + 1)
        b = mp.matrix(n + 1, 1)
        for i, x in enumerate(xs):
            for j, d in enumerate(degrees):
                a[i, j] = x**d
            a[i, n] = (-1) ** i / weight(x)
            b[i] = f(x)
        try:
            s = mp.lu_solve(a, b)
        except ZeroDivisionError:
            break
        c = [s[j] for j in range(n)]
        errors = [(mp.fdot(c, p) - y) * w for p, y, w in zip(powers, fs, ws)]
        worst = max(abs(e) for e in errors)
        if best is None or worst < best[1]:
            best = (c, worst)
        if worst <= abs(s[n]) * mp.mpf("1.001"):
            break
        runs = []
        for i, e in enumerate(errors):
            if runs and (errors[runs[-1]] > 0) == (e > 0):
                if abs(e) > abs(errors[runs[-1]]):
                    runs[-1] = i
            else:
                runs.append(i)
        while len(runs) > n + 1:
            if len(runs) - 1 == n + 1:
                runs = runs[1:] if abs(errors[runs[0]]) < abs(errors[runs[-1]]) else runs[:-1]
            else:
                k = min(range(len(runs)), key=lambda i: abs(errors[runs[i]]))
                del runs[k]
        if len(runs) < n + 1:
            break
        xs = [points[i] for i in runs]
    return best


def grid(lo, hi, n):
    return [(lo + hi) / 2 - (hi - lo) / 2 * mp.cos(mp.pi * (i + mp.mpf(1) / 2) / n) for i in range(n)]


def fit(name, f, weight, degrees, lo, hi, rounder):
    """Fits, rounds coefficient by coefficient from the lowest degree, and prints."""
    lo, hi = mp.mpf(lo), mp.mpf(hi)
    known = []
    rest = list(degrees)
    ideal = None
    while rest:
        g = lambda x: f(x) - sum(v * x**d for d, v in known)
        c, error = remez(g, weight, rest, lo, hi)
        if ideal is None:
            ideal = error
        known.append((rest[0], rounder(c[0])))
        rest = rest[1:]
    final = max(abs((sum(v * x**d for d, v in known) - f(x)) * weight(x)) for x in grid(lo, hi, 400))
    print(f"# {name}: error 2^{float(mp.log(ideal, 2)):.2f} before rounding, "
          f"2^{float(mp.log(final, 2)):.2f} after")
    for d, v in sorted(known):
        print(f"  x^{d:<2d} {float(v)!r:26} {float(v).hex()}")
    return dict(known)


LN2 = mp.log(2)
HALF = LN2 / 2 * mp.mpf("1.0001")


def at_zero(value, f):
    """f, with its limit at 0."""
    return lambda x: mp.mpf(value) if x == 0 else f(x)


# Each table is one function of no arguments.


def exp(n, digits, rounder):
    # exp(r) - 1 = r + r^2 q(r), relatively, on |r| <= ln 2 / 2.
    fit(f"exp, expm1 {digits}: q of r + r^2 q(r)",
        at_zero(0.5, lambda r: (mp.expm1(r) - r) / r**2),
        at_zero(0, lambda r: abs(r**2 / mp.expm1(r))), range(n), -HALF, HALF, rounder)


def exp32():
    exp(5, "float32", single)


def exp64():
    exp(11, "float64", double)


def log32():
    # log(1 + f) = f + f^2 q(f), relatively, for 2/3 <= 1 + f <= 4/3.
    fit("log, log1p float32: q of f + f^2 q(f)",
        at_zero(-0.5, lambda f: (mp.log1p(f) - f) / f**2),
        at_zero(0, lambda f: abs(f**2 / mp.log1p(f))), range(9),
        mp.mpf(2) / 3 - 1, mp.mpf(4) / 3 - 1, single)


def log64():
    # With s = f / (2 + f): log(1 + f) = 2 atanh(s) = 2 s + s z q(z), z = s^2, relatively.
    top = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)
    fit("log, log1p float64: q of 2 s + s z q(z)",
        at_zero(mp.mpf(2) / 3, lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z),
        lambda z: z, range(7), 0, top**2, double)


def tanh(n, digits, rounder):
    # tanh(x) = x + x z q(z), z = x^2, relatively, up to where tanh passes 1/2.
    fit(f"tanh {digits}, small: q of x + x z q(z)",
        at_zero(mp.mpf(-1) / 3, lambda z: (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z),
        at_zero(0, lambda z: z * mp.sqrt(z) / mp.tanh(mp.sqrt(z))), range(n),
        0, mp.mpf("0.5626") ** 2, rounder)


def tanh32():
    tanh(4, "float32", single)


def tanh64():
    tanh(10, "float64", double)


def softplus32():
    # log(1 + u) = u + u^2 q(u), relatively, on 0 <= u <= 1.
    fit("softplus float32: q of u + u^2 q(u)",
        at_zero(-0.5, lambda u: (mp.log1p(u) - u) / u**2),
        at_zero(0, lambda u: u**2 / mp.log1p(u)), range(9), 0, 1, single)


def erf_small(n, digits, top, rounder):
    fit(f"erf {digits}, small: q of x + x q(x^2)",
        at_zero(2 / mp.sqrt(mp.pi) - 1, lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1),
        at_zero(mp.sqrt(mp.pi) / 2, lambda z: mp.sqrt(z) / mp.erf(mp.sqrt(z))),
        range(n), 0, mp.mpf(top) ** 2, rounder)


def erf_large(n, digits, lo, hi, rounder):
    fit(f"erf {digits}, large: p of 1 - exp(-p(x))",
        lambda x: -mp.log(mp.erfc(x)), lambda x: mp.erfc(x) / mp.erf(x),
        range(n), mp.mpf(lo), mp.mpf(hi), rounder)


def erf32():
    erf_small(6, "float32", "0.93", single)
    erf_large(8, "float32", "0.92", "3.93", single)


def erf64():
    erf_small(12, "float64", "1.001", double)
    erf_large(18, "float64", "0.999", "5.95", double)


def power32():
    # In float64 inside; log2(m) = s q(s^2) with s = (m - 1) / (m + 1), and 2^f = q(f).
    top = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)
    fit("power float32: q of log2(m) = s q(s^2)",
        at_zero(2 / LN2, lambda z: 2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) / LN2),
        lambda z: 1, range(5), 0, top**2, double)
    fit("power float32: 2^f", lambda f: mp.mpf(2) ** f, lambda f: mp.mpf(2) ** -f,
        range(8), mp.mpf("-0.5001"), mp.mpf("0.5001"), double)


def rsqrt32():
    # 1 / sqrt(x) = y + y e q(e) with e = 1 - x y^2, relatively, on the range that the estimate leaves.
    fit("rsqrt float32: q of 1 + e q(e)",
        at_zero(0.5, lambda e: (1 / mp.sqrt(1 - e) - 1) / e),
        lambda e: abs(e) * mp.sqrt(1 - e), range(5), "-0.07100596278905869", "0.068359375", single)


TABLES = [
    exp32, exp64, log32, log64, tanh32, tanh64, softplus32, erf32, erf64, power32, rsqrt32,
]

if __name__ == "__main__":
    wanted = sys.argv[1:]
    for table in TABLES:
        if not wanted or table.__name__ in wanted:
            table()
