#!/usr/bin/env python3
"""Writes Tests/GnomonTests/Fixtures/fourier.npz: complex numbers and what NumPy and SciPy make of them.

Each case is a name of `FourierCases`, an operand or result number and its values; complex ones are their
real and imaginary parts.
"""
import pathlib
import numpy as np
import scipy.signal

rng = np.random.default_rng(12)
out = {}


def case(name, operands, results):
    """The case in float64 and float32, the second one with what float64 makes of the rounded operands."""
    for suffix, dtype in [("", np.float64), ("32", np.float32)]:
        xs = [np.asarray(x).astype(dtype) for x in operands]
        for i, x in enumerate(xs):
            out[f"{name}{suffix}:x{i}"] = x
        with np.errstate(all="ignore"):
            ys = results(*[x.astype(float) for x in xs])
        for i, y in enumerate(ys):
            out[f"{name}{suffix}:y{i}"] = np.asarray(y).astype(dtype)


def parts(*zs):
    return [p for z in zs for p in (np.real(z), np.imag(z))]


def numbers(x, y):
    z = np.empty(np.broadcast(x, y).shape, complex)
    z.real, z.imag = x, y
    return z


def arithmetic(x, y, u, v):
    z, w = numbers(x, y), numbers(u, v)
    return parts(z + w, z - w, z * w, z / w, z + 2, 2 - z, z - x, x * z, z / x, 1 / z, -z, z.sum(1), z @ w.T, w.conj().T)


def functions(x, y, u, v):
    z, w = numbers(x, y), numbers(u, v)
    return parts(z.conj(), np.exp(z), np.log(z), np.sqrt(z), z ** w, np.sin(z), np.cos(z)) + [np.abs(z), np.angle(z)]


def edges(x, y):
    z = numbers(x, y)
    return parts(np.sqrt(z), np.log(z), (1 + 1j) / z, z / (2 + 1j)) + [np.abs(z), np.angle(z)]


def solves(a, b, c, d, e, f):
    z, w = numbers(a, b), numbers(c, d)
    v = numbers(e, f)
    return parts(np.linalg.solve(z, w), np.stack([np.linalg.solve(m, v) for m in z]))


case("complexArithmetic", rng.normal(size=(4, 3, 8)) * 2, arithmetic)
case("complexFunctions", rng.normal(size=(4, 3, 8)) * 2, functions)
values = [0.0, -0.0, 4.0, -4.0, 1e-30, np.inf, -np.inf]
case("complexEdges", np.meshgrid(values, values), edges)
case("complexSolves", [*rng.normal(size=(2, 2, 4, 4)), *rng.normal(size=(2, 2, 4, 3)), *rng.normal(size=(2, 4))], solves)

for n in [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 17, 30, 34, 60, 64, 97, 128, 169]:
    case(f"fourier{n}", rng.normal(size=(2, 2, n)), lambda x, y: parts(
        np.fft.fft(numbers(x, y)), np.fft.ifft(numbers(x, y)), np.fft.fft(x), np.fft.rfft(x)) + [np.fft.irfft(np.fft.rfft(x), n)])


def several(x, y):
    z = numbers(x, y)
    return parts(
        np.fft.fft(z, axis=1), np.fft.fft2(z), np.fft.ifft2(z, norm="ortho"), np.fft.fftn(z, norm="forward"), np.fft.ifftn(z, axes=[0, 2]),
        np.fft.rfft(x, axis=0, norm="ortho")) + [
        np.fft.irfft(z[..., :3], 5), np.fft.irfft(z), np.fft.irfft(z, axis=1, norm="forward"), np.fft.fftshift(x), np.fft.ifftshift(x, axes=[1]),
        np.fft.fftshift(x[:, :3], axes=1), np.fft.ifftshift(x[:, :3], axes=1), np.fft.fftfreq(7, 0.5), np.fft.fftfreq(8), np.fft.rfftfreq(7),
        np.fft.rfftfreq(8, 0.5)]


case("fouriers", rng.normal(size=(2, 3, 4, 6)), several)



def short_time(x, own, real, imaginary):
    """As keras.ops: SciPy's, without its division by the sum of the window."""
    def spectrum(x, length, stride, n, window, center):
        if center:
            x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(n // 2, n // 2)], mode="reflect")
        y = scipy.signal.stft(x, window=window, nperseg=n, noverlap=n - stride, nfft=n, boundary=None, padded=False)[-1]
        return np.swapaxes(y, -2, -1) * window.sum()

    def signal(z, stride, n, window, center, length=None):
        y = scipy.signal.istft(
            z, window=window, nperseg=n, noverlap=n - stride, nfft=n, boundary=False, time_axis=-2, freq_axis=-1)[-1] / window.sum()
        whole = n + stride * (z.shape[-2] - 1)
        start = n // 2 if center else 0
        return y[..., start:start + length if length else whole - start]

    def wide(window, n):
        before = (n - len(window)) // 2
        return np.pad(window, [before, n - len(window) - before])

    hann = wide(scipy.signal.get_window("hann", 6), 9)
    hamming = wide(scipy.signal.get_window("hamming", 8), 8)
    z = numbers(real, imaginary)
    spectra = [
        spectrum(x, 6, 3, 9, hann, True), spectrum(x, 8, 4, 8, hamming, False), spectrum(x, 5, 7, 8, np.ones(8), True),
        spectrum(x, 4, 1, 20, wide(own, 20), False)]
    return parts(*spectra) + [
        signal(z, 3, 9, hann, True), signal(z, 2, 8, hamming, False), signal(z, 2, 8, wide(own, 8), True, length=5), signal(z, 3, 8, np.ones(8), False),
        np.stack([x[..., i:i + 7] for i in range(0, x.shape[-1] - 6, 5)], -2)]


case("shortTime", [rng.normal(size=(2, 40)), rng.uniform(0.2, 1, size=4), *rng.normal(size=(2, 2, 4, 5))], short_time)

path = pathlib.Path(__file__).parent.parent / "Tests/GnomonTests/Fixtures/fourier.npz"
np.savez_compressed(path, **out)
print(len(out), "arrays,", path.stat().st_size, "bytes")
