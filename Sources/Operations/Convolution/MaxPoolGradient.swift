package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// Each element of a pooled tensor sent back to the position in its window that the second operand
/// names; an element in several windows gets the sum.
package struct MaxPoolGradient: PoolOp {
  package static let mnemonic = "max_pool_gradient"
  package static let arity = 2...2
  package static let summary =
    "The derivative of `max_pool`: each pooled element added at its position in the input."
  package static var constraints: [String] { commonConstraints }

  package var sizes: [Int]
  package var strides: [Int]
  package var low: [Dim]
  package var high: [Dim]
  /// The shape of the pooling's input; a stride leaves it open.
  package var input: [Dim]

  package init(sizes: [Int], strides: [Int], low: [Dim], high: [Dim]) {
    self.sizes = sizes
    self.strides = strides
    self.low = low
    self.high = high
    input = []
  }

  package init(_ p: some PoolOp, input: [Dim]) {
    self.init(sizes: p.sizes, strides: p.strides, low: p.low, high: p.high)
    self.input = input
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let x = TensorType(context[0].dtype, input)
    try checkPooled(0, x, &context)
    try checkPooled(1, x, &context)
    guard context[1].dtype == .int32 else {
      throw Refusal(.dtypeMismatch, "the positions are \(context[1].dtype)", constraint: "C4")
    }
    return [x]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [c.upstream[0].map { .make(MaxPoolTake(self), [$0, c.operands[1]], at: .here()) }, nil]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = try context.shape()
    let positions = operands[1].integers
    let count = shape.reduce(1, *)
    let pooled = Array(operands[0].shape)
    if operands[0].dtype.isFloat {
      let dy = operands[0].doubles
      var dx = [Double](repeating: 0, count: count)
      try forEach(shape, pooled, context) { i, o, position in
        if positions[o] == position { dx[i] += dy[o] }
      }
      return [Tensor(dtype: operands[0].dtype, shape: shape, doubles: dx)]
    }
    let dy = operands[0].integers
    var dx = [Int64](repeating: 0, count: count)
    try forEach(shape, pooled, context) { i, o, position in
      if positions[o] == position { dx[i] &+= dy[o] }
    }
    return [Tensor(dtype: operands[0].dtype, shape: shape, integers: dx)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let window = window(results[0].shape)
    let rank = window.rank
    let kernel = (0..<rank).map { Dim.axis(rank + 2 + $0) }
    let places = (0..<rank).map {
      window.outputIndex($0, input: .axis($0 + 1), kernel: kernel[$0])
    }
    let index = [.axis(0)] + places.map(\.index) + [.axis(rank + 1)]
    let guards = places.flatMap(\.guards)
    let position = zip(kernel, sizes).reduce(Dim(0)) { $0 * Dim($1.1) + $1.0 }
    var b = ScalarBuilder(operands: [operands[0].dtype, .int32])
    let place = b.index(position)
    let own = b.convert(place, to: .int32)
    let named = b.operand(1)
    let isFirst = b.equal(named, own)
    let dy = b.operand(0)
    let zero = b.constant(0, dy.dtype)
    let chosen = b.select(isFirst, dy, zero)
    let term = b.convert(chosen, to: dy.dtype.computeType)
    return .compute([
      Computation(
        axes: results[0].shape, reduced: window.kernel, combiner: .sum,
        reads: [Read(0, index, guards: guards), Read(1, index, guards: guards)],
        body: b.program(results: [term]))
    ])
  }
}

/// For each window the element of the first operand at the position that the second one names.
package struct MaxPoolTake: PoolOp {
  package static let mnemonic = "max_pool_take"
  package static let arity = 2...2
  package static let summary = "The element of each window at a given position in it."
  package static var constraints: [String] { commonConstraints }

  package var sizes: [Int]
  package var strides: [Int]
  package var low: [Dim]
  package var high: [Dim]

  package init(sizes: [Int], strides: [Int], low: [Dim], high: [Dim]) {
    self.sizes = sizes
    self.strides = strides
    self.low = low
    self.high = high
  }

  package init(_ p: some PoolOp) {
    self.init(sizes: p.sizes, strides: p.strides, low: p.low, high: p.high)
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    try checkPooled(1, context[0], &context)
    guard context[1].dtype == .int32 else {
      throw Refusal(.dtypeMismatch, "the positions are \(context[1].dtype)", constraint: "C4")
    }
    return [TensorType(context[0].dtype, context[1].shape)]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [
      c.upstream[0].map {
        .make(MaxPoolGradient(self, input: c.operands[0].shape), [$0, c.operands[1]], at: .here())
      }, nil,
    ]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = try context.shape()
    let positions = operands[1].integers
    let values = operands[0].doubles
    var out = [Double](repeating: 0, count: shape.reduce(1, *))
    try forEach(Array(operands[0].shape), shape, context) { i, o, position in
      // A sum of which one term counts: -0 becomes 0.
      if positions[o] == position { out[o] += values[i] }
    }
    return [Tensor(dtype: operands[0].dtype, shape: Shape(shape), doubles: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let window = window(operands[0].shape)
    let rank = window.rank
    // A position lies in the window, so only the padding needs guards: the window's extent is small
    // and a sum over it, of which one term counts, needs no index from memory.
    let kernel = (0..<rank).map { Dim.axis(rank + 2 + $0) }
    let places = (0..<rank).map {
      window.inputIndex($0, output: .axis($0 + 1), kernel: kernel[$0])
    }
    let position = zip(kernel, sizes).reduce(Dim(0)) { $0 * Dim($1.1) + $1.0 }
    var b = ScalarBuilder(operands: [operands[0].dtype, .int32])
    let place = b.index(position)
    let own = b.convert(place, to: .int32)
    let named = b.operand(1)
    let isThere = b.equal(named, own)
    let x = b.operand(0)
    let zero = b.constant(0, x.dtype)
    let chosen = b.select(isThere, x, zero)
    let term = b.convert(chosen, to: x.dtype.computeType)
    return .compute([
      Computation(
        axes: results[0].shape, reduced: window.kernel, combiner: .sum,
        reads: [
          Read(
            0, [.axis(0)] + places.map(\.index) + [.axis(rank + 1)],
            guards: places.flatMap(\.guards)),
          Read(1, (0..<rank + 2).map { .axis($0) }),
        ], body: b.program(results: [term]))
    ])
  }
}
