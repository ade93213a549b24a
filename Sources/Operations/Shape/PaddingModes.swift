public import GnomonIR
internal import GnomonTensors

/// What stands around a tensor that is made larger.
public enum PaddingMode: Sendable {
  /// The outermost element.
  case edge
  /// The elements mirrored, without the outermost one.
  case reflect
  /// The elements mirrored, with the outermost one.
  case symmetric
  /// The elements from the other end.
  case wrap
  /// On a line from the outermost element to a value.
  case linearRamp(end: Double)
  /// The mean, largest or smallest element of each line.
  case mean, maximum, minimum
}

extension Expr {
  /// The tensor with elements around it that are made from its own.
  ///
  ///     x.padded([(1, 1), (0, 2)], mode: .edge)
  ///
  /// - Parameters:
  ///   - widths: for each axis how many elements go before and after.
  ///   - mode: what they are.
  @_transparent public func padded(_ widths: [(Int, Int)], mode: PaddingMode) -> Expr {
    _extended(widths, mode, .here())
  }

  @usableFromInline func _extended(_ widths: [(Int, Int)], _ mode: PaddingMode, _ at: Location)
    -> Expr
  {
    let x = settled()
    if x.isInvalid { return x }
    guard widths.count == x.rank, widths.allSatisfy({ $0.0 >= 0 && $0.1 >= 0 }) else {
      return .refused(
        Refusal(
          .invalidAttribute, "the widths \(widths) do not fit a tensor of rank \(x.rank)",
          help: "give one pair, at least (0, 0), for each axis"), "padded", [x], at: at)
    }
    for (axis, pair) in widths.enumerated() {
      let most = Swift.max(pair.0, pair.1)
      guard let n = x.shape[axis].constant, most > 0 else { continue }
      let limit: Int? =
        switch mode {
        case .reflect: n - 1
        case .symmetric, .wrap: n
        default: n == 0 ? 0 : nil
        }
      if let limit, most > limit {
        return .refused(
          Refusal(
            .invalidAttribute, "axis \(axis) of size \(n) cannot fill \(most) elements",
            marks: [Refusal.Mark(0, [axis])], help: "at most \(Swift.max(limit, 0)) on each side"),
          "padded", [x], at: at)
      }
    }
    return at.serving("padded") {
      // Axis after axis, so that corners continue what the earlier axes put there.
      widths.indices.reduce(x) { y, axis in
        y.isInvalid || widths[axis] == (0, 0) ? y : extended(y, axis, widths[axis], mode)
      }
    }
  }
}

/// One axis with elements before and after it.
private func extended(
  _ x: Expr, _ axis: Int, _ widths: (Int, Int), _ mode: PaddingMode
) -> Expr {
  let n = x.shape[axis]
  func part(_ start: Dim, _ count: Int, _ step: Int = 1) -> Expr {
    var starts = [Dim](repeating: 0, count: x.rank)
    var sizes = x.shape
    var steps = [Int](repeating: 1, count: x.rank)
    (starts[axis], sizes[axis], steps[axis]) = (start, Dim(count), step)
    return .make(Slice(starts: starts, sizes: sizes, steps: steps), [x], at: .here())
  }
  func repeated(_ line: Expr, _ count: Int) -> Expr {
    var shape = x.shape
    shape[axis] = Dim(count)
    return line.broadcast(to: shape)
  }
  func ramp(_ edge: Expr, _ count: Int, _ end: Double, rising: Bool) -> Expr {
    var shape = [Dim](repeating: 1, count: x.rank)
    shape[axis] = Dim(count)
    let places = Expr.iota(Dim(count)).cast(to: x.dtype).reshaped(shape)
    let share = (rising ? places : Double(count) - places) / Double(count)
    // From the value outside towards the edge.
    return rising
      ? Expr(end) + (edge - Expr(end)) * share
      : Expr(end) + (edge - Expr(end)) * (share - 1 / Double(count))
  }
  let (a, b) = widths
  let sides: (Expr?, Expr?)
  func both(_ before: () -> Expr, _ after: () -> Expr) -> (Expr?, Expr?) {
    (a > 0 ? before() : nil, b > 0 ? after() : nil)
  }
  switch mode {
  case .edge: sides = both({ repeated(part(0, 1), a) }, { repeated(part(n - 1, 1), b) })
  case .reflect: sides = both({ part(Dim(a), a, -1) }, { part(n - 2, b, -1) })
  case .symmetric: sides = both({ part(Dim(a - 1), a, -1) }, { part(n - 1, b, -1) })
  case .wrap: sides = both({ part(n - Dim(a), a) }, { part(0, b) })
  case .linearRamp(let end):
    sides = both(
      { ramp(part(0, 1), a, end, rising: true) }, { ramp(part(n - 1, 1), b, end, rising: false) })
  case .mean, .maximum, .minimum:
    let line =
      switch mode {
      case .mean: mean(x, axes: [axis], keepDims: true)
      case .maximum: max(x, axes: [axis], keepDims: true)
      default: min(x, axes: [axis], keepDims: true)
      }
    sides = both({ repeated(line, a) }, { repeated(line, b) })
  }
  return concatenate([sides.0, x, sides.1].compactMap { $0 }, axis: axis)
}
