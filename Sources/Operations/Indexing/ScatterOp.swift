package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// A tensor with slices of another put in, or combined with what is there, at given indices along
/// an axis; slices with the same index one after the other, in their order.
package protocol ScatterOp: Op {
  var axis: Int { get }
  /// How a slice joins what is there: sum, product, minimum or maximum; nil replaces it.
  var combiner: Combiner? { get }
}

extension ScatterOp {
  package static var arity: ClosedRange<Int> { 3...3 }
  package static var constraints: [String] {
    [
      "the axis is in 0..<rank of the first operand",
      "the second operand is of an integer dtype and rank 1; its elements lie in 0..<size of the axis",
      "the first and third operands have the same numeric dtype",
      "the third operand has the shape of the first, but for the axis, which has the size of the second",
    ]
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let (base, indices, updates) = (context[0], context[1], context[2])
    guard axis >= 0, axis < base.rank else {
      throw Refusal(
        .axisOutOfRange, "axis \(axis) of a tensor of rank \(base.rank)", constraint: "C1",
        marks: [Refusal.Mark(0)])
    }
    guard indices.dtype.isInteger, indices.rank == 1 else {
      throw Refusal(
        .rankMismatch, "the indices are \(indices), not a vector of integers", constraint: "C2",
        marks: [Refusal.Mark(1)])
    }
    guard base.dtype == updates.dtype, base.dtype != .bool else {
      throw Refusal(
        .dtypeMismatch, "the dtypes are \(base.dtype) and \(updates.dtype)", constraint: "C3",
        marks: [Refusal.Mark(0), Refusal.Mark(2)],
        help: base.dtype == .bool ? nil : "cast the updates: {2}.cast(to: .\(base.dtype))")
    }
    guard updates.rank == base.rank else {
      throw Refusal(
        .rankMismatch, "the ranks differ: \(base.rank) and \(updates.rank)", constraint: "C4",
        marks: [Refusal.Mark(0), Refusal.Mark(2)])
    }
    for k in base.shape.indices {
      let expected = k == axis ? indices.shape[0] : base.shape[k]
      guard context.agree(expected, updates.shape[k]) else {
        throw Refusal(
          .shapeMismatch, "axis \(k) of the updates has size \(updates.shape[k]), not \(expected)",
          constraint: "C4",
          marks: [k == axis ? Refusal.Mark(1, [0]) : Refusal.Mark(0, [k]), Refusal.Mark(2, [k])])
      }
    }
    return [base]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let base = operands[0]
    let shape = Array(base.shape)
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    let indices = operands[1].integers
    func places(_ body: (_ target: Int, _ source: Int) -> Void) throws {
      for i in 0..<outer {
        for (n, index) in indices.enumerated() {
          guard index >= 0, index < shape[axis] else {
            throw IndexFailure(index: index, position: Int64(n), bound: Int64(shape[axis]))
          }
          for k in 0..<inner {
            body((i * shape[axis] + Int(index)) * inner + k, (i * indices.count + n) * inner + k)
          }
        }
      }
    }
    if base.dtype.isFloat {
      var out = base.doubles
      let updates = operands[2].doubles
      try places { out[$0] = rounded(joined(out[$0], updates[$1]), base.dtype) }
      return [Tensor(dtype: base.dtype, shape: base.shape, doubles: out)]
    }
    var out = base.integers
    let updates = operands[2].integers
    try places { out[$0] = joined(out[$0], updates[$1], base.dtype) }
    return [Tensor(dtype: base.dtype, shape: base.shape, integers: out)]
  }

  private func joined(_ a: Double, _ b: Double) -> Double {
    switch combiner {
    case .sum: a + b
    case .product: a * b
    case .minimum: Minimum().reference(a, b)
    case .maximum: Maximum().reference(a, b)
    default: b
    }
  }

  // Each step rounds, as the language's sums of slices do.
  private func rounded(_ x: Double, _ dtype: DType) -> Double {
    ScalarBits.double(ScalarBits.bits(of: x, dtype), dtype)
  }

  private func joined(_ a: Int64, _ b: Int64, _ dtype: DType) -> Int64 {
    let exact =
      switch combiner {
      case .sum: a &+ b
      case .product: a &* b
      case .minimum: Minimum().reference(a, b, dtype)
      case .maximum: Maximum().reference(a, b, dtype)
      default: b
      }
    return Int64(bitPattern: ScalarBits.wrap(UInt64(bitPattern: exact), dtype))
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .scatter(Scatter(axis: axis, combiner: combiner))
  }
}
