import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ControlBranchTests {
  let x = Expr.input("x", .float64, [])
  let y = Expr.input("y", .float64, [])
  let labels = Expr.input("labels", .int32, [1])

  private func value(_ e: Expr, _ a: Double, _ b: Double = 0) throws -> Double {
    try Reference.scalar(e, [(x, Tensor(a)), (y, Tensor(b))])
  }

  @Test func `only the chosen side runs`() throws {
    // The other side would fail on its index.
    let row = Expr.constant(Tensor([[1.0, 2, 3]]))
    let e = branch(
      x .> 0, then: { x },
      else: { sum(softmaxCrossEntropy(logits: row, labels: labels)) })
    let bad = Tensor([9], dtype: .int32)
    #expect(try Reference.scalar(e, [(x, Tensor(2.0)), (labels, bad)]) == 2)
    #expect(throws: LocatedFailure.self) {
      try Reference.scalar(e, [(x, Tensor(-2.0)), (labels, bad)])
    }
  }

  @Test func `sides use values from outside and make their own`() throws {
    let shared = x * x
    let e = branch(x .> y, then: { shared + tanh(y) * 0 }, else: { y - shared })
    #expect(try value(e, 3, 1) == 9)
    #expect(try value(e, 1, 3) == 2)
    // A value made outside is computed outside: the region only names it.
    #expect(e.node.operands.contains { $0.id == shared.id })
  }

  @Test func `branches nest`() throws {
    let e = branch(
      x .> 0,
      then: { branch(y .> 0, then: { x * y }, else: { x - y }) },
      else: { branch(y .> x, then: { y }, else: { x }) })
    for (a, b) in [(2.0, 3.0), (2, -3), (-2, -3), (-2, 3)] {
      let expected = a > 0 ? (b > 0 ? a * b : a - b) : (b > a ? b : a)
      #expect(try value(e, a, b) == expected)
    }
    for (a, b) in [(2.0, 3.0), (2, -3), (-2, -3), (-2, 3)] {
      let (dx, dy) = gradient(of: e, withRespectTo: x, y)
      let slopes = a > 0 ? (b > 0 ? (b, a) : (1, -1)) : (b > a ? (0, 1) : (1, 0))
      #expect(try value(dx, a, b) == slopes.0)
      #expect(try value(dy, a, b) == slopes.1)
    }
  }

  @Test func `several results`() throws {
    let (a, b) = branch(x .> 0, then: { (x, y) }, else: { (y, x * y) })
    #expect(try value(a - b, 2, 5) == -3)
    #expect(try value(a - b, -2, 5) == 15)
    let three = branch(x .> 0, then: { [x, y, x + y] }, else: { [y, x, x - y] })
    #expect(three.count == 3)
    #expect(try value(three[2], -2, 5) == -7)
    let (dx, dy) = gradient(of: a * b, withRespectTo: x, y)
    #expect(try value(dx, 2, 5) == 5)
    #expect(try value(dy, -2, 5) == -20)
  }

  @Test(arguments: [0.7, -0.7])
  func `its derivatives, the second too, are those of the chosen side`(
    at a: Double
  ) throws {
    let e = branch(x .> 0, then: { tanh(x * y) * x }, else: { x * x * x })
    let d = gradient(of: e, withRespectTo: x)
    let dd = gradient(of: d, withRespectTo: x)
    let h = 1e-5
    #expect(
      try (value(d, a, 2) - (value(e, a + h, 2) - value(e, a - h, 2)) / (2 * h)).magnitude < 1e-8)
    #expect(
      try (value(dd, a, 2) - (value(d, a + h, 2) - value(d, a - h, 2)) / (2 * h)).magnitude < 1e-7)
  }

  @Test func `a side that does not use a value gives it zero`() throws {
    let w = Expr.input("w", .float64, [3])
    let e = branch(x .> 0, then: { sum(w * w) }, else: { x })
    let d = gradient(of: e, withRespectTo: w)
    let at = Tensor([1.0, 2, 3])
    #expect(try Reference.run(d, [(x, Tensor(1.0)), (w, at)]).doubles == [2, 4, 6])
    #expect(try Reference.run(d, [(x, Tensor(-1.0)), (w, at)]).doubles == [0, 0, 0])
  }

  @Test func `a captured value that is itself a result passes its derivative on once`() throws {
    // Both x and h = x² are captured; the else side is h alone.
    let h = x * x
    let e = branch(y .> 0, then: { h * x }, else: { h })
    let d = gradient(of: e, withRespectTo: x)
    #expect(try value(d, 3, 1) == 27)
    #expect(try value(d, 3, -1) == 6)
  }

  @Test func `the derivative stays lazy`() throws {
    let row = Expr.input("row", .float64, [1, 3])
    let e = branch(
      x .> 0, then: { x * sum(row) },
      else: { sum(softmaxCrossEntropy(logits: row, labels: labels)) })
    let d = gradient(of: e, withRespectTo: row)
    let bindings = [(x, Tensor(2.0)), (row, sample([1, 3])), (labels, Tensor([9], dtype: .int32))]
    #expect(try Reference.run(d, bindings).doubles == [2, 2, 2])
  }

  @Test func `a literal takes the dtype of the other side`() throws {
    let e = branch(x .> 0, then: { x }, else: { 0 })
    #expect(e.dtype == .float64)
    #expect(try value(e, -3) == 0)
  }

  // MARK: - Refusals

  @Test func `conditions that are no bool scalar`() throws {
    let v = Expr.input("v", .float64, [3])
    for condition in [x, v .> 0] {
      let d = try diagnostic(of: branch(condition, then: { x }, else: { y }))
      #expect(d.code == .branchMismatch)
      #expect(d.message.contains("the condition is not a bool scalar"))
    }
  }

  @Test func `sides of different types`() throws {
    let v = Expr.input("v", .float64, [3])
    #expect(try diagnostic(of: branch(x .> 0, then: { x }, else: { v })).code == .branchMismatch)
    let n = Expr.input("n", .int32, [])
    #expect(try diagnostic(of: branch(x .> 0, then: { x }, else: { n })).code == .branchMismatch)
  }

  @Test func `sides with different numbers of results`() throws {
    let r = branch(x .> 0, then: { [x, y] }, else: { [x] })
    #expect(r.count == 2)
    #expect(try diagnostic(of: r[1]).message.contains("one side gives 2 results, the other 1"))
  }

  @Test func `a mistake inside a side`() throws {
    let v = Expr.input("v", .float64, [3])
    let w = Expr.input("w", .float64, [4])
    let e = branch(x .> 0, then: { sum(v + w) }, else: { x })
    #expect(try diagnostic(of: e).code == .broadcastMismatch)
  }
}
