public import GnomonIR
package import GnomonTensors

/// `base` with the slices of `updates` added at the given indices along `axis`.
///
///     scatterAdd(counts, labels, Expr.ones(.float32, ["batch"]))     // a histogram
///
/// Slices with the same index are added one after the other, in their order. Every index is checked
/// when the function runs, before anything is written.
///
/// - Parameters:
///   - base: a numeric tensor of rank 1 or more.
///   - indices: an integer tensor of rank 1.
///   - updates: the dtype of `base`, and its shape but for `axis`, which has the size of `indices`.
///   - axis: a negative one counts from the end.
/// - Returns: the dtype and shape of `base`.
@_transparent public func scatterAdd(
  _ base: Expr, _ indices: Expr, _ updates: Expr, axis: Int = 0
) -> Expr { _scatterAdd(base, indices, updates, axis, .here()) }

@usableFromInline func _scatterAdd(
  _ base: Expr, _ indices: Expr, _ updates: Expr, _ axis: Int, _ at: Location
) -> Expr {
  let operands = [base, indices, updates]
  if operands.contains(where: \.isInvalid) {
    return .make(ScatterAdd(axis: axis), operands, at: at)
  }
  if let refusal = integersOnly(indices, "scatterAdd", at) { return refusal }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: base.rank)[0]
    // Mistakes are refused in terms of the user's own operands, not of the checked indices.
    let unchecked = Expr.make(ScatterAdd(axis: axis), operands, at: at)
    if unchecked.isInvalid { return unchecked }
    let checked = indices.checked(bound: base.shape[axis], at)
    return .make(ScatterAdd(axis: axis), [base, checked, updates], at: at)
  } catch {
    return .refused(error, "scatterAdd", operands, at: at)
  }
}

package struct ScatterAdd: Op {
  package static let mnemonic = "scatter_add"
  package static let arity = 3...3
  package static let summary = "A tensor with slices of another added at given indices."
  package static let constraints = [
    "the axis is in 0..<rank of the first operand",
    "the second operand is of an integer dtype and rank 1; its elements lie in 0..<size of the axis",
    "the first and third operands have the same numeric dtype",
    "the third operand has the shape of the first, but for the axis, which has the size of the second",
  ]

  package var axis: Int
  package init(axis: Int) { self.axis = axis }

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

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil, nil] }
    return [g, nil, .make(Gather(axis: axis), [g, c.operands[1]], at: .here())]
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
      try places { out[$0] += updates[$1] }
      return [Tensor(dtype: base.dtype, shape: base.shape, doubles: out)]
    }
    var out = base.integers
    let updates = operands[2].integers
    try places { out[$0] = out[$0] &+ updates[$1] }
    return [Tensor(dtype: base.dtype, shape: base.shape, integers: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .scatter(Scatter(axis: axis))
  }
}
