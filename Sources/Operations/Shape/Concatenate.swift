public import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// Tensors one after the other along an axis.
///
///     concatenate([x, y], axis: 1)     // [n, 2] and [n, 3] -> [n, 5]
///
/// - Parameters:
///   - tensors: at least one; of the same dtype and, but for `axis`, the same sizes.
///   - axis: a negative one counts from the end.
@_transparent public func concatenate(_ tensors: [Expr], axis: Int = 0) -> Expr {
  _concatenate(tensors, axis, .here())
}

@usableFromInline func _concatenate(_ tensors: [Expr], _ axis: Int, _ at: Location) -> Expr {
  guard let first = tensors.first(where: { $0.literalValue == nil }) ?? tensors.first else {
    return .refused(Refusal(.invalidAttribute, "there are no tensors"), "concatenate", [], at: at)
  }
  if tensors.contains(where: \.isInvalid) {
    return .make(Concatenate(axis: axis), tensors, at: at)
  }
  do {
    let axis = try normalizedAxes([axis], rank: first.rank)[0]
    return tensors.count == 1 ? first : .make(Concatenate(axis: axis), tensors, at: at)
  } catch {
    return .refused(error, "concatenate", tensors, at: at)
  }
}

/// Tensors of one shape as the slices of a new axis.
///
///     stack([x, y, z])                 // three of [n] -> [3, n]
///
/// - Parameters:
///   - tensors: at least one, of the same dtype and shape.
///   - axis: the place of the new axis; a negative one counts from the end of the result.
@_transparent public func stack(_ tensors: [Expr], axis: Int = 0) -> Expr {
  _stack(tensors, axis, .here())
}

@usableFromInline func _stack(_ tensors: [Expr], _ axis: Int, _ at: Location) -> Expr {
  at.serving("stack") {
    guard let first = tensors.first(where: { $0.literalValue == nil }) ?? tensors.first else {
      return .refused(Refusal(.invalidAttribute, "there are no tensors"), "stack", [], at: at)
    }
    return concatenate(
      tensors.map { $0.settled(first.dtype).expanded(axis: axis) }, axis: axis)
  }
}

package struct Concatenate: Op {
  package static let mnemonic = "concatenate"
  package static let arity = 1...Int.max
  package static let summary = "Tensors one after the other along an axis."
  package static let constraints = [
    "there is at least one operand",
    "the operands have the same dtype",
    "the operands have the same rank, and the axis is in 0..<rank",
    "the sizes of all other axes are equal",
  ]

  package var axis: Int
  package init(axis: Int) { self.axis = axis }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard let first = context.operands.first else {
      throw Refusal(.invalidAttribute, "there are no tensors", constraint: "C1")
    }
    var shape = first.shape
    for i in context.operands.indices {
      let type = context[i]
      guard type.dtype == first.dtype else {
        throw Refusal(
          .dtypeMismatch, "the tensors have different dtypes: \(first.dtype) and \(type.dtype)",
          constraint: "C2", marks: [Refusal.Mark(0), Refusal.Mark(i)],
          help: "cast one of them: {\(i)}.cast(to: .\(first.dtype))")
      }
      guard type.rank == first.rank, axis >= 0, axis < first.rank else {
        throw Refusal(
          .rankMismatch,
          type.rank == first.rank
            ? "axis \(axis) of tensors of rank \(first.rank)"
            : "the tensors have different ranks: \(first.rank) and \(type.rank)",
          constraint: "C3", marks: [Refusal.Mark(0), Refusal.Mark(i)],
          help: type.rank == first.rank
            ? nil : "insert an axis: {\(type.rank < first.rank ? i : 0)}.expanded(axis: \(axis))")
      }
      if i == 0 { continue }
      for k in shape.indices where k != axis {
        guard context.agree(shape[k], type.shape[k]) else {
          throw Refusal(
            .shapeMismatch, "the sizes of axis \(k) differ: \(shape[k]) and \(type.shape[k])",
            constraint: "C4", marks: [Refusal.Mark(0, [k]), Refusal.Mark(i, [k])])
        }
        if shape[k].constant == nil, type.shape[k].constant != nil { shape[k] = type.shape[k] }
      }
      shape[axis] += type.shape[axis]
    }
    return [TensorType(first.dtype, shape)]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return c.operands.map { _ in nil } }
    var start = Dim(0)
    return c.operands.map { x in
      var starts = [Dim](repeating: 0, count: x.rank)
      starts[axis] = start
      start += x.shape[axis]
      let steps = [Int](repeating: 1, count: x.rank)
      return .make(Slice(starts: starts, sizes: x.shape, steps: steps), [g], at: .here())
    }
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = try context.shape()
    let outer = shape[..<axis].reduce(1, *)
    let all = operands.map(\.bits)
    var out: [UInt64] = []
    for i in 0..<outer {
      for (bits, x) in zip(all, operands) {
        let run = x.shape.dropFirst(axis).reduce(1, *)
        out += bits[(i * run)..<((i + 1) * run)]
      }
    }
    return [Tensor(dtype: context.resultTypes[0].dtype, shape: Shape(shape), bits: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    var start = Dim(0)
    return .compute(
      operands.indices.map { i in
        var b = ScalarBuilder(operands: [operands[i].dtype])
        let x = b.operand(0)
        var offset = [Dim](repeating: 0, count: operands[i].rank)
        offset[axis] = start
        start += operands[i].shape[axis]
        return Computation(
          axes: operands[i].shape,
          reads: [Read(i, operands[i].shape.indices.map { .axis($0) })],
          body: b.program(results: [x]), offset: offset)
      })
  }
}
