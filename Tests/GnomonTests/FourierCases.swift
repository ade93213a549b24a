import Gnomon
import Testing

/// What `scripts/fourier_values.py` makes with NumPy, in float64 and float32.
enum FourierCases {
  private static func parts(_ list: [ComplexExpr]) -> [Expr] {
    list.flatMap { [$0.real, $0.imaginary] }
  }

  /// A transform's error grows with the logarithm of its length and with the length of the vector: below 170
  /// that is 8 steps of some 20 times the precision. Bluestein's convolution takes three transforms.
  static let all: [ConformanceTests.Case] =
    numbers + shortTimes
    + [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 17, 30, 34, 60, 64, 97, 128, 169].flatMap { n in
      LinearAlgebraCases.both("fourier\(n)", 1e-13, 4e-5) { x in
        let z = complex(x[0], x[1])
        return parts([fft(z), ifft(z), fft(x[0]), rfft(x[0])]) + [irfft(rfft(x[0]), n: Dim(n))]
      }
    }
    + LinearAlgebraCases.both("fouriers", 1e-13, 2e-5) { x in
      let z = complex(x[0], x[1])
      return parts([
        fft(z, axis: 1), fft2(z), ifft2(z, norm: .ortho), fftn(z, norm: .forward),
        ifftn(z, axes: [0, 2]), rfft(x[0], axis: 0, norm: .ortho),
      ]) + [
        irfft(z.mapParts { $0[.all, .all, ..<3] }, n: 5), irfft(z),
        irfft(z, axis: 1, norm: .forward), fftShift(x[0]), ifftShift(x[0], axes: [1]),
        fftShift(x[0][.all, ..<3], axes: [1]), ifftShift(x[0][.all, ..<3], axes: [1]),
        Expr.fftFrequencies(7, spacing: 0.5, x[0].dtype), Expr.fftFrequencies(8, x[0].dtype),
        Expr.rfftFrequencies(7, x[0].dtype), Expr.rfftFrequencies(8, spacing: 0.5, x[0].dtype),
      ]
    }

  private static let shortTimes: [ConformanceTests.Case] = LinearAlgebraCases.both(
    "shortTime", 1e-13, 3e-5
  ) { x in
    let z = complex(x[2], x[3])
    return parts([
      stft(x[0], length: 6, stride: 3, fftLength: 9),
      stft(x[0], length: 8, stride: 4, fftLength: 8, window: .hamming, center: false),
      stft(x[0], length: 5, stride: 7, fftLength: 8, window: .none),
      stft(x[0], length: 4, stride: 1, fftLength: 20, window: .samples(x[1]), center: false),
    ]) + [
      istft(z, length: 6, stride: 3, fftLength: 9),
      istft(z, length: 8, stride: 2, fftLength: 8, window: .hamming, center: false),
      istft(z, length: 4, stride: 2, fftLength: 8, count: 5, window: .samples(x[1])),
      istft(z, length: 8, stride: 3, fftLength: 8, window: .none, center: false),
      extractSequences(x[0], length: 7, stride: 5),
    ]
  }

  /// The exponent of a power multiplies the error of the logarithm; edges are exact, or one rounding away.
  private static let numbers: [ConformanceTests.Case] =
    LinearAlgebraCases.both("complexArithmetic", 1e-14, 1e-5) { x in
      let (z, w) = (complex(x[0], x[1]), complex(x[2], x[3]))
      return parts([
        z + w, z - w, z * w, z / w, z + 2, 2 - z, z - x[0], x[0] * z, z / x[0], 1 / z, -z,
        sum(z, axes: [1]), matmul(z, w.transposed()), w.adjoint(),
      ])
    }
    + LinearAlgebraCases.both("complexFunctions", 1e-13, 5e-5) { x in
      let (z, w) = (complex(x[0], x[1]), complex(x[2], x[3]))
      return parts([conj(z), exp(z), log(z), sqrt(z), power(z, w), sin(z), cos(z)])
        + [abs(z), angle(z)]
    }
    + LinearAlgebraCases.both("complexEdges", 1e-15, 3e-7) { x in
      let z = complex(x[0], x[1])
      let one = complex(ones(like: x[0]), ones(like: x[0]))
      return parts([sqrt(z), log(z), one / z, z / complex(2 * one.real, one.real)])
        + [abs(z), angle(z)]
    }
    + LinearAlgebraCases.both("complexSolves", 1e-11, 1e-3) { x in
      let a = complex(x[0], x[1])
      return parts([solve(a, complex(x[2], x[3])), solve(a, complex(x[4], x[5]))])
    }
}
