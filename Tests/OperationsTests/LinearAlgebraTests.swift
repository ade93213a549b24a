import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// Factorizations and solves in the reference interpreter: what they mean, and their derivatives.
@Suite struct LinearAlgebraTests {
  /// Of one matrix, `[2, 4, 4]`; what is made of it has to be well conditioned.
  static let functions: [String: @Sendable (Expr) -> [Expr]] = [
    "cholesky": { [cholesky(positive($0))] },
    "cholesky, read as it is": { [cholesky($0 + 4 * Expr.eye(4, .float64))] },
    "upper cholesky": { [cholesky(positive($0), upper: true)] },
    "lu": {
      let f = lu($0)
      return [f.lower, f.upper]
    },
    "luSolve": { [luSolve(luFactor($0), $0[.all, .all, ..<2])] },
    "luSolve, transposed": { [luSolve(luFactor($0), $0, transposed: true)] },
    "qr": {
      let f = qr($0)
      return [f.q, f.r]
    },
    "eigh": {
      let f = eigh($0)
      return [f.values, f.vectors]
    },
    "symmetricEigenvalues": { [symmetricEigenvalues($0)] },
    "svd": {
      let f = svd($0)
      return [f.u, f.s, f.vt]
    },
    "singularValues": { [singularValues($0)] }, "inverse": { [inverse($0)] },
    "determinant": { [determinant($0)] }, "logDeterminant": { [logDeterminant($0).logarithm] },
    "pseudoInverse": { [pseudoInverse($0)] },
    "polar": {
      let f = polar($0)
      return [f.unitary, f.positive]
    },
    "matrixExponential": { [matrixExponential($0), matrixExponential(9 * $0) * 1e-5] },
  ]

  private static func positive(_ x: Expr) -> Expr {
    matmul(x, x.transposed()) + Expr.eye(x.shape[x.rank - 1], x.dtype)
  }

  /// A polynomial of the results with a weight for each element, so that no derivative vanishes by
  /// symmetry.
  private static func loss(_ results: [Expr]) -> Expr {
    results.enumerated().map { k, y in
      let weights = sample(y.shape.map { $0.constant! }, seed: 70 + UInt64(k))
      return sum(y * y * .constant(weights) + y * 0.3 * .constant(weights))
    }.reduce(0, +)
  }

  @Test(arguments: functions.keys.sorted())
  func `derivatives of one matrix, against difference quotients`(name: String) throws {
    let f = try #require(Self.functions[name])
    try expectGradient([sample([2, 4, 4], seed: 41)], tolerance: 1e-5) { Self.loss(f($0[0])) }
  }

  @Test(arguments: [[3, 5], [5, 3]])
  func `derivatives of wide and tall matrices, against difference quotients`(shape: [Int]) throws {
    let x = sample(shape, seed: 43)
    try expectGradient([x], tolerance: 1e-5) {
      let (q, r) = qr($0[0])
      return Self.loss([q, r])
    }
    try expectGradient([x], tolerance: 1e-5) {
      let (u, s, vt) = svd($0[0])
      return Self.loss([u, s, vt])
    }
    try expectGradient([x], tolerance: 1e-5) {
      let (_, l, u) = lu($0[0])
      return Self.loss([l, u])
    }
    try expectGradient([x], tolerance: 1e-5) { Self.loss([pseudoInverse($0[0])]) }
    try expectGradient([x, sample([shape[0], 2], seed: 4)], tolerance: 1e-5) {
      let fit = leastSquares($0[0], $0[1])
      return Self.loss([fit.solution, fit.residuals])
    }
  }

  @Test func `derivatives of solves, against difference quotients`() throws {
    let (a, b) = (sample([2, 4, 4], seed: 44), sample([4, 3], seed: 45))
    for (lower, transposed, unit) in [
      (true, false, false), (true, true, true), (false, false, true), (false, true, false),
    ] {
      try expectGradient([a, b], tolerance: 1e-5) { x in
        let t = x[0] + 3 * Expr.eye(4, .float64)
        return Self.loss([
          solveTriangular(
            t, x[1], lower: lower, transposed: transposed, unitDiagonal: unit)
        ])
      }
    }
    try expectGradient([a, b], tolerance: 1e-5) { Self.loss([solve($0[0], $0[1])]) }
    try expectGradient([a, sample([4], seed: 46)], tolerance: 1e-5) {
      Self.loss([solve($0[0], $0[1]), choleskySolve(cholesky(Self.positive($0[0])), $0[1])])
    }
    try expectGradient([a, b], tolerance: 1e-5) {
      Self.loss([solve(Self.positive($0[0]), $0[1], positiveDefinite: true)])
    }
    try expectGradient(
      [sample([5], seed: 1), sample([5], seed: 2), sample([5], seed: 3), sample([5, 2], seed: 5)],
      tolerance: 1e-5
    ) {
      Self.loss([tridiagonalSolve(lower: $0[0], diagonal: $0[1] + 2.5, upper: $0[2], $0[3])])
    }
  }

  @Test func `derivatives of equations and eigenvalues, against difference quotients`() throws {
    let (a, b) = (sample([4, 4], seed: 51), sample([2, 3, 3], seed: 52))
    try expectGradient([a, b, sample([2, 4, 3], seed: 53)], tolerance: 1e-5) { x in
      let shifted = x[0] + 3 * Expr.eye(4, .float64)
      return Self.loss([
        sylvester(shifted, x[1], x[2]), lyapunov(shifted, x[0]),
        lyapunov(0.3 * x[1], x[1], discrete: true),
      ])
    }
    try expectGradient([a, sample([4, 2], seed: 54)], tolerance: 1e-5) { x in
      let one = Expr.eye(4, .float64)
      return Self.loss([
        dare(x[0], x[1], Self.positive(x[0]), Expr.eye(2, .float64), steps: 6) / 10 + one
      ])
    }
    try expectGradient([sample([2, 4, 4], seed: 55)], tolerance: 1e-5) {
      let w = eig($0[0]).values
      return Self.loss([w.real, w.imaginary])
    }
    // A pair and real values; what depends on the angle of a vector as well.
    try expectGradient([sample([2, 4, 4], seed: 56)], tolerance: 1e-5) {
      let (w, v) = eig($0[0])
      return Self.loss([v.real, v.imaginary, w.real * v.real[.all, 0]])
    }
  }

  @Test func `second derivatives of a solve and a logarithm of a determinant`() throws {
    try expectGradient([sample([3, 3], seed: 47), sample([3], seed: 48)], tolerance: 1e-5) { x in
      let a = Self.positive(x[0])
      let y = sum(square(solve(a, x[1]))) + logDeterminant(a).logarithm
      let g = gradient(of: y, withRespectTo: [x[0]])[0]
      return sum(square(g))
    }
  }

  @Test func `each is batched as one example after the other`() throws {
    let x = Expr.input("x", .float64, [3, 4, 4])
    let fixed = Expr.constant(sample([4, 2], seed: 50))
    func body(_ a: Expr) -> [Expr] {
      let (w, v) = eigh(a)
      let (u, s, vt) = svd(a)
      let (q, r) = qr(a)
      return [
        cholesky(Self.positive(a)), solve(a, fixed), solve(a, fixed[.all, 0]), inverse(a),
        determinant(a), w, v, u, s, vt, q, r, eig(a).values.imaginary, eig(a).vectors.real,
        sylvester(a, fixed[..<2], fixed), lyapunov(a, a), lyapunov(a, a, discrete: true),
        tridiagonalSolve(lower: a[0], diagonal: a[1] + 3, upper: a[2], fixed),
      ]
    }
    let all = vectorize([x]) { body($0[0]) }
    let one = (0..<3).map { body(x[$0]) }
    let expected = all.indices.map { k in stack(one.map { $0[k] }) }
    let found = try Reference.run(all + expected, [(x, sample([3, 4, 4], seed: 49))])
    for k in all.indices {
      #expect(found[k].identical(to: found[all.count + k]), "result \(k)")
    }
  }

  @Test func `what is no matrix of the right kind is refused`() throws {
    let a = Expr.input("a", .float32, [3, 4])
    let v = Expr.input("v", .float32, [3])
    let n = Expr.input("n", .int32, [3, 3])
    let h = Expr.input("h", .float16, [3, 3])
    let s = Expr.input("s", .float32, [3, 3])
    let d = Expr.input("d", .float64, [3, 3])
    for bad in [cholesky(a), eigh(a).values, inverse(a), determinant(a), matrixExponential(a)] {
      if bad.isInvalid { #expect(try !diagnostic(of: bad).message.isEmpty) }
    }
    #expect(try diagnostic(of: cholesky(a)).code == .shapeMismatch)
    #expect(try diagnostic(of: inverse(a)).code == .shapeMismatch)
    #expect(try diagnostic(of: determinant(v)).code == .rankMismatch)
    #expect(try diagnostic(of: cholesky(v)).code == .rankMismatch)
    #expect(try diagnostic(of: qr(n).q).code == .dtypeNotSupported)
    #expect(try diagnostic(of: svd(h).s).code == .dtypeNotSupported)
    #expect(try diagnostic(of: solve(s, d)).code == .dtypeMismatch)
    #expect(try diagnostic(of: solve(a, v)).code == .shapeMismatch)
    #expect(try diagnostic(of: solve(s, Expr.input("w", .float32, [4]))).code == .shapeMismatch)
    #expect(
      try diagnostic(
        of: solve(.input("x", .float32, [2, 3, 3]), .input("y", .float32, [4, 3, 1]))
      )
      .code == .broadcastMismatch)
    #expect(try diagnostic(of: eig(a).values.real).code == .shapeMismatch)
    #expect(try diagnostic(of: sylvester(s, s, a)).code == .shapeMismatch)
    #expect(try diagnostic(of: sylvester(s, d, s)).code == .dtypeMismatch)
    #expect(try diagnostic(of: lyapunov(a, s)).code == .shapeMismatch)
    #expect(try diagnostic(of: dare(s, a, s, s)).code == .shapeMismatch)
    #expect(throws: GnomonError.self) {
      _ = try Reference.run(
        gradient(of: sum(qr(a.transposed(), complete: true).q), withRespectTo: [a])[0])
    }
  }

  @Test func `a matrix that is not positive definite has NaN for a factor, and no other has`()
    throws
  {
    let x = Expr.input("x", .float64, [2, 2, 2])
    let matrices = Tensor([[[1, 9], [2, 1]], [[4, 9], [2, 5]]] as [[[Double]]])
    let l = try Reference.run(cholesky(x), [(x, matrices)]).doubles
    #expect(l[0].isNaN && l[2].isNaN && l[3].isNaN && l[1] == 0)
    #expect(l[4...] == [2, 0, 1, 2])
  }

  @Test func `a singular matrix has determinant 0 and an infinite logarithm`() throws {
    let x = Expr.input("x", .float64, [2, 2])
    let (sign, log) = logDeterminant(x)
    let found = try Reference.run(
      [determinant(x), sign, log, matrixRank(x)], [(x, Tensor([[1, 2], [2, 4]] as [[Double]]))])
    #expect(found.map { $0.doubles[0] } == [0, 0, -.infinity, 1])
  }
}
