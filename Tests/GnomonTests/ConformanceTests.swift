import Foundation
import Gnomon
import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// What NumPy and SciPy (`scripts/conformance_values.py`, `scripts/linear_algebra_values.py`,
/// `scripts/fourier_values.py`, `scripts/matrix_equation_values.py`), Keras and JAX
/// (`scripts/neural_values.py`) make of the same operands, against the reference interpreter and against
/// compiled code.
@Suite struct ConformanceTests {
  struct Case: Sendable {
    let name: String
    /// Relative to a result of magnitude 1 or more, and to smaller ones where `isRelative`.
    var tolerance = 1e-12
    var isRelative = false
    let formula: @Sendable ([Expr]) -> [Expr]
  }

  static let fixtures: [String: Tensor] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    var all: [String: Tensor] = [:]
    for file in [
      "conformance.npz", "neural.npz", "breadth.npz", "linear-algebra.npz", "fourier.npz",
      "matrix-equations.npz",
    ] {
      let tensors = try? Tensor.readNPZDictionary(folder.appending(path: file).path)
      all.merge(tensors ?? [:]) { $1 }
    }
    return all
  }()

  static func unary(_ functions: [(String, Double, @Sendable (Expr) -> Expr)]) -> [Case] {
    functions.flatMap { name, tolerance, f in
      [
        Case(name: name, tolerance: tolerance, isRelative: true) { [f($0[0])] },
        Case(name: name + "32", tolerance: 3e-7, isRelative: true) { [f($0[0])] },
      ]
    }
  }

  static let special =
    unary([
      ("atan", 1e-15, { atan($0) }), ("sinh", 1e-15, { sinh($0) }), ("cosh", 1e-15, { cosh($0) }),
      ("asinh", 1e-15, { asinh($0) }), ("exp2", 1e-15, { exp2($0) }), ("cbrt", 1e-15, { cbrt($0) }),
      ("truncate", 0, { truncate($0) }), ("erfc", 2e-15, { erfc($0) }),
      ("erfcx", 2e-15, { erfcx($0) }),
      ("besselI0Scaled", 8e-15, { besselI0Scaled($0) }),
      ("besselI1Scaled", 8e-15, { besselI1Scaled($0) }),
      ("normalCDF", 2e-15, { normalCDF($0) }), ("logNormalCDF", 1e-14, { logNormalCDF($0) }),
      ("besselI0", 1e-14, { besselI0($0) }), ("besselI1", 1e-14, { besselI1($0) }),
      ("asin", 1e-15, { asin($0) }), ("acos", 1e-15, { acos($0) }), ("atanh", 1e-15, { atanh($0) }),
      ("erfinv", 1e-14, { erfinv($0) }), ("erfcinv", 1e-14, { erfcinv($0) }),
      ("normalQuantile", 1e-14, { normalQuantile($0) }), ("acosh", 1e-15, { acosh($0) }),
      ("log2", 1e-15, { log2($0) }), ("log10", 1e-15, { log10($0) }),
      ("gamma", 5e-14, { gamma($0) }),
      ("trigamma", 1e-13, { polygamma(1, $0) }), ("polygamma3", 1e-12, { polygamma(3, $0) }),
      ("degrees", 1e-15, { degrees($0) }),
      ("radians", 1e-15, { radians($0) }), ("log1mexp", 1e-12, { log1mexp($0) }),
      ("entropyTerm", 1e-14, { entropyTerm($0) }),
      ("roundHalfAway", 0, { roundHalfAway($0) }), ("zeta", 1e-13, { zeta($0, 1) }),
    ]) + [
      // Near their zeros only the error of the argument is left.
      Case(name: "logGamma", tolerance: 2e-14) { [logGamma($0[0])] },
      Case(name: "logGamma32", tolerance: 1e-6) { [logGamma($0[0])] },
      Case(name: "digamma", tolerance: 5e-13) { [digamma($0[0])] },
      Case(name: "digamma32", tolerance: 1e-6) { [digamma($0[0])] },
      Case(name: "sinc", tolerance: 1e-14) { [sinc($0[0])] },
      Case(name: "sinc32", tolerance: 2e-7) { [sinc($0[0])] },
      Case(name: "logit", tolerance: 1e-14) { [logit($0[0])] },
      Case(name: "logit32", tolerance: 2e-7) { [logit($0[0])] },
      Case(name: "besselJ0", tolerance: 1e-13) { [besselJ0($0[0])] },
      Case(name: "besselJ032", tolerance: 1e-6) { [besselJ0($0[0])] },
      Case(name: "besselJ1", tolerance: 1e-13) { [besselJ1($0[0])] },
      Case(name: "besselJ132", tolerance: 1e-6) { [besselJ1($0[0])] },
    ]

  static func binary(
    _ functions: [(String, Double, @Sendable (Expr, Expr) -> Expr)]
  ) -> [Case] {
    functions.map { name, tolerance, f in
      Case(name: name, tolerance: tolerance) { [f($0[0], $0[1])] }
    }
  }

  static let pairs =
    binary([
      ("atan2", 1e-15, { atan2($0, $1) }), ("hypot", 1e-15, { hypot($0, $1) }),
      ("logAddExp", 1e-15, { logAddExp($0, $1) }), ("logAddExp2", 1e-14, { logAddExp2($0, $1) }),
      ("copySign", 0, { copySign($0, $1) }), ("fmax", 0, { fmax($0, $1) }),
      ("fmin", 0, { fmin($0, $1) }), ("heaviside", 0, { heaviside($0, $1) }),
      ("xLogY", 1e-14, { xLogY($0, $1) }), ("xLog1pY", 1e-14, { xLog1pY($0, $1) }),
      ("beta", 1e-13, { beta($0, $1) }), ("logBeta", 1e-13, { logBeta($0, $1) }),
      ("pochhammer", 1e-12, { pochhammer($0, $1) }),
      ("floorDivide", 0, { floorDivide($0, $1) }), ("nextAfter", 0, { nextAfter($0, $1) }),
      ("relativeEntropyTerm", 1e-13, { relativeEntropyTerm($0, $1) }),
      ("klTerm", 1e-13, { klTerm($0, $1) }), ("hurwitz", 1e-12, { zeta($0, $1) }),
      ("binomialCoefficient", 1e-12, { binomialCoefficient($0, $1) }),
      ("isClose", 0, { isClose($0, $1) }),
      ("greatestCommonDivisor", 0, { greatestCommonDivisor($0, $1) }),
      ("leastCommonMultiple", 0, { leastCommonMultiple($0, $1) }), ("ldexp", 0, { ldexp($0, $1) }),
    ]) + [
      Case(name: "bitCount") { [bitCount($0[0])] },
      Case(name: "leadingZeros") { [leadingZeros($0[0])] },
      Case(name: "shifts") { [$0[0] .<< $0[1], $0[0] .>> $0[1]] },
    ]

  static let lines =
    [0, 1, 2].flatMap { axis in
      [
        Case(name: "cumulative\(axis)") { x in
          [
            cumulativeSum(x[0], axis: axis), cumulativeProduct(x[0], axis: axis),
            cumulativeMax(x[0], axis: axis), cumulativeMin(x[0], axis: axis),
            cumulativeLogSumExp(x[0], axis: axis), cumulativeSum(x[0], axis: axis, reversed: true),
            difference(x[0], axis: axis),
          ]
        },
        Case(name: "sorting\(axis)") { x in
          [
            sorted(x[0], axis: axis), argsort(x[0], axis: axis),
            sorted(x[0], axis: axis, descending: true), median(x[0], axis: axis),
            quantile(x[0], 0.3, axis: axis), percentile(x[0], 71, axis: axis, method: .higher),
          ]
        },
      ]
    } + [
      Case(name: "argsortTies") { [argsort($0[0]), argsort($0[0], descending: true)] },
      Case(name: "missing") { x in
        [
          nanSum(x[0], axes: [1]), nanProduct(x[0], axes: [1]), nanMean(x[0], axes: [1]),
          nanVariance(x[0], axes: [1]), nanStandardDeviation(x[0], axes: [1]),
          nanMax(x[0], axes: [1]), nanMin(x[0], axes: [1]), nanArgmax(x[0], axis: 1),
          nanArgmin(x[0], axis: 1), nanMedian(x[0]), nanQuantile(x[0], 0.4),
          nanCumulativeSum(x[0]), nanCumulativeProduct(x[0]),
        ]
      },
      Case(name: "searchSorted") { x in
        [
          searchSorted(x[0], x[1]), searchSorted(x[0], x[1], right: true),
          digitize(x[1], bins: x[0]),
        ]
      },
      Case(name: "interpolate") { [interpolate($0[0], xs: $0[1], ys: $0[2])] },
      Case(name: "unique") { x in
        let both = unique(x[0], size: 9, fill: -1)
        return [both.values, both.counts]
      },
      Case(name: "counting") { x in
        [
          binCount(x[0], count: 8), binCount(x[0], count: 8, weights: x[1]),
          histogram(x[1], bins: 6, low: -4, high: 4),
          isIn(x[0], .constant(Tensor([1, 3], dtype: .int64))),
        ]
      },
      Case(name: "norms") { x in
        [
          norm(x[0], axes: [2]), norm(x[0], order: 1, axes: [2]),
          norm(x[0], order: .infinity, axes: [2]), norm(x[0], order: 3, axes: [2]),
          peakToPeak(x[0], axes: [2]), countNonzero(x[0] .> 0, axes: [2]),
          weightedMean(x[0], weights: Expr.range(1, 7, .float64), axes: [2]),
        ]
      },
      Case(name: "segments") { x in
        let order = Expr.constant(Tensor([0, 2, 1], dtype: .int64))
        return [
          take(segmentSum(x[0], x[1], count: 3), take(order, order)),
          take(segmentProduct(x[0], x[1], count: 3), take(order, order)),
          take(segmentMax(x[0], x[1], count: 3), take(order, order)),
          take(segmentMin(x[0], x[1], count: 3), take(order, order)),
        ]
      },
    ]

  static let modes: [(String, PaddingMode)] = [
    ("edge", .edge), ("reflect", .reflect), ("symmetric", .symmetric), ("wrap", .wrap),
    ("linear_ramp", .linearRamp(end: 0)), ("mean", .mean), ("maximum", .maximum),
    ("minimum", .minimum),
  ]

  static let shapes =
    modes.map { name, mode in
      Case(name: "pad_\(name)") { [$0[0].padded([(2, 3), (1, 2)], mode: mode)] }
    } + [
      Case(name: "shapes") { x in
        let x = x[0]
        return [
          x.rolled(by: 2, axis: 0), x.rolled(by: -1, axis: 1), x.rotated90(), x.rotated90(3),
          hStack([x, x]), vStack([x, x]), dStack([x, x]), columnStack([x[.all, 0], x]),
          kron(x, x[..<2, ..<2]), diagonal(x, offset: 1), diagonal(x, offset: -2),
          diagonalMatrix(x[0], offset: 1), diagonalMatrix(x[0], offset: -1),
          vandermonde(x[0], columns: 3), Expr.tri(4, columns: 5, diagonal: 1, .float64),
        ]
      },
      Case(name: "windows") { _ in
        [
          hannWindow(9, .float64), hammingWindow(9, .float64), blackmanWindow(9, .float64),
          bartlettWindow(9, .float64), kaiserWindow(9, beta: 5.5, .float64),
          Expr.logspace(-2, 3, count: 7, .float64), Expr.geomspace(1, 1000, count: 4, .float64),
        ]
      },
      Case(name: "meshgrid") { meshgrid([$0[0], $0[1]]) },
      Case(name: "signals") { x in
        [
          convolve(x[0], x[1]), convolve(x[0], x[1], mode: .same),
          convolve(x[0], x[1], mode: .valid),
          correlate(x[0], x[1]), correlate(x[0], x[1], mode: .same),
          correlate(x[0], x[1], mode: .valid),
        ]
      },
      Case(name: "signals2") {
        [convolve2d($0[0], $0[1]), correlate2d($0[0], $0[1], mode: .valid)]
      },
      Case(name: "products") { x in
        let square = x[0][.all, ..<5]
        return [
          vectorDot(x[0], x[1]), matrixVector(x[0], x[1][0]), vectorMatrix(x[0][.all, 0], x[1]),
          cross(x[0][.all, ..<3], x[1][.all, ..<3]), trace(square), matrixPower(square, 5),
          multiDot([x[0], x[1].transposed(), x[0], x[1].transposed()]),
        ]
      },
      Case(name: "updates") { x in
        [
          x[0].setting(x[2], at: x[1]), x[0].adding(x[2], at: x[1]),
          x[0].multiplying(x[2], at: x[1]), x[0].minimizing(x[2], at: x[1]),
          x[0].maximizing(x[2], at: x[1]),
          x[0].setting(7, in: [1..<4, .range(by: 2)]), x[0].adding(2, in: [-1]),
        ]
      },
      Case(name: "indexing") { x in
        [
          gatherND(x[0], x[1]), flatNonzero(x[0] .> 0, size: 5),
          choose(.constant(Tensor([0, 1, 1, 0], dtype: .int64)), [x[0][0], x[0][1]]),
          selectCase([x[0] .> 1, x[0] .> 0], [x[0], x[0] * 10], otherwise: -1),
        ]
      },
    ]

  @Test(arguments: [
    special, pairs, lines, shapes, NeuralCases.all, BreadthCases.all, BreadthCases.special,
    LinearAlgebraCases.all, FourierCases.all, MatrixEquationCases.all,
  ])
  func `results agree with NumPy, SciPy, Keras and JAX, interpreted and compiled`(_ cases: [Case])
    throws
  {
    var inputs: [Expr] = []
    var tensors: [Tensor] = []
    var outputs: [Expr] = []
    for c in cases {
      var own: [Expr] = []
      while let x = Self.fixtures["\(c.name):x\(own.count)"] {
        own.append(.input("\(c.name)_\(own.count)", x.dtype, x.shape.map { Dim($0) }))
        tensors.append(x)
      }
      try #require(!own.isEmpty, "\(c.name) has no operands")
      inputs += own
      outputs += c.formula(own)
    }
    // Not all of a group needs its operands.
    let f = try compile(
      inputs: inputs, outputs: outputs, options: CompileOptions(name: "conformance", mode: .fast))
    let compiled = try f.outputs(tensors)
    let graph = try Graph.build(name: "conformance", inputs: inputs, results: outputs)
    let interpreted = try Interpreter(graph).run(tensors)
    var next = 0
    for c in cases {
      for k in 0..<c.formula(inputsOf(c, inputs)).count {
        let expected = try #require(Self.fixtures["\(c.name):y\(k)"], "\(c.name):y\(k)")
        for (how, found) in [("interpreted", interpreted[next]), ("compiled", compiled[next])] {
          let fault = Self.fault(found, expected, c)
          #expect(fault == nil, "\(c.name) \(k), \(how): \(fault ?? "")")
        }
        next += 1
      }
    }
  }

  private func inputsOf(_ c: Case, _ inputs: [Expr]) -> [Expr] {
    inputs.filter { $0.name?.hasPrefix("\(c.name)_") == true }
  }

  private static func fault(_ found: Tensor, _ expected: Tensor, _ c: Case) -> String? {
    guard Array(found.shape) == Array(expected.shape) else {
      return "shape \(found.shape) instead of \(expected.shape)"
    }
    for (i, (a, e)) in zip(found.doubles, expected.doubles).enumerated() {
      if a == e || (a.isNaN && e.isNaN) { continue }
      let scale = c.isRelative ? Swift.max(e.magnitude, 1e-37) : Swift.max(e.magnitude, 1)
      if (a - e).magnitude <= c.tolerance * scale { continue }
      return "element \(i) is \(a) instead of \(e)"
    }
    return nil
  }
}
