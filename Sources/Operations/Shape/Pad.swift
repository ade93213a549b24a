public import GnomonIR
internal import GnomonScalars
package import GnomonTensors

extension Expr {
  /// The tensor with `value` around it.
  ///
  ///     x.padded([(0, 0), (1, 2)])       // [n, 4] -> [n, 7]
  ///
  /// - Parameters:
  ///   - widths: for each axis how many elements go before and after.
  ///   - value: the new elements, of the tensor's dtype.
  @_transparent public func padded(_ widths: [(Int, Int)], value: Double = 0) -> Expr {
    _padded(widths, value, .here())
  }

  @usableFromInline func _padded(
    _ widths: [(Int, Int)], _ value: Double, _ at: Location
  ) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    guard widths.count == x.rank else {
      return .refused(
        Refusal(
          .invalidAttribute, "\(widths.count) pairs of widths for a tensor of rank \(x.rank)",
          help: "give one pair for each axis, (0, 0) for those that stay"), "pad", [x], at: at)
    }
    if let axis = widths.firstIndex(where: { $0.0 < 0 || $0.1 < 0 }) {
      return .refused(
        Refusal(
          .invalidAttribute, "the widths \(widths[axis]) of axis \(axis) are negative",
          marks: [Refusal.Mark(0, [axis])], help: "to cut elements off: {0}[1..<(-1)]"),
        "pad", [x], at: at)
    }
    if widths.allSatisfy({ $0 == (0, 0) }) { return x }
    let pad = Pad(
      shape: x.shape.indices.map { x.shape[$0] + Dim(widths[$0].0) + Dim(widths[$0].1) },
      starts: widths.map { Dim($0.0) }, steps: widths.map { _ in 1 },
      value: ScalarValue(value, x.dtype))
    return .make(pad, [x], at: at)
  }
}

/// A tensor of one value with the operand's elements placed in it, evenly spaced along each axis: the
/// counterpart of `slice`.
package struct Pad: Op {
  package static let mnemonic = "pad"
  package static let summary = "A tensor of one value with the operand placed in it."
  package static let constraints = [
    "there is one start, step and size of the result for each axis, and the value has the dtype",
    "no step is 0",
    "no size is negative",
    "the first and last positions lie within each axis of the result",
  ]

  /// The sizes of the result.
  package var shape: [Dim]
  /// Where the operand's first element goes.
  package var starts: [Dim]
  /// The distance between elements; negative ones walk backwards.
  package var steps: [Int]
  /// The elements that are not the operand's.
  package var value: ScalarValue

  package init(shape: [Dim], starts: [Dim], steps: [Int], value: ScalarValue) {
    self.shape = shape
    self.starts = starts
    self.steps = steps
    self.value = value
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let type = context[0]
    guard shape.count == type.rank, starts.count == type.rank, steps.count == type.rank,
      value.dtype == type.dtype
    else {
      throw Refusal(
        .invalidAttribute, "the attributes do not fit an operand of type \(type)",
        constraint: "C1")
    }
    try checkPlacement(&context, inner: type.shape, outer: shape, starts: starts, steps: steps)
    return [TensorType(type.dtype, shape)]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    let back = Slice(starts: starts, sizes: c.operands[0].shape, steps: steps)
    return [c.upstream[0].map { .make(back, [$0], at: .here()) }]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let new = try context.shape()
    let first = try starts.map { try context.value($0) }
    var out = [UInt64](repeating: value.bits, count: new.reduce(1, *))
    for (bits, position) in zip(operands[0].bits, positions(of: Array(operands[0].shape))) {
      out[new.indices.reduce(0) { $0 * new[$1] + first[$1] + position[$1] * steps[$1] }] = bits
    }
    return [Tensor(dtype: operands[0].dtype, shape: Shape(new), bits: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    var b = ScalarBuilder(operands: [operands[0].dtype])
    let x = b.operand(0)
    var indices: [Dim] = []
    var guards: [Read.Guard] = []
    for axis in shape.indices {
      let step = Dim(abs(steps[axis]))
      let distance = steps[axis] > 0 ? .axis(axis) - starts[axis] : starts[axis] - .axis(axis)
      indices.append(distance.quotient(dividingBy: step))
      if operands[0].shape[axis] == shape[axis], steps[axis] == 1, starts[axis] == 0 { continue }
      guards.append(.nonNegative(distance))
      guards.append(.nonNegative((operands[0].shape[axis] - 1) * step - distance))
      if step != 1 { guards.append(.divisible(distance, by: step)) }
    }
    return .compute([
      Computation(
        axes: shape, reads: [Read(0, indices, guards: guards, otherwise: value.bits)],
        body: b.program(results: [x]))
    ])
  }
}
