import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct CustomGradientTests {
  let x = Expr.input("x", .float64, [3])
  let at = Tensor(dtype: .float64, shape: [3], doubles: [0.3, -1.2, 2])

  private func values(_ e: Expr) throws -> [Double] {
    try Reference.run(e, [(x, at)]).doubles
  }

  @Test func `the rule stands in for the derivative, in both modes and any order`() throws {
    // A rule that is true: everything agrees with the plain function.
    let custom = customGradient(x) {
      exp($0 * $0)
    } gradient: { x, y, g in
      2 * g * x * y
    }
    let plain = exp(x * x)
    let v = Expr.constant(Tensor(dtype: .float64, shape: [3], doubles: [1, -2, 0.5]))
    for (a, b) in [
      (custom, plain),
      (gradient(of: sum(custom), withRespectTo: x), gradient(of: sum(plain), withRespectTo: x)),
      (
        jacobianVectorProduct(of: custom, withRespectTo: x, vector: v),
        jacobianVectorProduct(of: plain, withRespectTo: x, vector: v)
      ),
      (
        hessianVectorProduct(of: sum(custom), withRespectTo: x, vector: v),
        hessianVectorProduct(of: sum(plain), withRespectTo: x, vector: v)
      ),
      (jacobian(of: custom, withRespectTo: x), jacobian(of: plain, withRespectTo: x)),
      (hessian(of: sum(custom), withRespectTo: x), hessian(of: sum(plain), withRespectTo: x)),
    ] {
      for (p, q) in zip(try values(a), try values(b)) { #expect(abs(p - q) <= 1e-12 * abs(q)) }
    }
    // One that is not: it is the rule that counts.
    let odd = customGradient(x) {
      exp($0)
    } gradient: { _, _, g in
      g * 7
    }
    #expect(try values(gradient(of: sum(odd * 2), withRespectTo: x)) == [14, 14, 14])
  }

  @Test func `several operands and results, integers among them`() throws {
    let k = Expr.constant(Tensor([1, 2, 3], dtype: .int32))
    let y = customGradient([x, k, x + 1]) { xs in
      [xs[0] * xs[2], xs[0] + xs[1].cast(to: .float64)]
    } gradient: { xs, _, g in
      [g[0] * xs[2] + g[1], xs[1], g[0] * xs[0]]
    }
    #expect(try values(y[1]) == [1.3, 0.8, 5])
    let d = gradient(of: sum(y[0]) + 3 * sum(y[1]), withRespectTo: x)
    // x (x + 1) has 2 x + 1.
    for (p, q) in zip(try values(d), at.doubles) { #expect(abs(p - (2 * q + 1 + 3)) < 1e-14) }
    // A result that nobody uses has derivative 0.
    let first = gradient(of: sum(y[1]), withRespectTo: x)
    #expect(try values(first) == [1, 1, 1])
  }

  @Test func `a tangent gives both modes`() throws {
    let y = customTangent(x) {
      sin($0)
    } tangent: { x, _, direction in
      direction * cos(x)
    }
    let v = Expr.constant(Tensor(dtype: .float64, shape: [3], doubles: [1, 2, 3]))
    let forward = try values(jacobianVectorProduct(of: y, withRespectTo: x, vector: v))
    let backward = try values(gradient(of: sum(y * v), withRespectTo: x))
    let expected = try values(cos(x) * v)
    #expect(forward == expected && backward == expected)
  }

  @Test func `scaled, clipped and undefined derivatives`() throws {
    let scaled = gradient(of: sum(scaleGradient(x, by: -0.5) * x), withRespectTo: x)
    #expect(try values(scaled) == at.doubles.map { $0 * 0.5 })
    let clipped = gradient(of: sum(square(clipGradient(x, low: -1, high: 1))), withRespectTo: x)
    #expect(try values(clipped) == [0.6, -1, 1])
    let not = undefinedGradient(x, "chosen, not learned")
    #expect(try values(not) == at.doubles)
    let error = try diagnostic(of: gradient(of: sum(not), withRespectTo: x))
    #expect(error.code == .noGradient && error.message.contains("chosen, not learned"))
  }

  @Test func `within a loop, a branch and a batch`() throws {
    func swapped(_ e: Expr) -> Expr {
      customGradient(e) {
        exp($0)
      } gradient: { e, _, g in
        g * cos(e)
      }
    }
    let looped = scan(steps: 2, from: x) { swapped($0) }.last
    let d = gradient(of: sum(looped), withRespectTo: x)
    let expected = try values(cos(exp(x)) * cos(x))
    #expect(try values(d) == expected)
    let chosen = branch(sum(x) .> 0, then: { swapped(x) }, else: { x })
    #expect(
      try values(gradient(of: sum(chosen), withRespectTo: x)) == values(cos(x)))
    // In a batch, what all examples share collects their derivatives.
    let w = Expr.input("w", .float64, [])
    let all = vectorize(x) { e in
      customGradient([e, w]) {
        [$0[0] * $0[1]]
      } gradient: { xs, _, g in
        [g[0] * xs[1] * 10, g[0] * xs[0] * 10]
      }[0]
    }
    let (dx, dw) = gradient(of: sum(all), withRespectTo: x, w)
    let found = try Reference.run([all, dx, dw], [(x, at), (w, Tensor(2.0))])
    #expect(found[0].doubles == at.doubles.map { $0 * 2 })
    #expect(found[1].doubles == [20, 20, 20])
    #expect(abs(found[2].double(at: 0) - 11) < 1e-12)
  }

  @Test func `a recomputed part has the same values and derivatives`() throws {
    try expectGradient([sample([4], seed: 3), sample([4, 4], seed: 4)], tolerance: 1e-5) { v in
      let h = recompute { tanh(matmul(v[1], v[0])) }
      let both = recompute { [h * h, sum(matmul(v[1], h))] }
      return sum(both[0] * v[0]) + both[1]
    }
    let plain = tanh(tanh(x) * x)
    let again = recompute { tanh(recompute { tanh(x) } * x) }
    for (a, b) in [
      (gradient(of: sum(again), withRespectTo: x), gradient(of: sum(plain), withRespectTo: x)),
      (hessian(of: sum(again), withRespectTo: x), hessian(of: sum(plain), withRespectTo: x)),
    ] {
      for (p, q) in zip(try values(a), try values(b)) { #expect(abs(p - q) < 1e-12) }
    }
  }
}

@Suite struct SolverTests {
  @Test func `a root moves as the theorem of implicit functions says`() throws {
    // x0² + x1 = a, x0 x1 = b.
    try expectGradient([Tensor(dtype: .float64, shape: [2], doubles: [5, 2])], tolerance: 1e-4) {
      v in
      let a = v[0]
      let x = root(from: Expr.constant(Tensor(dtype: .float64, shape: [2], doubles: [2, 1]))) { x in
        stack([x[0] * x[0] + x[1] - a[0], x[0] * x[1] - a[1]])
      }
      return sum(
        x.value * x.value * Expr.constant(Tensor(dtype: .float64, shape: [2], doubles: [1, 3])))
    }
    let a = Expr.input("a", .float64, [])
    let x = root(from: Expr.constant(Tensor(1.0))) { x in x * x * x - a }
    let (d, dd) = {
      let d = gradient(of: x.value, withRespectTo: a)
      return (d, gradient(of: d, withRespectTo: a))
    }()
    let found = try Reference.run([x.value, d, dd, x.hasConverged], [(a, Tensor(8.0))])
    for (t, e) in zip(found, [2, 1 / 12.0, -1 / 144.0]) { #expect(abs(t.double(at: 0) - e) < 1e-9) }
    #expect(found[3].integers == [1])
  }

  @Test func `a fixed point and its derivative are iterated`() throws {
    try expectGradient([sample([3], seed: 8), sample([3, 3], seed: 9)], tolerance: 1e-5) { v in
      let found = fixedPoint(from: Expr.zeros(.float64, [3])) { x in
        0.4 * tanh(matmul(v[1], x)) + v[0]
      }
      return sum(found.value * found.value)
    }
    // The cosine's fixed point, to which every pocket calculator comes.
    let c = fixedPoint(from: Expr.constant(Tensor(1.0))) { cos($0) }
    #expect(abs(try Reference.scalar(c.value) - 0.739_085_133_215_160_6) < 1e-11)
    let never = fixedPoint(from: Expr.constant(Tensor(1.0)), maximum: 20) { 1 - $0 * 3 }
    #expect(try Reference.run(never.hasConverged).integers == [0])
  }

  @Test func `a root between bounds, element by element`() throws {
    let a = Expr.input("a", .float64, [3])
    let x = rootScalar(between: zeros(like: a), zeros(like: a) + 10) { $0 * $0 - a }
    let d = gradient(of: sum(x), withRespectTo: a)
    let values = Tensor(dtype: .float64, shape: [3], doubles: [2, 9, 50])
    let found = try Reference.run([x, d], [(a, values)])
    for (k, v) in values.doubles.enumerated() {
      #expect(abs(found[0].double(at: k) - v.squareRoot()) < 1e-14)
      #expect(abs(found[1].double(at: k) - 0.5 / v.squareRoot()) < 1e-14)
    }
  }

  @Test func `a minimum moves with what its function depends on`() throws {
    func rosenbrock(_ x: Expr, _ a: Expr) -> Expr {
      square(a - x[0]) + 100 * square(x[1] - x[0] * x[0])
    }
    let a = Expr.input("a", .float64, [])
    let start = Expr.constant(Tensor(dtype: .float64, shape: [2], doubles: [-1.2, 1]))
    let best = minimize(from: start) { rosenbrock($0, a) }
    // The minimum is (a, a²).
    let d = gradient(of: best.value[1], withRespectTo: a)
    let found = try Reference.run([best.value, d, best.hasConverged], [(a, Tensor(1.5))])
    #expect(abs(found[0].double(at: 0) - 1.5) < 1e-6 && abs(found[0].double(at: 1) - 2.25) < 1e-6)
    #expect(abs(found[1].double(at: 0) - 3) < 1e-5)
    #expect(found[2].integers == [1])

    let b = Expr.input("b", .float64, [2])
    let low = minimizeScalar(between: zeros(like: b) - 5, zeros(like: b) + 5) { x in
      square(square(x)) - b * x
    }
    // 4 x³ = b.
    let slope = gradient(of: sum(low), withRespectTo: b)
    let two = try Reference.run(
      [low, slope], [(b, Tensor(dtype: .float64, shape: [2], doubles: [4, 32]))])
    #expect(abs(two[0].double(at: 0) - 1) < 1e-6 && abs(two[0].double(at: 1) - 2) < 1e-6)
    #expect(abs(two[1].double(at: 0) - 1 / 12.0) < 1e-6)
  }

  @Test func `a linear system solved by conjugate gradients`() throws {
    try expectGradient([sample([4, 4], seed: 2), sample([4], seed: 3)], tolerance: 1e-5) { v in
      let a = matmul(v[0], v[0].transposed()) + 2 * Expr.eye(4, .float64)
      let x = customLinearSolve({ matmul(a, $0) }, v[1]) { product, right in
        conjugateGradient(product, right).value
      }
      return sum(x * x * Expr.range(1, 5, .float64))
    }
    let a = Expr.constant(Tensor([[4, 1], [1, 3]] as [[Double]]))
    let b = Expr.constant(Tensor([1, 2] as [Double]))
    let found = conjugateGradient({ matmul(a, $0) }, b)
    let values = try Reference.run([found.value, found.steps])
    #expect(abs(values[0].double(at: 0) - 1 / 11.0) < 1e-12)
    #expect(abs(values[0].double(at: 1) - 7 / 11.0) < 1e-12)
    #expect(values[1].integers == [2])
  }
}
