package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// The elements up to each position along an axis, combined one after the other.
///
/// The order is that of the axis, so the result is the same bits for any number of threads. Half
/// floats accumulate in float32.
package struct Cumulative: Op {
  package static let mnemonic = "cumulative"
  package static let summary =
    "The elements up to each position along an axis (or from it on) combined: sum, product, minimum or maximum."
  package static let constraints = [
    "the axis is in 0..<rank",
    "the dtype is numeric",
    "the combiner is sum, product, minimum or maximum",
  ]

  package var axis: Int
  package var combiner: Combiner
  /// From the end of the axis.
  package var reversed: Bool

  package init(axis: Int, combiner: Combiner, reversed: Bool) {
    self.axis = axis
    self.combiner = combiner
    self.reversed = reversed
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let type = context[0]
    guard axis >= 0, axis < type.rank else {
      throw Refusal(
        .axisOutOfRange, "axis \(axis) of a tensor of rank \(type.rank)", constraint: "C1",
        marks: [Refusal.Mark(0)])
    }
    guard type.dtype != .bool else {
      throw Refusal(
        .dtypeNotSupported, "not defined for bool; it needs a numeric dtype", constraint: "C2",
        help: "cast it first: {0}.cast(to: .int32)")
    }
    guard [.sum, .product, .minimum, .maximum].contains(combiner) else {
      throw Refusal(
        .invalidAttribute, "\(combiner.rawValue) does not accumulate", constraint: "C3")
    }
    return [type]
  }

  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil] }
    let (x, y) = (c.operands[0], c.results[0])
    switch combiner {
    case .sum: return [accumulated(g, .sum, from: !reversed)]
    case .product: return [gradientOfProduct(g, x, y)]
    default:
      // Each result is the element at the last position that attained it.
      let attains = (x .== y) .| (x .!= x)
      var along = [Dim](repeating: 1, count: x.rank)
      along[axis] = x.shape[axis]
      let places = Expr.iota(x.shape[axis]).reshaped(along).broadcast(to: x.shape)
      let last = reversed ? Expr(Double(1 << 62)) : Expr(-1)
      let latest = accumulated(
        select(attains, places, last), reversed ? .minimum : .maximum, from: reversed)
      let taken = GatherAlong(axis: axis)
      return [
        taken.gradient(
          GradientContext(
            upstream: [g], operands: [x, latest], results: [y], regions: [], wanted: [true, false])
        )[0]
      ]
    }
  }

  private func accumulated(_ x: Expr, _ combiner: Combiner, from end: Bool) -> Expr {
    .make(Cumulative(axis: axis, combiner: combiner, reversed: end), [x], at: .here())
  }

  // The derivative with respect to an element is the sum, over the results it takes part in, of the
  // others' product: the result divided by it. The first zero takes part alone in what it makes 0,
  // and a later one in nothing.
  private func gradientOfProduct(_ g: Expr, _ x: Expr, _ y: Expr) -> Expr {
    let isZero = x .== 0
    let safe = select(isZero, 1, x)
    let zeros = accumulated(isZero.cast(to: x.dtype), .sum, from: reversed)
    let others = accumulated(safe, .product, from: reversed)
    let elsewhere = accumulated(g * y, .sum, from: !reversed) / safe
    let atZero = accumulated(select(zeros .== 1, g * others, 0), .sum, from: !reversed)
    return select(isZero, atZero, elsewhere)
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let x = operands[0]
    let shape = Array(x.shape)
    let groups = ReductionGroups(shape: shape, axes: [axis]).map { reversed ? $0.reversed() : $0 }
    if x.dtype.isFloat {
      // In the type that the language accumulates in, step by step.
      var out = x.doubles
      for group in groups {
        for (i, before) in zip(group.dropFirst(), group) { out[i] = joined(out[before], out[i], x) }
      }
      return [Tensor(dtype: x.dtype, shape: x.shape, doubles: out)]
    }
    var out = x.integers
    for group in groups {
      for (i, before) in zip(group.dropFirst(), group) {
        out[i] = wrapped(joined(out[before], out[i], x.dtype), x.dtype)
      }
    }
    return [Tensor(dtype: x.dtype, shape: x.shape, integers: out)]
  }

  private func joined(_ a: Double, _ b: Double, _ x: Tensor) -> Double {
    let exact: Double
    switch combiner {
    case .sum: exact = a + b
    case .product: exact = a * b
    case .minimum: return Minimum().reference(a, b)
    default: return Maximum().reference(a, b)
    }
    return x.dtype == .float64 ? exact : Double(Float(exact))
  }

  private func joined(_ a: Int64, _ b: Int64, _ dtype: DType) -> Int64 {
    switch combiner {
    case .sum: a &+ b
    case .product: a &* b
    case .minimum: Minimum().reference(a, b, dtype)
    default: Maximum().reference(a, b, dtype)
    }
  }

  private func wrapped(_ x: Int64, _ dtype: DType) -> Int64 {
    Int64(bitPattern: ScalarBits.wrap(UInt64(bitPattern: x), dtype))
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .prefix(Prefix(axis: axis, combiner: combiner, isReversed: reversed))
  }
}
