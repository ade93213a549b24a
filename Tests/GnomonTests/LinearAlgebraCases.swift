import Gnomon
import Testing

/// What `scripts/linear_algebra_values.py` makes with NumPy and SciPy, in float64 and float32.
enum LinearAlgebraCases {
  static func both(
    _ name: String, _ tolerance: Double, _ narrow: Double,
    _ f: @escaping @Sendable ([Expr]) -> [Expr]
  ) -> [ConformanceTests.Case] {
    [
      ConformanceTests.Case(name: name, tolerance: tolerance, formula: f),
      ConformanceTests.Case(name: name + "32", tolerance: narrow, formula: f),
    ]
  }

  static let all: [ConformanceTests.Case] =
    matrices("small", isLarge: false) + matrices("large", isLarge: true)
    + ["wide", "tall", "longer"].flatMap { name in
      both("\(name)Factors", 1e-11, 2e-3) { x in
        let (p, l, u) = lu(x[0])
        let (q, r) = qr(x[0])
        let (left, s, vt) = svd(x[0])
        let (unitary, positive) = polar(x[0])
        return [
          p, l, u, q, r, left, s, vt, svd(x[0], full: true).s, qr(x[0], complete: true).r,
          pseudoInverse(x[0]), unitary, positive, polar(x[0], left: true).positive,
        ]
      }
        + both("\(name)Fit", 1e-11, 2e-3) { x in
          let fit = leastSquares(x[0], x[1])
          return [fit.solution, fit.residuals, fit.rank]
        }
    }
    + both("flat", 1e-11, 1e-4) { x in
      [
        matrixRank(x[0], tolerance: 1e-5), pseudoInverse(x[0], tolerance: 1e-5),
        leastSquares(x[0], x[1], tolerance: 1e-5).solution,
      ]
    }
    + both("tridiagonal", 1e-12, 1e-4) { x in
      [x[3], x[3][.all, 0]].map {
        tridiagonalSolve(lower: x[0], diagonal: x[1], upper: x[2], $0)
      }
    }
    + both("tensors", 1e-11, 1e-3) { x in
      [tensorInverse(x[0], axes: 2), tensorSolve(x[0], x[1])]
    }

  private static func matrices(_ name: String, isLarge: Bool) -> [ConformanceTests.Case] {
    both("\(name)Factors", 1e-12, 2e-4) { x in
      let (p, l, u) = lu(x[1])
      let (q, r) = qr(x[1])
      return [cholesky(x[0]), cholesky(x[0], upper: true), p, l, u, q, r]
    }
      + both("\(name)Spectra", 1e-11, 2e-3) { x in
        let (w, v) = eigh(x[0])
        let (u, s, vt) = svd(x[1])
        return [w, v, u, s, vt, symmetricEigenvalues(x[0]), singularValues(x[1])]
      }
      + both("\(name)Solves", 1e-11, 2e-3) { x in
        let (a, p, b) = (x[0], x[1], x[2])
        let t = a + 6 * Expr.eye(a.shape[a.rank - 1], a.dtype)
        return [
          solve(a, b), solve(p, b, positiveDefinite: true), inverse(a),
          solveTriangular(t, b, lower: true),
          solveTriangular(t, b, lower: false, transposed: true),
          isLarge ? b : solveTriangular(a, b, lower: true, unitDiagonal: true),
          choleskySolve(cholesky(p), b), luSolve(luFactor(a), b),
          luSolve(luFactor(a), b, transposed: true),
        ]
      }
      + both("\(name)Numbers", 1e-11, 1e-3) { x in
        let (sign, logarithm) = logDeterminant(x[0])
        return [
          determinant(x[0]), sign, logarithm, logDeterminant(x[1]).logarithm, matrixRank(x[0]),
        ]
      }
      + both("\(name)Exponential", 1e-11, 1e-3) { x in
        [matrixExponential(x[0]), matrixExponential(x[1])]
      }
  }
}
