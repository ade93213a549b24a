package import GnomonIR
package import GnomonTensors

/// The positions along an axis of the elements in ascending order; equal ones keep theirs, NaN
/// comes last.
package struct Order: Op {
  package static let mnemonic = "order"
  package static let summary =
    "The positions along an axis of the elements in ascending order (int64); stable, NaN last."
  package static let constraints = ["the axis is in 0..<rank"]

  package var axis: Int
  package init(axis: Int) { self.axis = axis }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard axis >= 0, axis < context[0].rank else {
      throw Refusal(
        .axisOutOfRange, "axis \(axis) of a tensor of rank \(context[0].rank)", constraint: "C1",
        marks: [Refusal.Mark(0)])
    }
    return [TensorType(.int64, context[0].shape)]
  }

  // Positions move in jumps: no derivative.
  package func gradient(_ c: GradientContext) -> [Expr?] { [nil] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let x = operands[0]
    let groups = ReductionGroups(shape: Array(x.shape), axes: [axis]).map { $0 }
    var out = [Int64](repeating: 0, count: x.elementCount)
    let doubles = x.dtype.isFloat ? x.doubles : []
    let integers = x.dtype.isFloat ? [] : x.integers
    func isBefore(_ a: Int, _ b: Int) -> Bool {
      if !x.dtype.isFloat { return precedes(integers[a], integers[b], x.dtype) }
      return doubles[a] < doubles[b] || (doubles[b].isNaN && !doubles[a].isNaN)
    }
    for group in groups {
      // By position where neither is before the other.
      let sorted = group.indices.sorted {
        isBefore(group[$0], group[$1]) || (!isBefore(group[$1], group[$0]) && $0 < $1)
      }
      for (place, from) in zip(group, sorted) { out[place] = Int64(from) }
    }
    return [Tensor(dtype: .int64, shape: x.shape, integers: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .order(Ordering(axis: axis))
  }
}
