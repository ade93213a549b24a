public import GnomonIR
internal import GnomonTensors

// Axes of size 1 that come and go: names for `reshape`.
extension Expr {
  /// The tensor with an axis of size 1 inserted, so that it becomes axis `axis` of the result.
  ///
  ///     bias.expanded(axis: 1)      // [n] -> [n, 1]
  ///
  /// - Parameter axis: a negative one counts from the end of the result.
  @_transparent public func expanded(axis: Int) -> Expr { _expanded(axis, .here()) }

  @usableFromInline func _expanded(_ axis: Int, _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    guard axis >= -(x.rank + 1), axis <= x.rank else {
      return .refused(
        Refusal(
          .axisOutOfRange, "axis \(axis) of a result of rank \(x.rank + 1)",
          help: "axes are \(-x.rank - 1)...\(x.rank)"), "expanded", [x], at: at)
    }
    var shape = x.shape
    shape.insert(1, at: axis < 0 ? axis + x.rank + 1 : axis)
    return .make(Reshape(shape: shape), [x], at: at)
  }

  /// The tensor without its axes of size 1, or without those given, which must have size 1.
  @_transparent public func squeezed(axes: Int...) -> Expr {
    _squeezed(axes.isEmpty ? nil : axes, .here())
  }

  /// The tensor without one axis of size 1.
  @_transparent public func squeezed(axis: Int) -> Expr { _squeezed([axis], .here()) }

  @usableFromInline func _squeezed(_ axes: [Int]?, _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    let dropped: [Int]
    do {
      dropped =
        try axes.map { (axes) throws(Refusal) in try normalizedAxes(axes, rank: x.rank) }
        ?? x.shape.indices.filter { x.shape[$0] == 1 }
    } catch {
      return .refused(error, "squeezed", [x], at: at)
    }
    if let axis = dropped.first(where: { x.shape[$0].constant != nil && x.shape[$0] != 1 }) {
      return .refused(
        Refusal(
          .shapeMismatch, "axis \(axis) has size \(x.shape[axis]), not 1",
          marks: [Refusal.Mark(0, [axis])], help: "to take one element of it: {0}[…, i, …]"),
        "squeezed", [x], at: at)
    }
    if dropped.isEmpty { return x }
    let kept = x.shape.indices.filter { !dropped.contains($0) }.map { x.shape[$0] }
    return .make(Reshape(shape: kept), [x], at: at)
  }

  /// All elements in row-major order as one axis.
  @_transparent public func flattened() -> Expr { _flattened(.here()) }

  @usableFromInline func _flattened(_ at: Location) -> Expr {
    let x = settled()
    return x._reshaped([x.type.elementCount], at)
  }
}
