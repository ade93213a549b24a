public import GnomonIR
public import GnomonTensors

/// Evenly spaced elements along each axis: what subscripts make.
package struct Slice: Op {
  package static let mnemonic = "slice"
  package static let summary = "Evenly spaced elements along each axis."
  package static let constraints = [
    "there is one start, size and step for each axis",
    "no step is 0",
    "no size is negative",
    "the first and last positions lie within each axis",
  ]

  /// The first position along each axis.
  package var starts: [Dim]
  /// The sizes of the result.
  package var sizes: [Dim]
  /// The distance between positions; negative ones walk backwards.
  package var steps: [Int]

  package init(starts: [Dim], sizes: [Dim], steps: [Int]) {
    self.starts = starts
    self.sizes = sizes
    self.steps = steps
  }

  package var facts: Facts { Facts(isFree: true, isCheap: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let shape = context[0].shape
    guard starts.count == shape.count, sizes.count == shape.count, steps.count == shape.count else {
      throw Refusal(
        .invalidSlice, "\(starts.count) ranges for a tensor of rank \(shape.count)",
        constraint: "C1")
    }
    try checkPlacement(&context, inner: sizes, outer: shape, starts: starts, steps: steps)
    return [TensorType(context[0].dtype, sizes)]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil] }
    let x = c.operands[0]
    let back = Pad(
      shape: x.shape, starts: starts, steps: steps, value: ScalarValue(0, x.dtype))
    return [.make(back, [g], at: .here())]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = Array(operands[0].shape)
    let first = try starts.map { try context.value($0) }
    let bits = operands[0].bits
    let new = try context.shape()
    let out = positions(of: new).map { position in
      bits[
        shape.indices.reduce(0) { $0 * shape[$1] + first[$1] + position[$1] * steps[$1] }]
    }
    return [Tensor(dtype: operands[0].dtype, shape: Shape(new), bits: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .view(IndexMap(starts.indices.map { starts[$0] + Dim(steps[$0]) * .axis($0) }))
  }
}

/// Checks that positions `start + i * step` for i in 0..<inner lie in 0..<outer, for each axis.
func checkPlacement(
  _ context: inout TypeContext, inner: [Dim], outer: [Dim], starts: [Dim], steps: [Int]
) throws(Refusal) {
  for axis in outer.indices {
    let (start, step, size, extent) = (starts[axis], steps[axis], inner[axis], outer[axis])
    guard step != 0 else {
      throw Refusal(
        .invalidSlice, "the step of axis \(axis) is 0", constraint: "C2",
        marks: [Refusal.Mark(0, [axis])])
    }
    guard context.requireOrder(size, atLeast: 0) else {
      throw Refusal(
        .invalidSlice, "the size \(size) of axis \(axis) is negative", constraint: "C3",
        marks: [Refusal.Mark(0, [axis])], help: "a range ends at or after its start")
    }
    let last = start + (size - 1) * Dim(step)
    let (low, high) = step > 0 ? (start, last) : (last, start)
    // As many steps as fit: a rounded quotient whose bound holds by its making.
    let fits =
      step > 0
      ? size == (extent - start + Dim(step - 1)).quotient(dividingBy: Dim(step))
      : size == (start - Dim(step)).quotient(dividingBy: Dim(-step))
    guard fits && step < 0 || context.requireOrder(low, atLeast: 0),
      fits && step > 0 || context.requireOrder(extent, atLeast: high + 1)
    else {
      throw Refusal(
        .invalidSlice,
        size == 1
          ? "index \(start) is out of range for axis \(axis) of size \(extent)"
          : "positions \(low) to \(high) do not lie within axis \(axis) of size \(extent)",
        constraint: "C4", marks: [Refusal.Mark(0, [axis])],
        help: extent.constant == 0 ? "the axis is empty" : "positions are 0...\(extent - 1)")
    }
  }
}

extension Expr {
  /// The tensor with the order of the elements along `axes` reversed.
  @_transparent public func flipped(axes: Int...) -> Expr {
    _flipped(axes.isEmpty ? nil : axes, .here())
  }

  @usableFromInline func _flipped(_ axes: [Int]?, _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    do {
      let axes = try normalizedAxes(axes, rank: x.rank)
      if axes.isEmpty { return x }
      let slice = Slice(
        starts: x.shape.indices.map { axes.contains($0) ? x.shape[$0] - 1 : 0 }, sizes: x.shape,
        steps: x.shape.indices.map { axes.contains($0) ? -1 : 1 })
      return .make(slice, [x], at: at)
    } catch {
      return .refused(error, "flipped", [x], at: at)
    }
  }

  /// `count` consecutive elements along one axis, and all along the others.
  func cut(_ axis: Int, from start: Dim, count: Dim) -> Expr {
    if isInvalid { return self }
    var (starts, sizes) = ([Dim](repeating: 0, count: rank), shape)
    (starts[axis], sizes[axis]) = (start, count)
    return .make(
      Slice(starts: starts, sizes: sizes, steps: [Int](repeating: 1, count: rank)), [self],
      at: .here())
  }

  /// The tensor cut into consecutive parts of the given sizes along an axis.
  ///
  ///     let parts = {0}.split(sizes: [2, 3], axis: 1)      // [n, 5] -> [n, 2] and [n, 3]
  ///
  /// - Returns: one tensor for each size; a single invalid one if the sizes do not add up.
  @_transparent public func split(sizes: [Dim], axis: Int = 0) -> [Expr] {
    _split(sizes, axis, .here())
  }

  /// The tensor cut into `parts` equal parts along an axis, whose size `parts` must divide.
  @_transparent public func split(parts: Int, axis: Int = 0) -> [Expr] {
    _split(parts, axis, .here())
  }

  @usableFromInline func _split(_ parts: Int, _ axis: Int, _ at: Location) -> [Expr] {
    let x = settled()
    if x.isInvalid { return [x] }
    do throws(Refusal) {
      let axis = try normalizedAxes([axis], rank: x.rank)[0]
      guard parts > 0, let size = x.shape[axis].exactQuotient(by: Dim(parts)) else {
        throw Refusal(
          .invalidSlice, "axis \(axis) of size \(x.shape[axis]) has no \(parts) equal parts",
          marks: [Refusal.Mark(0, [axis])], help: "give the sizes: {0}.split(sizes: […])")
      }
      return x._split([Dim](repeating: size, count: parts), axis, at)
    } catch {
      return [.refused(error, "split", [x], at: at)]
    }
  }

  @usableFromInline func _split(_ sizes: [Dim], _ axis: Int, _ at: Location) -> [Expr] {
    let x = settled()
    if x.isInvalid { return [x] }
    do throws(Refusal) {
      let axis = try normalizedAxes([axis], rank: x.rank)[0]
      let total = sizes.reduce(0, +)
      guard total == x.shape[axis] else {
        throw Refusal(
          .invalidSlice, "the sizes add up to \(total), but axis \(axis) has \(x.shape[axis])",
          marks: [Refusal.Mark(0, [axis])])
      }
      var start = Dim(0)
      return sizes.map { size in
        var starts = [Dim](repeating: 0, count: x.rank)
        var shape = x.shape
        starts[axis] = start
        shape[axis] = size
        start += size
        let steps = [Int](repeating: 1, count: x.rank)
        return .make(Slice(starts: starts, sizes: shape, steps: steps), [x], at: at)
      }
    } catch {
      return [.refused(error, "split", [x], at: at)]
    }
  }
}
