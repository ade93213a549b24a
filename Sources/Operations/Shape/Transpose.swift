public import GnomonIR
package import GnomonTensors

extension Expr {
  /// The tensor with its last two axes exchanged: the transpose of a matrix, or of each of a batch.
  @_transparent public func transposed() -> Expr { _transposed(.here()) }

  /// The tensor with its axes in another order: axis `i` of the result is axis `axes[i]` of this one.
  ///
  ///     images.permuted(0, 2, 3, 1)      // [n, c, h, w] -> [n, h, w, c]
  @_transparent public func permuted(_ axes: Int...) -> Expr { _permuted(axes, .here()) }

  /// The tensor with its axes in another order.
  @_transparent public func permuted(_ axes: [Int]) -> Expr { _permuted(axes, .here()) }

  /// The tensor with two axes exchanged; negative ones count from the end.
  @_transparent public func swapAxes(_ a: Int, _ b: Int) -> Expr { _swapAxes(a, b, .here()) }

  /// The tensor with one axis moved to another place, the others keeping their order.
  @_transparent public func moveAxis(from source: Int, to target: Int) -> Expr {
    _moveAxis(source, target, .here())
  }

  @usableFromInline func _transposed(_ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    guard x.rank >= 2 else {
      return .refused(
        Refusal(
          .rankMismatch, "rank \(x.rank) has no two axes to exchange",
          help: x.rank == 1 ? "to make a column of a vector: {0}.expanded(axis: 1)" : nil),
        "transpose", [x], at: at)
    }
    var order = Array(0..<x.rank)
    order.swapAt(x.rank - 1, x.rank - 2)
    return .make(Transpose(permutation: order), [x], at: at)
  }

  @usableFromInline func _permuted(_ axes: [Int], _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    let order = axes.map { $0 < 0 ? $0 + x.rank : $0 }
    return order == Array(0..<x.rank) ? x : .make(Transpose(permutation: order), [x], at: at)
  }

  @usableFromInline func _swapAxes(_ a: Int, _ b: Int, _ at: Location) -> Expr {
    _reordered(a, b, at) { order, a, b in order.swapAt(a, b) }
  }

  @usableFromInline func _moveAxis(_ source: Int, _ target: Int, _ at: Location) -> Expr {
    _reordered(source, target, at) { order, a, b in order.insert(order.remove(at: a), at: b) }
  }

  private func _reordered(
    _ a: Int, _ b: Int, _ at: Location, _ change: (inout [Int], Int, Int) -> Void
  ) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    do throws(Refusal) {
      let a = try normalizedAxes([a], rank: x.rank)[0]
      let b = try normalizedAxes([b], rank: x.rank)[0]
      var order = Array(0..<x.rank)
      change(&order, a, b)
      return x._permuted(order, at)
    } catch {
      return .refused(error, "transpose", [x], at: at)
    }
  }
}

package struct Transpose: Op {
  package static let mnemonic = "transpose"
  package static let summary = "A tensor with its axes in another order."
  package static let constraints = ["the permutation holds each of 0..<rank once"]

  /// Axis `i` of the result is axis `permutation[i]` of the operand.
  package var permutation: [Int]
  package init(permutation: [Int]) { self.permutation = permutation }

  package var facts: Facts { Facts(isFree: true, isCheap: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard permutation.sorted() == Array(0..<context[0].rank) else {
      throw Refusal(
        .invalidAttribute, "\(permutation) is not an order of the \(context[0].rank) axes",
        constraint: "C1", help: "name each of 0..<\(context[0].rank) once")
    }
    return [TensorType(context[0].dtype, permutation.map { context[0].shape[$0] })]
  }

  /// The place of each operand axis in the result.
  package var inverse: [Int] {
    var places = permutation
    for (i, axis) in permutation.enumerated() { places[axis] = i }
    return places
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [c.upstream[0].map { .make(Transpose(permutation: inverse), [$0], at: .here()) }]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = Array(operands[0].shape)
    let bits = operands[0].bits
    let new = permutation.map { shape[$0] }
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    let out = positions(of: new).map { position in
      bits[zip(position, permutation).reduce(0) { $0 + $1.0 * strides[$1.1] }]
    }
    return [Tensor(dtype: operands[0].dtype, shape: Shape(new), bits: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .view(IndexMap(inverse.map { .axis($0) }))
  }
}

/// All positions within a shape, in row-major order.
package func positions(of shape: [Int]) -> [[Int]] {
  var all: [[Int]] = [[]]
  for size in shape { all = all.flatMap { head in (0..<size).map { head + [$0] } } }
  return all
}
