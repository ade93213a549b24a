#!/usr/bin/env python3
"""Writes npy and npz files with NumPy into Tests/TensorsTests/Fixtures.

Element i of every array is i * 7 % 50 - 10, its magnitude for unsigned types, a quarter of it for
floats, and whether it is odd for bool, so that the tests can compute what they must read.
"""

import io
import pathlib
import zipfile
import numpy as np

out = pathlib.Path(__file__).parent.parent / "Tests/TensorsTests/Fixtures"


def values(dtype, shape=(2, 3, 4)):
    n = int(np.prod(shape, dtype=int))
    v = np.arange(n) * 7 % 50 - 10
    kind = np.dtype(dtype).kind
    if kind == "b":
        v = v % 2 != 0
    elif kind == "u":
        v = np.abs(v)
    elif kind == "f":
        v = v / 4
    return v.astype(dtype).reshape(shape)


names = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
         "float16", "float32", "float64"]
for name in names:
    np.save(out / f"{name}.npy", values(name))
    if np.dtype(name).itemsize > 1:
        np.save(out / f"{name}-big.npy", values(np.dtype(name).newbyteorder(">")))
for shape in [(), (0,), (5,), (3, 0, 2), (1, 1), (2, 1, 3, 2, 2)]:
    np.save(out / f"shape-{'x'.join(map(str, shape))}.npy", values("int32", shape))
np.save(out / "fortran-3.npy", np.asfortranarray(values("int16")))
np.save(out / "fortran-2.npy", np.asfortranarray(values("float64", (5, 3))))
np.save(out / "fortran-big.npy", np.asfortranarray(values(">f4", (4, 3, 2, 2))))
for version in [(1, 0), (2, 0), (3, 0)]:
    with open(out / f"version-{version[0]}.npy", "wb") as f:
        np.lib.format.write_array(f, values("float32"), version)
np.save(out / "complex.npy", values("float32").astype("complex64"))
np.save(out / "record.npy", np.zeros(3, dtype=[("a", "<i4"), ("b", "<f4")]))
np.save(out / "text.npy", np.array(["ab", "c"]))

three = {"weights": values("float32", (4, 5)), "bias": values("int64", (3,)), "a b/%ü": values("bool")}
np.savez(out / "stored.npz", **three)
np.savez_compressed(out / "deflated.npz", **three)
with zipfile.ZipFile(out / "zip64.npz", "w", zipfile.ZIP_DEFLATED) as z:
    for name, v in three.items():
        buffer = io.BytesIO()
        np.save(buffer, v)
        with z.open(name + ".npy", "w", force_zip64=True) as member:
            member.write(buffer.getvalue())
print("written to", out)
