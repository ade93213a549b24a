public import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// For each position the element of `x` at an index along `axis`, the other coordinates being the same.
///
///     takeAlongAxis(logits, labels.expanded(axis: 1), axis: 1)     // the logit of each row's label
///
/// Every index is checked when the function runs, before anything is written.
///
/// - Parameters:
///   - x: any tensor of rank 1 or more.
///   - indices: an integer tensor of the same rank; its sizes are those of `x` but for `axis`.
///   - axis: a negative one counts from the end.
/// - Returns: the dtype of `x`, the shape of `indices`.
@_transparent public func takeAlongAxis(_ x: Expr, _ indices: Expr, axis: Int) -> Expr {
  _takeAlongAxis(x, indices, axis, .here())
}

@usableFromInline func _takeAlongAxis(
  _ x: Expr, _ indices: Expr, _ axis: Int, _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid || indices.isInvalid {
    return .make(GatherAlong(axis: axis), [x, indices], at: at)
  }
  if let refusal = integersOnly(indices, "takeAlongAxis", at) { return refusal }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    // Mistakes are refused in terms of the user's own operands, not of the checked indices.
    let unchecked = Expr.make(GatherAlong(axis: axis), [x, indices], at: at)
    if unchecked.isInvalid { return unchecked }
    let checked = indices.checked(bound: x.shape[axis], at)
    return .make(GatherAlong(axis: axis), [x, checked], at: at)
  } catch {
    return .refused(error, "takeAlongAxis", [x, indices], at: at)
  }
}

package struct GatherAlong: Op {
  package static let mnemonic = "gather_along"
  package static let arity = 2...2
  package static let summary = "Elements at given indices along an axis, position by position."
  package static let constraints = [
    "the axis is in 0..<rank, and both operands have that rank",
    "the second operand is of an integer dtype; its elements lie in 0..<size of the axis",
    "the sizes of all other axes are equal",
  ]

  package var axis: Int
  package init(axis: Int) { self.axis = axis }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let (x, indices) = (context[0], context[1])
    guard axis >= 0, axis < x.rank, indices.rank == x.rank else {
      throw Refusal(
        .rankMismatch, "the tensor has rank \(x.rank), the indices \(indices.rank)",
        constraint: "C1",
        help: indices.rank + 1 == x.rank
          ? "insert the axis: {1}.expanded(axis: \(axis))" : nil)
    }
    guard indices.dtype.isInteger else {
      throw Refusal(
        .dtypeNotSupported, "the indices are \(indices.dtype); they need an integer dtype",
        constraint: "C2", marks: [Refusal.Mark(1)])
    }
    for k in x.shape.indices where k != axis {
      guard context.agree(x.shape[k], indices.shape[k]) else {
        throw Refusal(
          .shapeMismatch, "the sizes of axis \(k) differ: \(x.shape[k]) and \(indices.shape[k])",
          constraint: "C3", marks: [Refusal.Mark(0, [k]), Refusal.Mark(1, [k])])
      }
    }
    return [TensorType(x.dtype, indices.shape)]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil] }
    let (x, indices) = (c.operands[0], c.operands[1])
    let size = x.shape[axis]
    if indices.shape[axis] == 1 {
      // One index for each row: the derivative where the position is the index, as a mask.
      var along = [Dim](repeating: 1, count: x.rank)
      along[axis] = size
      let positions = Expr.iota(size).reshaped(along)
      return [select(indices.cast(to: .int64) .== positions, g, 0), nil]
    }
    // In general several indices may be equal: their derivatives add up, in one flat axis.
    let inner = x.shape[(axis + 1)...].reduce(Dim(1), *)
    let outer = x.shape[..<axis].reduce(Dim(1), *)
    let count = indices.shape[axis]
    let row = indices.cast(to: .int64).reshaped([outer, count, inner])
    let start = Expr.iota(outer).reshaped([outer, 1, 1])
    let flat =
      (start * sizeValue(size) + row) * sizeValue(inner) + Expr.iota(inner).reshaped([1, 1, inner])
    let total = x.type.elementCount
    let at = Location.here()
    let scatter = Expr.make(
      ScatterAdd(axis: 0),
      [
        Expr.zeros(x.dtype, [total]), flat.flattened(), g.flattened(),
      ], at: at)
    return [scatter.reshaped(x.shape), nil]
  }

  private func sizeValue(_ d: Dim) -> Expr { .make(Size(d), [], at: .here()) }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = Array(operands[0].shape)
    let bits = operands[0].bits
    let indices = operands[1].integers
    var out: [UInt64] = []
    for (n, position) in positions(of: Array(operands[1].shape)).enumerated() {
      guard indices[n] >= 0, indices[n] < shape[axis] else {
        throw IndexFailure(index: indices[n], position: Int64(n), bound: Int64(shape[axis]))
      }
      var place = position
      place[axis] = Int(indices[n])
      out.append(bits[zip(place, shape).reduce(0) { $0 * $1.1 + $1.0 }])
    }
    return [
      Tensor(dtype: operands[0].dtype, shape: Shape(try context.shape()), bits: out)
    ]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let (x, indices) = (operands[0], operands[1])
    var b = ScalarBuilder(operands: [indices.dtype, x.dtype])
    let value = b.operand(1)
    var place = x.shape.indices.map { Dim.axis($0) }
    place[axis] = Dim(.loaded(0))
    return .compute([
      Computation(
        axes: results[0].shape,
        reads: [Read(1, x.shape.indices.map { .axis($0) }), Read(0, place)],
        body: b.program(results: [value]))
    ])
  }
}
