import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// Every batched form against the same function applied to one example after the other.
@Suite struct BatchingTests {
  private func expectLoop(
    _ tensors: [Tensor], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: ([Expr]) -> [Expr]
  ) throws {
    let inputs = tensors.enumerated().map { i, t in
      Expr.input("x\(i)", t.dtype, t.shape.map { Dim($0) })
    }
    let all = vectorize(inputs, body)
    let one = (0..<tensors[0].shape[0]).flatMap { i in body(inputs.map { $0[i] }) }
    let found = try Reference.run(all + one, Array(zip(inputs, tensors)))
    for (k, whole) in found[..<all.count].enumerated() {
      let rows = stride(from: all.count + k, to: found.count, by: all.count).flatMap {
        found[$0].doubles
      }
      #expect(whole.elementCount == rows.count, sourceLocation: sourceLocation)
      for (a, b) in zip(whole.doubles, rows) {
        #expect((a - b).magnitude < 1e-12, "result \(k)", sourceLocation: sourceLocation)
      }
    }
  }

  private let m = sample([3, 4], seed: 8)

  @Test func `elementwise ops align the axes of examples`() throws {
    let fixed = Expr.constant(sample([2, 4], seed: 3))
    try expectLoop([sample([3, 4]), sample([3], seed: 2)]) { x in
      [x[0] * x[1] + fixed, select(x[1] .> 0, x[0], -x[0]), fixed - tanh(x[1])]
    }
  }

  @Test func `reductions, positions and views`() throws {
    try expectLoop([sample([3, 2, 4])]) { x in
      [
        sum(x[0], axes: 1), max(x[0]), argmax(x[0], axis: 0).cast(to: .float64),
        x[0].transposed(), x[0].reshaped([8]), x[0][1], x[0].padded([(1, 0), (0, 2)]),
        x[0].expanded(axis: 1).broadcast(to: [2, 5, 4]), softmax(x[0]),
        concatenate([x[0], .constant(m)], axis: 0),
      ]
    }
  }

  @Test func `contractions with one operand of the batch or both`() throws {
    try expectLoop([sample([5, 3, 4]), sample([5, 4, 2], seed: 4)]) { x in
      [
        matmul(x[0], x[1]), matmul(x[0], .constant(sample([4, 6]))),
        matmul(.constant(sample([2, 3])), x[0]), einsum("ij,kj->ik", x[0], x[0]),
      ]
    }
  }

  @Test func `gathers and scatters`() throws {
    let indices = Expr.constant(Tensor([2, 0, 2], dtype: .int32))
    try expectLoop([sample([4, 3, 2])]) { x in
      let at = argmax(x[0], axis: 0)
      return [
        take(x[0], indices), take(.constant(m), at),
        takeAlongAxis(x[0], at.expanded(axis: 0), axis: 0),
        take(x[0], at), scatterAdd(x[0], indices, x[0]),
      ]
    }
  }

  @Test func `convolutions and pools, with shared kernels and own ones`() throws {
    try expectLoop([sample([2, 1, 5, 5, 2]), sample([2, 3, 3, 2, 2], seed: 6)]) { x in
      [
        conv2d(x[0], .constant(sample([3, 3, 2, 4], seed: 3))), maxPool2d(x[0], size: 2),
        conv2d(x[0], x[1]),
      ]
    }
  }

  @Test func `derivatives of pools`() throws {
    try expectLoop([sample([2, 3, 4, 4, 2])]) { x in
      [
        gradient(of: sum(square(maxPool2d(x[0], size: 2))), withRespectTo: x[0]),
        gradient(of: sum(square(averagePool2d(x[0], size: 2))), withRespectTo: x[0]),
      ]
    }
  }

  @Test func `branches and loops`() throws {
    let flag = Expr.constant(Tensor(true))
    try expectLoop([sample([4, 3]), sample([4, 5, 3], seed: 7)]) { x in
      let s = scan(x[1], from: x[0], reversed: true) { h, r in tanh(h + r) }
      let t = scan(x[1], from: Expr.zeros(.float64, [3])) { h, r in h * 0.5 + r }
      let u = scan(steps: 2, from: x[0]) { $0 * $0 }
      // One state depends on the example, the other does not.
      let v = scan(steps: 2, from: (x[0], Expr.ones(.float64, [3]))) { ($0 * $1, $1 + 1) }
      return [
        branch(sum(x[0]) .> 0, then: { exp(x[0]) }, else: { x[0] }),
        branch(flag, then: { x[0] * 2 }, else: { x[0] }), s.last, s.every, t.last, t.every, u.last,
        v.0.last, v.1.last, exp(v.1.every),
        whileLoop(x[0], while: { sum($0 * $0) .> 0.1 }) { $0 * 0.5 },
      ]
    }
  }

  @Test func `gradients of one example are gradients of each`() throws {
    let w = Expr.constant(sample([4, 4], seed: 5))
    try expectLoop([sample([3, 4])]) { x in
      [gradient(of: sum(tanh(matmul(x[0], w))), withRespectTo: x[0])]
    }
  }

  @Test func `batches of different sizes are refused`() throws {
    let a = Expr.input("a", .float32, [3])
    let b = Expr.input("b", .float32, [4])
    #expect(try diagnostic(of: vectorize(a, b) { $0 + $1 }).code == .loopMalformed)
  }
}
