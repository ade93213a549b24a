#!/usr/bin/env python3
"""Writes what NumPy prints for arrays of every kind: Tests/TensorsTests/Fixtures/printing.txt.

Each case is a line `dtype shape`, a line with the elements (hex bits), the text of str() and, after
a line `--`, that of array2string with commas; cases are separated by a line `==`. Run it again after
a change of NumPy's rules.
"""

import pathlib
import numpy as np

rng = np.random.default_rng(0)
f4, f8, f2 = np.float32, np.float64, np.float16
inf, nan = np.inf, np.nan

arrays = [
    np.array([1, 2, 3], f4),
    np.array([0.1, 0.25, -3], f4),
    np.array([0.1, 0.25, -3], f8),
    np.array([1 / 3, 2 / 3], f8),
    np.array([1 / 3, 2 / 3], f4),
    np.array([0.123456785, 0.123456795, 0.5], f8),
    np.array([0.1234567850001, 0.12345678], f8),
    np.array([1e-5, 1], f4),
    np.array([1e-4, 0.05], f4),
    np.array([1e-4, 0.05], f8),
    np.array([0.5, 500.5], f4),
    np.array([0.5, 500], f4),
    np.array([1e6, 1e5], f4),
    np.array([999999, 1e5], f4),
    np.array([1e8, 1e7], f8),
    np.array([99999999, 1e6], f8),
    np.array([1e100, -1e-100, 0], f8),
    np.array([1.5e300, 2.25e-300], f8),
    np.array([1.23456789012e10, 5], f8),
    np.array([5e-324, 1.7976931348623157e308], f8),
    np.array([1e-45, 3.4028235e38], f4),
    np.array([inf, -inf, nan], f4),
    np.array([inf, 1.5], f4),
    np.array([-inf, 1.5, 22.25], f8),
    np.array([nan, 1], f8),
    np.array([nan, 1e-10, -inf], f8),
    np.array([nan], f8),
    np.array([0.0, -0.0], f4),
    np.array([[0.0, -0.0], [0.0, -1.0]], f8),
    np.array([1, 1000, 0.1], f2),
    np.array([999, 1], f2),
    np.array([0.1, 0.2, 1 / 3], f2),
    np.array([65504, 6e-8, -0.001], f2),
    np.array([6.104e-05, 0.0009766], f2),
    np.array([True, False]),
    np.array([True, True]),
    np.array([[True, False], [False, False]]),
    np.array([1, -20, 300], np.int32),
    np.array([[1, 2], [3, 4]], np.int64),
    np.array([0, 255], np.uint8),
    np.array([2**64 - 1, 0], np.uint64),
    np.array([-2**63, 2**63 - 1], np.int64),
    np.arange(40, dtype=np.int16),
    np.arange(24, dtype=f4).reshape(2, 3, 4),
    np.arange(16, dtype=f8).reshape(2, 2, 2, 2) / 7,
    np.arange(1000, dtype=f4),
    np.arange(1001, dtype=f4),
    np.arange(2000, dtype=np.int32).reshape(40, 50),
    np.arange(1200, dtype=np.int32).reshape(300, 4),
    np.arange(2000, dtype=np.uint8).reshape(10, 10, 20),
    np.arange(1500, dtype=f8).reshape(5, 300) * 0.1,
    rng.standard_normal((4, 5)).astype(f4),
    rng.standard_normal((3, 12)),
    rng.standard_normal((30, 50)).astype(f4) * 1e4,
    rng.standard_normal((6, 7)).astype(f2),
    np.exp(rng.standard_normal((5, 4)) * 20),
    np.exp(rng.standard_normal((5, 4)) * 20).astype(f4),
    rng.integers(0, 2, (30, 40)).astype(bool),
    np.zeros((0,), f4),
    np.zeros((3, 0), f4),
    np.zeros((0, 3), np.int32),
    np.zeros((1, 1, 1), f4),
    np.array(3.5, f4),
    np.array(0.1, f4),
    np.array(0.1, f8),
    np.array(1e-5, f8),
    np.array(123456789.125, f8),
    np.array(1e16, f8),
    np.array(-7, np.int64),
    np.array(True),
    np.array(nan, f4),
    np.array(-inf, f8),
    np.array(0.0, f8),
    np.array(0.1, f2),
]

cases = []
for a in arrays:
    bits = a.reshape(-1).view(f"u{a.itemsize}") if a.size else np.zeros(0, np.uint8)
    head = f"{a.dtype.name} {','.join(map(str, a.shape))}"
    shown = str(a)
    commas = shown if a.ndim == 0 else np.array2string(a, separator=", ", prefix="Tensor(", suffix=")")
    cases.append(f"{head}\n{' '.join(f'{int(b):x}' for b in bits)}\n{shown}\n--\n{commas}\n==\n")

out = pathlib.Path(__file__).parent.parent / "Tests/TensorsTests/Fixtures/printing.txt"
out.write_text("".join(cases))
print(f"{len(cases)} cases, NumPy {np.__version__}")
