package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// An op that finds the position of an element along one axis, which it removes.
package protocol PositionOp: Op {
  var axis: Int { get }
  init(axis: Int)
  static var combiner: Combiner { get }
  /// Whether an element takes the place of the best one before it.
  func beats(_ x: Double, _ best: Double) -> Bool
  func beats(_ x: Int64, _ best: Int64, _ dtype: DType) -> Bool
}

extension PositionOp {
  package static var constraints: [String] {
    ["the axis is in 0..<rank", "the dtype is numeric", "the axis is not empty"]
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let type = context[0]
    guard axis >= 0, axis < type.rank else {
      throw Refusal(
        .axisOutOfRange, "axis \(axis) of a tensor of rank \(type.rank)", constraint: "C1")
    }
    guard type.dtype != .bool else {
      throw Refusal(
        .dtypeNotSupported, "not defined for bool; it needs a numeric dtype", constraint: "C2",
        help: "cast it first: {0}.cast(to: .int32)")
    }
    guard context.require(type.shape[axis], .atLeast, 1) else {
      throw Refusal(
        .emptyReduction, "axis \(axis) is empty, so there is nothing to find", constraint: "C3",
        marks: [Refusal.Mark(0, [axis])])
    }
    var shape = type.shape
    shape.remove(at: axis)
    return [TensorType(.int64, shape)]
  }

  // A position moves in jumps: no derivative.
  package func gradient(_ c: GradientContext) -> [Expr?] { [nil] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let x = operands[0]
    let groups = ReductionGroups(shape: Array(x.shape), axes: [axis])
    var out: [Int64]
    if x.dtype.isFloat {
      let values = x.doubles
      out = groups.map { group in
        if let nan = group.firstIndex(where: { values[$0].isNaN }) { return Int64(nan) }
        var best = 0
        for i in group.indices where beats(values[group[i]], values[group[best]]) { best = i }
        return Int64(best)
      }
    } else {
      let values = x.integers
      out = groups.map { group in
        var best = 0
        for i in group.indices where beats(values[group[i]], values[group[best]], x.dtype) {
          best = i
        }
        return Int64(best)
      }
    }
    return [Tensor(dtype: .int64, shape: Shape(try context.shape()), integers: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let type = operands[0]
    let kept = type.shape.indices.filter { $0 != axis }
    var indices = [Dim](repeating: .axis(kept.count), count: type.rank)
    for (i, axis) in kept.enumerated() { indices[axis] = .axis(i) }
    var b = ScalarBuilder(operands: [type.dtype])
    let x = b.operand(0)
    return .compute([
      Computation(
        axes: results[0].shape, reduced: [type.shape[axis]], combiner: Self.combiner,
        reads: [Read(0, indices)], body: b.program(results: [x]))
    ])
  }
}

extension Expr {
  /// Applies a search to an axis as a user gives it, keeping it as 1 if asked.
  package static func position<P: PositionOp>(
    _: P.Type, _ x: Expr, axis: Int, keepDims: Bool, at: Location
  ) -> Expr {
    let x = x.settled()
    if x.isInvalid { return x }
    let normalized: [Int]
    do { normalized = try normalizedAxes([axis], rank: x.rank) } catch {
      return .refused(error, P.mnemonic, [x], at: at)
    }
    let y = make(P(axis: normalized[0]), [x], at: at)
    guard keepDims, !y.isInvalid else { return y }
    var shape = x.shape
    shape[normalized[0]] = 1
    return make(Reshape(shape: shape), [y], at: at)
  }
}
