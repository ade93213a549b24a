public import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// The slices of `x` along `axis` at the given indices.
///
///     take(embedding, tokens)          // [v, d] at int32 [batch, t] -> [batch, t, d]
///
/// The axis is replaced by the axes of the indices. Every index is checked when the function runs,
/// before anything is written: one outside 0..<size is an error that names index, position and bound.
/// The derivative adds up where an index occurs more than once.
///
/// - Parameters:
///   - x: any tensor of rank 1 or more.
///   - indices: an integer tensor of any rank.
///   - axis: a negative one counts from the end.
@_transparent public func take(_ x: Expr, _ indices: Expr, axis: Int = 0) -> Expr {
  _take(x, indices, axis, .here())
}

@usableFromInline func _take(_ x: Expr, _ indices: Expr, _ axis: Int, _ at: Location) -> Expr {
  let x = x.settled()
  let indices = indices.settled(.int64)
  if x.isInvalid || indices.isInvalid { return .make(Gather(axis: axis), [x, indices], at: at) }
  if let refusal = integersOnly(indices, "take", at) { return refusal }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    // Mistakes are refused in terms of the user's own operands, not of the checked indices.
    let unchecked = Expr.make(Gather(axis: axis), [x, indices], at: at)
    if unchecked.isInvalid { return unchecked }
    let checked = indices.checked(bound: x.shape[axis], at)
    return .make(Gather(axis: axis), [x, checked], at: at)
  } catch {
    return .refused(error, "take", [x, indices], at: at)
  }
}

package struct Gather: Op {
  package static let mnemonic = "gather"
  package static let arity = 2...2
  package static let summary = "Slices along an axis at given indices."
  package static let constraints = [
    "the axis is in 0..<rank of the first operand",
    "the second operand is of an integer dtype; its elements lie in 0..<size of the axis",
  ]

  package var axis: Int
  package init(axis: Int) { self.axis = axis }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let (x, indices) = (context[0], context[1])
    guard axis >= 0, axis < x.rank else {
      throw Refusal(
        .axisOutOfRange, "axis \(axis) of a tensor of rank \(x.rank)", constraint: "C1",
        marks: [Refusal.Mark(0)])
    }
    guard indices.dtype.isInteger else {
      throw Refusal(
        .dtypeNotSupported, "the indices are \(indices.dtype); they need an integer dtype",
        constraint: "C2", marks: [Refusal.Mark(1)])
    }
    return [
      TensorType(x.dtype, Array(x.shape[..<axis] + indices.shape + x.shape[(axis + 1)...]))
    ]
  }

  // Zeros with the derivatives of the slices added at their indices, which have been checked.
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil] }
    let (x, indices) = (c.operands[0], c.operands[1])
    let at = Location.here()
    let count = indices.type.elementCount
    let shape = Array(x.shape[..<axis] + [count] + x.shape[(axis + 1)...])
    let scatter = Expr.make(
      ScatterAdd(axis: axis),
      [zeros(like: x), indices._reshaped([count], at), g._reshaped(shape, at)], at: at)
    return [scatter, nil]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = Array(operands[0].shape)
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    let bits = operands[0].bits
    var out: [UInt64] = []
    for i in 0..<outer {
      for (position, index) in operands[1].integers.enumerated() {
        guard index >= 0, index < shape[axis] else {
          throw IndexFailure(
            index: index, position: Int64(position), bound: Int64(shape[axis]))
        }
        let start = (i * shape[axis] + Int(index)) * inner
        out += bits[start..<(start + inner)]
      }
    }
    return [
      Tensor(dtype: operands[0].dtype, shape: Shape(try context.shape()), bits: out)
    ]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let (x, indices) = (operands[0], operands[1])
    var b = ScalarBuilder(operands: [indices.dtype, x.dtype])
    let value = b.operand(1)
    let place = x.shape.indices.map { k -> Dim in
      k < axis ? .axis(k) : k == axis ? Dim(.loaded(0)) : .axis(k + indices.rank - 1)
    }
    return .compute([
      Computation(
        axes: results[0].shape,
        reads: [Read(1, (0..<indices.rank).map { .axis(axis + $0) }), Read(0, place)],
        body: b.program(results: [value]))
    ])
  }
}
