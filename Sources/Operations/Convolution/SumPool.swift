package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// The sum of each window; padding adds nothing.
package struct SumPool: PoolOp {
  package static let mnemonic = "sum_pool"
  package static let summary = "The sum of each window."
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

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    [TensorType(context[0].dtype, try pooledShape(context[0], &context))]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [
      c.upstream[0].map {
        .make(SumPoolGradient(self, input: c.operands[0].shape), [$0], at: .here())
      }
    ]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = try context.shape()
    let count = shape.reduce(1, *)
    let size = Array(operands[0].shape)
    if operands[0].dtype.isFloat {
      let x = operands[0].doubles
      var out = [Double](repeating: 0, count: count)
      try forEach(size, shape, context) { i, o, _ in out[o] += x[i] }
      return [Tensor(dtype: operands[0].dtype, shape: shape, doubles: out)]
    }
    let x = operands[0].integers
    var out = [Int64](repeating: 0, count: count)
    try forEach(size, shape, context) { i, o, _ in out[o] &+= x[i] }
    return [Tensor(dtype: operands[0].dtype, shape: shape, integers: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let window = window(operands[0].shape)
    let rank = window.rank
    let places = (0..<rank).map {
      window.inputIndex($0, output: .axis($0 + 1), kernel: .axis(rank + 2 + $0))
    }
    var b = ScalarBuilder(operands: [operands[0].dtype])
    let x = b.operand(0)
    return .compute([
      Computation(
        axes: results[0].shape, reduced: window.kernel, combiner: .sum,
        reads: [
          Read(
            0, [.axis(0)] + places.map(\.index) + [.axis(rank + 1)],
            guards: places.flatMap(\.guards))
        ], body: b.program(results: [x]))
    ])
  }
}

/// The derivative of `sum_pool`: for each input element the sum over the windows that hold it.
package struct SumPoolGradient: PoolOp {
  package static let mnemonic = "sum_pool_gradient"
  package static let summary =
    "The derivative of `sum_pool`: each pooled element added to all elements of its window."
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
    return [x]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [
      c.upstream[0].map {
        .make(SumPool(sizes: sizes, strides: strides, low: low, high: high), [$0], at: .here())
      }
    ]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = try context.shape()
    let count = shape.reduce(1, *)
    let pooled = Array(operands[0].shape)
    if operands[0].dtype.isFloat {
      let dy = operands[0].doubles
      var dx = [Double](repeating: 0, count: count)
      try forEach(shape, pooled, context) { i, o, _ in dx[i] += dy[o] }
      return [Tensor(dtype: operands[0].dtype, shape: shape, doubles: dx)]
    }
    let dy = operands[0].integers
    var dx = [Int64](repeating: 0, count: count)
    try forEach(shape, pooled, context) { i, o, _ in dx[i] &+= dy[o] }
    return [Tensor(dtype: operands[0].dtype, shape: shape, integers: dx)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let window = window(results[0].shape)
    let rank = window.rank
    let places = (0..<rank).map {
      window.outputIndex($0, input: .axis($0 + 1), kernel: .axis(rank + 2 + $0))
    }
    var b = ScalarBuilder(operands: [operands[0].dtype])
    let dy = b.operand(0)
    return .compute([
      Computation(
        axes: results[0].shape, reduced: window.kernel, combiner: .sum,
        reads: [
          Read(
            0, [.axis(0)] + places.map(\.index) + [.axis(rank + 1)],
            guards: places.flatMap(\.guards))
        ], body: b.program(results: [dy]))
    ])
  }
}
