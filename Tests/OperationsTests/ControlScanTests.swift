import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ControlScanTests {
  let a = Expr.input("a", .float64, [3])
  let xs = Expr.input("xs", .float64, ["time", 3])
  let rows = Tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]])

  // MARK: - Values

  @Test func `a power by repeated products`() throws {
    let power = scan(steps: 5, from: Expr.ones(.float64, [3])) { $0 * a }
    let at = [(a, Tensor([2.0, 3, -1]))]
    #expect(try Reference.run(power.last, at).doubles == [32, 243, -1])
    #expect(
      try Reference.run(power.every, at).doubles == [
        2, 3, -1, 4, 9, 1, 8, 27, -1, 16, 81, 1, 32, 243, -1,
      ])
  }

  @Test func `a polynomial from its coefficients`() throws {
    // Theano's second tutorial: the sum of c[i] * x^i, by Horner's rule from the last coefficient.
    let c = Expr.input("c", .float64, ["degree"])
    let x = Expr.input("x", .float64, [])
    let value = scan(c, from: 0, reversed: true) { sum, c in sum * x + c }.last
    #expect(value.dtype == .float64)
    #expect(
      try Reference.scalar(value, [(c, Tensor([1.0, 0, 2, 3])), (x, Tensor(2.0))]) == 33)
  }

  @Test func `rows forwards and backwards, the last state and every one`() throws {
    let forward = scan(xs, from: Expr.zeros(.float64, [3])) { s, x in 2 * s + x }
    let backward = scan(xs, from: Expr.zeros(.float64, [3]), reversed: true) { s, x in 2 * s + x }
    let r = try Reference.run(
      [forward.last, forward.every, backward.last, backward.every], [(xs, rows)])
    #expect(r[0].doubles == [48, 63, 78])
    #expect(Array(r[1].doubles.prefix(6)) == [1, 2, 3, 6, 9, 12])
    #expect(Array(r[1].doubles.suffix(3)) == r[0].doubles)
    #expect(Array(r[3].doubles.prefix(3)) == r[2].doubles)
    #expect(r[2].doubles == [117, 132, 147])
  }

  @Test func `no rows leave the initial state`() throws {
    let s = scan(xs, from: a) { s, x in s * x }
    let none = Tensor(dtype: .float64, shape: [0, 3], doubles: [])
    let r = try Reference.run([s.last, s.every], [(xs, none), (a, Tensor([1.0, 2, 3]))])
    #expect(r[0].doubles == [1, 2, 3])
    #expect(Array(r[1].shape) == [0, 3])
  }

  @Test func `a state of several values of different types, and outputs apart from it`() throws {
    let (last, outputs) = scan([xs], carrying: [Expr.zeros(.float64, [3]), Expr.zeros(.int32, [])])
    {
      state, row in
      ([state[0] + row[0], state[1] + 1], [sum(state[0]), row[0] * state[1].cast(to: .float64)])
    }
    let r = try Reference.run(last + outputs, [(xs, rows)])
    #expect(r[0].doubles == [22, 26, 30])
    #expect(r[1].integers == [4])
    #expect(r[2].doubles == [0, 6, 21, 45])
    #expect(r[3].doubles == [0, 0, 0, 4, 5, 6, 14, 16, 18, 30, 33, 36])
  }

  @Test func `loops nest`() throws {
    let total = scan(xs, from: 0) { s, row in
      scan(row, from: s) { t, x in t * 0.5 + x }.last
    }.last
    var expected = 0.0
    for x in rows.doubles { expected = expected * 0.5 + x }
    #expect(try Reference.scalar(total, [(xs, rows)]) == expected)
  }

  // MARK: - Derivatives

  @Test func `derivatives of all operands against difference quotients`() throws {
    try expectGradient([
      sample([2, 3]), sample([5, 2, 4], seed: 2), sample([4, 3], seed: 3), sample([3, 3], seed: 4),
      sample([3], seed: 5),
    ]) { v in
      let h = scan(v[1], from: v[0]) { h, x in
        tanh(matmul(x, v[2]) + matmul(h, v[3]) + v[4])
      }
      return sum(h.last * h.last) + sum(h.every[1] * 0.3)
    }
  }

  @Test func `derivatives of a reversed loop with several states`() throws {
    try expectGradient([
      sample([3]), sample([3], seed: 2), sample([4, 3], seed: 3), sample([3], seed: 7),
    ]) { v in
      let (p, q) = scan(v[2], from: (v[0], v[1]), reversed: true) { p, q, x in
        (sin(p * x) + q, q * v[3] + p * x)
      }
      return sum(p.last * q.last) + sum(p.every * q.every)
    }
  }

  @Test func `derivatives through views of captured weights, used twice`() throws {
    try expectGradient([sample([3]), sample([4, 3], seed: 3), sample([6, 3], seed: 4)]) { v in
      sum(
        scan(v[1], from: v[0]) { h, x in
          sin(matmul(v[2][..<3].transposed(), h) + matmul(x, v[2][3...])) + sum(v[2]) * 0.1
        }.last)
    }
  }

  @Test func `second derivatives`() throws {
    try expectGradient([sample([3]), sample([4, 3], seed: 3), sample([3], seed: 9)]) { v in
      let loss = sum(scan(v[1], from: v[0]) { h, x in tanh(h * v[2] + x) }.every)
      let d = gradient(of: loss, withRespectTo: [v[0], v[1], v[2]])
      return sum(d[0] * d[0]) + sum(d[1] * d[1]) + sum(d[2] * d[2])
    }
  }

  @Test func `derivatives of nested loops`() throws {
    try expectGradient([sample([2]), sample([3, 2], seed: 3), sample([2], seed: 9)]) { v in
      sum(
        scan(v[1], from: v[0]) { h, x in
          scan(steps: 3, from: h) { g in tanh(g * v[2] + x) }.last
        }.last)
    }
  }

  @Test func `a loop gives the derivatives of its steps written out`() throws {
    let w = Expr.input("w", .float64, [3, 3])
    let four = Expr.input("four", .float64, [4, 3])
    func step(_ h: Expr, _ x: Expr) -> Expr { tanh(matmul(h, w) + x) }
    let looped = sum(scan(four, from: a, step).last)
    var h = a
    for t in 0..<4 { h = step(h, four[t]) }
    let unrolled = sum(h)
    let bindings = [
      (a, sample([3])), (w, sample([3, 3], seed: 2)), (four, sample([4, 3], seed: 3)),
    ]
    let x = [a, w, four]
    let r = try Reference.run(
      gradient(of: looped, withRespectTo: x) + gradient(of: unrolled, withRespectTo: x), bindings)
    for k in 0..<3 {
      for (p, q) in zip(r[k].doubles, r[k + 3].doubles) { #expect((p - q).magnitude < 1e-14) }
    }
  }

  @Test func `a truncated gradient goes back the last steps only`() throws {
    let s = { (k: Int?) in
      sum(scan(xs, from: a, truncatingGradient: k) { s, x in s * x }.last)
    }
    let at = [(xs, rows), (a, Tensor([1.0, 1, 1]))]
    let whole = try Reference.run(gradient(of: s(nil), withRespectTo: [xs, a]), at)
    let two = try Reference.run(gradient(of: s(2), withRespectTo: [xs, a]), at)
    let many = try Reference.run(gradient(of: s(9), withRespectTo: [xs, a]), at)
    #expect(two[0].doubles == [Double](repeating: 0, count: 6) + whole[0].doubles[6...])
    #expect(two[1].doubles == [0, 0, 0])
    #expect(many[0].doubles == whole[0].doubles)
    #expect(many[1].doubles == [280, 880, 1944])
  }

  // MARK: - Refusals

  @Test func `a step that changes the state's type`() throws {
    let shape = try diagnostic(of: scan(xs, from: 0) { s, x in s + x }.last)
    #expect(shape.code == .carryMismatch)
    #expect(shape.message == "scan: the step changes the shape of the state")
    #expect(shape.evidence.map(\.type.description) == ["float64 []", "float64 [3]"])
    let dtype = try diagnostic(of: scan(xs, from: a) { s, x in (s + x).cast(to: .float32) }.every)
    #expect(dtype.message == "scan: the step changes the dtype of the state")
    let count = try diagnostic(of: scan([xs], from: [a, a]) { s, x in [s[0]] }[1].last)
    #expect(count.message.contains("the step gives 1 values for a state of 2"))
  }

  @Test func `sequences that cannot be looped over`() throws {
    let other = Expr.input("other", .float64, [5, 3])
    let four = Expr.input("four", .float64, [4, 3])
    let e = scan([four, other], from: [a]) { s, x in [s[0] + x[0] * x[1]] }[0].last
    #expect(try diagnostic(of: e).code == .loopMalformed)
    #expect(try diagnostic(of: scan(sum(a), from: a) { s, x in s + x }.last).code == .loopMalformed)
    #expect(try diagnostic(of: scan(steps: -1, from: a) { $0 }.last).code == .loopMalformed)
  }

  @Test func `a mistake inside a step is reported once`() throws {
    let w = Expr.input("w", .float64, [4])
    #expect(try diagnostic(of: scan(xs, from: a) { s, x in s + w }.last).code == .broadcastMismatch)
  }
}
