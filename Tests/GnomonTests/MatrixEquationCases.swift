import Gnomon
import Testing

/// What `scripts/matrix_equation_values.py` makes with NumPy and SciPy, in float64 and float32.
enum MatrixEquationCases {
  /// Random matrices of these sizes have conditions up to some thousands.
  static let all: [ConformanceTests.Case] =
    [1, 2, 5, 12].flatMap { n in
      LinearAlgebraCases.both("eig\(n)", 1e-11, 2e-3) { x in
        let (w, v) = eig(x[0])
        return [w.real, w.imaginary, v.real, v.imaginary]
      }
    }
    + LinearAlgebraCases.both("equations", 1e-10, 2e-3) { x in
      let q = matmul(x[3], x[3].transposed()) + Expr.eye(5, x[0].dtype)
      return [
        sylvester(x[0], x[1], x[2]), lyapunov(x[0], x[3]), lyapunov(x[0] / 4, x[3], discrete: true),
        dare(x[0] / 2, x[4], q, Expr.eye(2, x[0].dtype)),
      ]
    }
}
