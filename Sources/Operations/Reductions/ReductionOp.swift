package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// An op that combines elements along some axes, which it removes.
///
/// The IR's reductions never keep dimensions: the Swift functions that do so reshape the result.
package protocol ReductionOp: Op {
  /// The axes combined away, ascending, each at least 0.
  var axes: [Int] { get }
  init(axes: [Int])
  static var combiner: Combiner { get }
  /// Whether it is defined for a dtype, and how the error calls those that are.
  static func allows(_ dtype: DType) -> Bool
  static var allowed: String { get }
  /// Whether an empty reduction has a value.
  static var hasIdentity: Bool { get }
  func reference(_ x: [Double]) -> Double
  func reference(_ x: [Int64], _ dtype: DType) -> Int64
}

extension ReductionOp {
  package static var constraints: [String] {
    [
      "the axes are distinct, ascending and in 0..<rank",
      "the dtype is one the operation is defined for",
      "without an identity, the reduced axes are not empty",
    ]
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let type = context[0]
    guard zip(axes, axes.dropFirst()).allSatisfy({ $0 < $1 }),
      axes.allSatisfy({ $0 >= 0 && $0 < type.rank })
    else {
      throw Refusal(
        .axisOutOfRange, "the axes \(axes) do not fit a tensor of rank \(type.rank)",
        constraint: "C1", marks: [Refusal.Mark(0)])
    }
    guard Self.allows(type.dtype) else {
      throw Refusal(
        .dtypeNotSupported, "not defined for \(type.dtype); it needs \(Self.allowed)",
        constraint: "C2", marks: [Refusal.Mark(0)],
        help: type.dtype == .bool
          ? "cast it first: {0}.cast(to: .int32)" : "compare first, for example {0} .!= 0")
    }
    if !Self.hasIdentity {
      for axis in axes where !context.require(type.shape[axis], .atLeast, 1) {
        throw Refusal(
          .emptyReduction, "axis \(axis) is empty, so there is nothing to take",
          constraint: "C3", marks: [Refusal.Mark(0, [axis])])
      }
    }
    return [TensorType(type.dtype, kept(type.shape))]
  }

  /// The sizes of the axes that stay.
  package func kept(_ shape: [Dim]) -> [Dim] {
    shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let x = operands[0]
    let shape = try context.shape()
    let groups = ReductionGroups(shape: Array(x.shape), axes: axes)
    if x.dtype.isFloat {
      let values = x.doubles
      let out = groups.map { reference($0.map { values[$0] }) }
      return [Tensor(dtype: x.dtype, shape: Shape(shape), doubles: out)]
    }
    let values = x.integers
    let out = groups.map { reference($0.map { values[$0] }, x.dtype) }
    return [Tensor(dtype: x.dtype, shape: Shape(shape), integers: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let type = operands[0]
    let keptAxes = type.shape.indices.filter { !axes.contains($0) }
    // Axis numbers of the computation: kept axes first, then the reduced ones.
    var indices = [Dim](repeating: 0, count: type.rank)
    for (i, axis) in keptAxes.enumerated() { indices[axis] = .axis(i) }
    for (i, axis) in axes.enumerated() { indices[axis] = .axis(keptAxes.count + i) }
    var b = ScalarBuilder(operands: [type.dtype])
    let x = b.operand(0)
    return .compute([
      Computation(
        axes: keptAxes.map { type.shape[$0] }, reduced: axes.map { type.shape[$0] },
        combiner: Self.combiner, reads: [Read(0, indices)], body: b.program(results: [x]))
    ])
  }
}

/// For each element of a reduction's result the flat indices that it combines, in row-major order.
package struct ReductionGroups {
  private let outer: [(extent: Int, stride: Int)]
  private let inner: [(extent: Int, stride: Int)]

  package init(shape: [Int], axes: [Int]) {
    var stride = 1
    var outer: [(Int, Int)] = []
    var inner: [(Int, Int)] = []
    for axis in shape.indices.reversed() {
      if axes.contains(axis) {
        inner.insert((shape[axis], stride), at: 0)
      } else {
        outer.insert((shape[axis], stride), at: 0)
      }
      stride *= shape[axis]
    }
    self.outer = outer
    self.inner = inner
  }

  private static func offsets(_ loops: [(extent: Int, stride: Int)]) -> [Int] {
    var all = [0]
    for (extent, stride) in loops {
      all = all.flatMap { base in (0..<extent).map { base + $0 * stride } }
    }
    return all
  }

  package func map<R>(_ body: ([Int]) -> R) -> [R] {
    let within = Self.offsets(inner)
    return Self.offsets(outer).map { base in body(within.map { base + $0 }) }
  }
}

/// Axes as a user gives them (negative ones count from the end, nil is all), ascending, or the
/// refusal of one that is out of range or given twice.
package func normalizedAxes(_ axes: [Int]?, rank: Int) throws(Refusal) -> [Int] {
  guard let axes else { return Array(0..<rank) }
  var result: [Int] = []
  for axis in axes {
    guard axis >= -rank, axis < rank else {
      throw Refusal(
        .axisOutOfRange, "axis \(axis) of a tensor of rank \(rank)",
        help: rank == 0 ? "a scalar has no axes" : "axes are \(-rank)...\(rank - 1)")
    }
    let positive = axis < 0 ? axis + rank : axis
    if result.contains(positive) {
      throw Refusal(.duplicateAxis, "axis \(axis) is given twice")
    }
    result.append(positive)
  }
  return result.sorted()
}

extension Expr {
  /// Applies a reduction to axes as a user gives them, keeping them as 1 if asked.
  package static func reduction<R: ReductionOp>(
    _: R.Type, _ x: Expr, axes: [Int]?, keepDims: Bool, at: Location
  ) -> Expr {
    let x = x.settled()
    if x.isInvalid { return x }
    let normalized: [Int]
    do { normalized = try normalizedAxes(axes, rank: x.rank) } catch {
      return .refused(error, R.mnemonic, [x], at: at)
    }
    if normalized.isEmpty, axes != nil || x.rank == 0,
      R.combiner == .sum || R.combiner == .maximum
        || R.combiner == .minimum || R.combiner == .product
    {
      return R.allows(x.dtype) ? x : make(R(axes: []), [x], at: at)
    }
    let y = make(R(axes: normalized), [x], at: at)
    guard keepDims, !y.isInvalid else { return y }
    var shape = x.shape
    for axis in normalized { shape[axis] = 1 }
    return make(Reshape(shape: shape), [y], at: at)
  }
}
