import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct DerivativeProductTests {
  private let x = Expr.input("x", .float64, [3])
  private let v = Expr.input("v", .float64, [3])
  private let at = sample([3], seed: 11)
  private let along = sample([3], seed: 12)

  /// The derivative of `f` along a vector, by a central difference.
  private func difference(_ f: (Expr) -> Expr) throws -> [Double] {
    let h = 1e-6
    let y = f(x)
    func value(_ t: Double) throws -> [Double] {
      let moved = zip(at.doubles, along.doubles).map { $0 + t * $1 }
      return try Reference.run(y, [(x, Tensor(dtype: .float64, shape: [3], doubles: moved))])
        .doubles
    }
    return try zip(value(h), value(-h)).map { ($0 - $1) / (2 * h) }
  }

  @Test func `forward derivatives against difference quotients`() throws {
    let w = Expr.constant(sample([3, 5], seed: 2))
    let functions: [(Expr) -> Expr] = [
      { tanh(matmul($0, w)) }, { softmax($0) * $0 }, { select($0 .> 0, exp($0), $0 * $0) },
      { x in scan(steps: 4, from: x) { sin($0) * x }.every },
      { x in scan(Expr.constant(sample([4, 3], seed: 3)), from: x) { h, r in h * r + x }.last },
      { x in branch(sum(x) .> 0, then: { x * x }, else: { exp(x) }) },
      { logSumExp($0) }, { einsum("i,j->ij", $0, $0).transposed()[1...] },
    ]
    for (n, f) in functions.enumerated() {
      let d = jacobianVectorProduct(of: f(x), withRespectTo: x, vector: v)
      let found = try Reference.run(d, [(x, at), (v, along)]).doubles
      for (a, b) in zip(found, try difference(f)) {
        #expect((a - b).magnitude < 1e-7 * (1 + b.magnitude), "function \(n): \(a), not \(b)")
      }
    }
  }

  @Test func `products from the left and from the right agree with the matrix`() throws {
    let y = tanh(matmul(x, .constant(sample([3, 5], seed: 2)))) * sum(x)
    let u = Expr.constant(sample([5], seed: 4))
    let j = jacobian(of: y, withRespectTo: x)
    #expect(j.shape == [5, 3])
    let left = vectorJacobianProduct(of: y, withRespectTo: x, vector: u)
    let right = jacobianVectorProduct(of: y, withRespectTo: x, vector: v)
    let r = try Reference.run(
      [left - matmul(u, j), right - matmul(j, v)], [(x, at), (v, along)])
    #expect(r.allSatisfy { $0.doubles.allSatisfy { $0.magnitude < 1e-14 } })
  }

  @Test func `jacobians by both modes have rows of the result and columns of the value`() throws {
    // Few results: reverse mode. Many: forward mode.
    for columns in [2, 7] {
      let w = sample([3, columns], seed: 2)
      let j = jacobian(of: matmul(x, .constant(w)), withRespectTo: x)
      let found = try Reference.run([j, .constant(w).transposed()], [(x, at)])
      #expect(found[0].identical(to: found[1]))
    }
    let m = Expr.input("m", .float64, [2, 2])
    let square = jacobian(of: matmul(m, m), withRespectTo: m)
    #expect(square.shape == [2, 2, 2, 2])
    let values = try Reference.run(square, [(m, Tensor([[1.0, 2], [3, 4]]))]).doubles
    #expect(values[0..<4] == [2, 3, 2, 0])
  }

  @Test func `second derivatives as a matrix and as a product`() throws {
    let loss = sum(exp(x) * x[0]) + x[1] * x[2] * x[2]
    let h = hessian(of: loss, withRespectTo: x)
    let p = hessianVectorProduct(of: loss, withRespectTo: x, vector: v)
    let r = try Reference.run(
      [h - h.transposed(), matmul(h, v) - p, h], [(x, at), (v, along)])
    #expect(r[0].doubles.allSatisfy { $0.magnitude < 1e-14 })
    #expect(r[1].doubles.allSatisfy { $0.magnitude < 1e-14 })
    #expect((r[2].doubles[5] - 2 * at.doubles[2]).magnitude < 1e-14)
  }

  @Test func `the jacobian of a logistic map is the product of its slopes`() throws {
    // x -> r x (1 - x), three hundred times.
    let rate = 3.7
    let end = scan(steps: 30, from: x) { rate * $0 * (1 - $0) }
    let j = jacobian(of: end.last, withRespectTo: x)
    let start = Tensor([0.2, 0.5, 0.71])
    let found = try Reference.run(j, [(x, start)]).doubles
    for (i, value) in start.doubles.enumerated() {
      var (s, slope) = (value, 1.0)
      for _ in 0..<30 { (s, slope) = (rate * s * (1 - s), slope * rate * (1 - 2 * s)) }
      for k in 0..<3 {
        let expected = k == i ? slope : 0
        #expect((found[i * 3 + k] - expected).magnitude <= 1e-9 * expected.magnitude)
      }
    }
  }

  @Test func `while loops have derivatives when their steps are bounded`() throws {
    try expectGradient([Tensor([2.0, 3, 5])]) { v in
      // Newton's iteration for a square root.
      sum(
        whileLoop(v[0], maximum: 40, while: { any(abs($0 * $0 - v[0]) .> 1e-12) }) {
          ($0 + v[0] / $0) / 2
        })
    }
    let unbounded = whileLoop(x, while: { sum($0) .> 1 }) { $0 / 2 }
    #expect(try diagnostic(of: gradient(of: sum(unbounded), withRespectTo: x)).code == .noGradient)
  }

  @Test func `a while loop ends at its maximum, and at once if the condition fails`() throws {
    let n = whileLoop(Expr.constant(0, .int32, at: .unknown), maximum: 5, while: { $0 .< 9 }) {
      $0 + 1
    }
    let none = whileLoop(x, while: { sum($0) .> 1e9 }) { $0 * 2 }
    let r = try Reference.run([n, none], [(x, at)])
    #expect(r[0].integers == [5])
    #expect(r[1].doubles == at.doubles)
  }

  @Test func `a case is chosen by an integer, with its derivative`() throws {
    let k = Expr.input("k", .int32, [])
    let y = switchCase(k, [{ sum(x) }, { sum(x * x) }, { sum(x * x * x) }, { x[0] }, { x[1] * 2 }])
    let d = gradient(of: y, withRespectTo: x)
    let three = Tensor([1.0, 2, 3])
    let values = [6.0, 14, 36, 1, 4]
    let slopes = [[1.0, 1, 1], [2, 4, 6], [3, 12, 27], [1, 0, 0], [0, 2, 0]]
    for i in -1...6 {
      let r = try Reference.run([y, d], [(x, three), (k, Tensor(i, dtype: .int32))])
      let chosen = min(max(i, 0), 4)
      #expect(r[0].double(at: 0) == values[chosen])
      #expect(r[1].doubles == slopes[chosen])
    }
    #expect(try diagnostic(of: switchCase(x, [{ x }])).code == .branchMismatch)
  }
}
