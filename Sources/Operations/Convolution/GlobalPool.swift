public import GnomonIR
internal import GnomonTensors

/// The largest element of each channel.
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`, numeric.
///   - keepDims: whether the spatial axes stay, with size 1.
/// - Returns: `[batch, channels]`.
@_transparent public func globalMaxPool(_ x: Expr, keepDims: Bool = false) -> Expr {
  _globalMaxPool(x, keepDims, .here())
}

@usableFromInline func _globalMaxPool(_ x: Expr, _ keepDims: Bool, _ at: Location) -> Expr {
  let x = x.settled()
  if let bad = spatialRefusal(x, "globalMaxPool", at) { return bad }
  return at.serving("globalMaxPool") {
    max(x, axes: Array(1..<(x.rank - 1)), keepDims: keepDims)
  }
}

/// The mean of each channel.
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`, floating-point.
///   - keepDims: whether the spatial axes stay, with size 1.
/// - Returns: `[batch, channels]`.
@_transparent public func globalAveragePool(_ x: Expr, keepDims: Bool = false) -> Expr {
  _globalAveragePool(x, keepDims, .here())
}

@usableFromInline func _globalAveragePool(_ x: Expr, _ keepDims: Bool, _ at: Location) -> Expr {
  let x = x.settled()
  if let bad = spatialRefusal(x, "globalAveragePool", at) { return bad }
  return at.serving("globalAveragePool") {
    mean(x, axes: Array(1..<(x.rank - 1)), keepDims: keepDims)
  }
}

/// The means of as many windows as the result has elements along each spatial axis; window `i` of
/// `m` over
/// `n` elements goes from `floor(i n / m)` up to `ceil((i + 1) n / m)`.
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`, floating-point.
///   - sizes: the spatial sizes of the result.
@_transparent public func adaptiveAveragePool(_ x: Expr, to sizes: [Int]) -> Expr {
  _adaptiveAveragePool(x, sizes, .here())
}

@usableFromInline func _adaptiveAveragePool(_ x: Expr, _ sizes: [Int], _ at: Location) -> Expr {
  adaptivePool("adaptiveAveragePool", x, sizes, at) { x, axis, inside in
    let weights = inside.cast(to: x.dtype)
    let shares = weights / sum(weights, axes: 1, keepDims: true)
    return tensordot(x, shares, axes: [axis], [1]).moveAxis(from: -1, to: axis)
  }
}

/// The largest elements of as many windows as the result has elements along each spatial axis; the
/// windows are those of `adaptiveAveragePool`.
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`, floating-point, not empty.
///   - sizes: the spatial sizes of the result.
@_transparent public func adaptiveMaxPool(_ x: Expr, to sizes: [Int]) -> Expr {
  _adaptiveMaxPool(x, sizes, .here())
}

@usableFromInline func _adaptiveMaxPool(_ x: Expr, _ sizes: [Int], _ at: Location) -> Expr {
  adaptivePool("adaptiveMaxPool", x, sizes, at) { x, axis, inside in
    // [.., windows, elements]: what lies outside a window never wins.
    let lines = x.moveAxis(from: axis, to: -1).expanded(axis: -2)
    let largest = max(select(inside, lines, Expr(-.infinity)), axes: [-1])
    return largest.moveAxis(from: -1, to: axis)
  }
}

/// Pools one spatial axis after the other; `formula` gets the axis and, for each window, which
/// elements it holds.
private func adaptivePool(
  _ name: String, _ x: Expr, _ sizes: [Int], _ at: Location,
  _ formula: (Expr, Int, Expr) -> Expr
) -> Expr {
  let x = x.settled()
  if let bad = spatialRefusal(x, name, at) ?? floatsOnly(x, name, at) { return bad }
  guard sizes.count == x.rank - 2, sizes.allSatisfy({ $0 > 0 }) else {
    return .refused(
      Refusal(
        .windowMalformed, "the sizes \(sizes) do not fit \(x.rank - 2) spatial axes",
        marks: [Refusal.Mark(0)], help: "give one size, at least 1, for each spatial axis"), name,
      [x], at: at)
  }
  return at.serving(name) {
    var y = x.cast(to: x.dtype.computeType)
    for (i, m) in sizes.enumerated() {
      let axis = i + 1
      if x.shape[axis] == Dim(m) { continue }
      let n = size(of: x, axis: axis)
      let window = Expr.iota(Dim(m)).expanded(axis: 1)
      let element = Expr.iota(x.shape[axis])
      let first = window * n / Double(m)
      let last = ((window + 1) * n + Double(m - 1)) / Double(m)
      y = formula(y, axis, (element .>= first) .& (element .< last))
    }
    return y.cast(to: x.dtype)
  }
}

/// The refusal of a tensor without spatial axes.
func spatialRefusal(_ x: Expr, _ name: String, _ at: Location) -> Expr? {
  if x.isInvalid { return x }
  if x.rank >= 3 { return nil }
  return .refused(
    Refusal(
      .rankMismatch, "the input has rank \(x.rank), without spatial axes",
      marks: [Refusal.Mark(0)], help: "the input is [batch, spatial axes, channels]"), name, [x],
    at: at)
}
