package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// The diagonal of two axes: `result[…, i, …] = x[…, i, …, i, …]`. The second axis goes away.
package struct Diagonal: Op {
  package static let mnemonic = "diagonal"
  package static let summary = "The diagonal of two axes; the second one goes away."
  package static let constraints = [
    "`first` and `second` are axes of the operand, `first` the smaller",
    "both axes have the same size",
  ]

  package var first: Int
  package var second: Int
  package init(first: Int, second: Int) {
    self.first = first
    self.second = second
  }

  package var facts: Facts { Facts(isFree: true, isCheap: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let type = context[0]
    guard first >= 0, first < second, second < type.rank else {
      throw Refusal(
        .axisOutOfRange, "the axes \(first) and \(second) do not fit a tensor of rank \(type.rank)",
        constraint: "C1", marks: [Refusal.Mark(0)])
    }
    guard context.agree(type.shape[first], type.shape[second]) else {
      throw Refusal(
        .shapeMismatch,
        "the sizes of axes \(first) and \(second) differ: \(type.shape[first]) and \(type.shape[second])",
        constraint: "C2", marks: [Refusal.Mark(0, [first, second])])
    }
    var shape = type.shape
    shape.remove(at: second)
    return [TensorType(type.dtype, shape)]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [c.upstream[0].map { .make(DiagonalEmbed(first: first, second: second), [$0], at: .here()) }]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let x = operands[0]
    let bits = x.bits
    let shape = try context.shape()
    let out = positions(of: shape).map { index in
      bits[flat(index.inserting(index[first], at: second), in: Array(x.shape))]
    }
    return [Tensor(dtype: x.dtype, shape: Shape(shape), bits: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let axes = results[0].shape.indices.map { Dim.axis($0) }
    return .view(IndexMap(axes.inserting(.axis(first), at: second)))
  }
}

/// The inverse of `diagonal`: a new axis `second` as long as `first`, with zeros off the diagonal.
package struct DiagonalEmbed: Op {
  package static let mnemonic = "diagonal_embed"
  package static let summary = "A tensor as the diagonal of two axes, zeros beside it."
  package static let constraints = [
    "`first` is an axis of the operand and `second`, which is larger, one of the result"
  ]

  package var first: Int
  package var second: Int
  package init(first: Int, second: Int) {
    self.first = first
    self.second = second
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let type = context[0]
    guard first >= 0, first < second, second <= type.rank else {
      throw Refusal(
        .axisOutOfRange, "the axes \(first) and \(second) do not fit a tensor of rank \(type.rank)",
        constraint: "C1", marks: [Refusal.Mark(0)])
    }
    return [TensorType(type.dtype, type.shape.inserting(type.shape[first], at: second))]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [c.upstream[0].map { .make(Diagonal(first: first, second: second), [$0], at: .here()) }]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let x = operands[0]
    let bits = x.bits
    let shape = try context.shape()
    let out = positions(of: shape).map { index -> UInt64 in
      guard index[first] == index[second] else { return 0 }
      var source = index
      source.remove(at: second)
      return bits[flat(source, in: Array(x.shape))]
    }
    return [Tensor(dtype: x.dtype, shape: Shape(shape), bits: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    var axes = results[0].shape.indices.map { Dim.axis($0) }
    let (i, j) = (axes[first], axes[second])
    axes.remove(at: second)
    var b = ScalarBuilder(operands: [operands[0].dtype])
    let x = b.operand(0)
    return .compute([
      Computation(
        axes: results[0].shape,
        reads: [Read(0, axes, guards: [.nonNegative(i - j), .nonNegative(j - i)])],
        body: b.program(results: [x]))
    ])
  }
}

extension Array {
  fileprivate func inserting(_ element: Element, at i: Int) -> [Element] {
    var copy = self
    copy.insert(element, at: i)
    return copy
  }
}

/// The row-major position of an index.
func flat(_ index: [Int], in shape: [Int]) -> Int {
  zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }
}
