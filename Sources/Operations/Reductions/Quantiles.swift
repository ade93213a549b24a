public import GnomonIR
internal import GnomonTensors

/// How a quantile between two elements is found.
public enum QuantileMethod: Sendable {
  /// On the line between them.
  case linear
  case lower, higher
  /// The one whose position is nearer, the even one of two.
  case nearest
  /// The mean of both.
  case midpoint
}

/// The number below which a share of the elements along an axis lies.
///
/// NaN if any element is NaN. The derivative goes to the elements it lies between.
///
/// - Parameters:
///   - x: a floating-point tensor; the axis is not empty.
///   - q: the share, between 0 and 1.
///   - axis: a negative one counts from the end.
///   - keepDims: whether the axis stays, with size 1.
///   - method: what holds between two elements.
@_transparent public func quantile(
  _ x: Expr, _ q: Double, axis: Int = -1, keepDims: Bool = false, method: QuantileMethod = .linear
) -> Expr { _quantile(x, q, axis, keepDims, method, .here()) }

@usableFromInline func _quantile(
  _ x: Expr, _ q: Double, _ axis: Int, _ keepDims: Bool, _ method: QuantileMethod, _ at: Location
) -> Expr {
  let x = x.settled()
  if let bad = floatsOnly(x, "quantile", at) { return bad }
  if x.isInvalid { return x }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    guard q >= 0, q <= 1 else {
      throw Refusal(
        .invalidAttribute, "the share \(q) is not between 0 and 1", marks: [Refusal.Mark(0)],
        help: "percentile(x, \(q)) takes per cent")
    }
    return at.serving("quantile") {
      let line = sorted(x, axis: axis)
      let n = size(of: x, axis: axis)
      let y = element(of: line, q, count: n, axis, method)
      // NaN is last: if there is one, the last element is one.
      let last = taken(line, n - 1, axis)
      let value = select(isNaN(last), last, y)
      return keepDims ? value : value.squeezed(axis: axis)
    }
  } catch {
    return .refused(error, "quantile", [x], at: at)
  }
}

/// The number below which so many per cent of the elements along an axis lie; see `quantile`.
@_transparent public func percentile(
  _ x: Expr, _ p: Double, axis: Int = -1, keepDims: Bool = false, method: QuantileMethod = .linear
) -> Expr { _percentile(x, p, axis, keepDims, method, .here()) }

@usableFromInline func _percentile(
  _ x: Expr, _ p: Double, _ axis: Int, _ keepDims: Bool, _ method: QuantileMethod, _ at: Location
) -> Expr {
  _quantile(x, p / 100, axis, keepDims, method, at.inScope("percentile"))
}

/// The middle one of the elements along an axis in order, or the mean of the middle two; NaN if any
/// is.
///
/// - Parameters:
///   - x: a floating-point tensor; the axis is not empty.
///   - axis: a negative one counts from the end.
///   - keepDims: whether the axis stays, with size 1.
@_transparent public func median(_ x: Expr, axis: Int = -1, keepDims: Bool = false) -> Expr {
  _median(x, axis, keepDims, .here())
}

@usableFromInline func _median(_ x: Expr, _ axis: Int, _ keepDims: Bool, _ at: Location) -> Expr {
  _quantile(x, 0.5, axis, keepDims, .midpoint, at.inScope("median"))
}

/// As `quantile`, of the elements that are not NaN; NaN where there are none.
@_transparent public func nanQuantile(
  _ x: Expr, _ q: Double, axis: Int = -1, keepDims: Bool = false, method: QuantileMethod = .linear
) -> Expr { _nanQuantile(x, q, axis, keepDims, method, .here()) }

@usableFromInline func _nanQuantile(
  _ x: Expr, _ q: Double, _ axis: Int, _ keepDims: Bool, _ method: QuantileMethod, _ at: Location
) -> Expr {
  let x = x.settled()
  if let bad = floatsOnly(x, "nanQuantile", at) { return bad }
  if x.isInvalid { return x }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    guard q >= 0, q <= 1 else {
      throw Refusal(
        .invalidAttribute, "the share \(q) is not between 0 and 1", marks: [Refusal.Mark(0)])
    }
    return at.serving("nanQuantile") {
      // NaN comes last, so the numbers are the first of the line.
      let count = sum((.!isNaN(x)).cast(to: .int64), axes: [axis], keepDims: true)
      let y = element(of: sorted(x, axis: axis), q, count: count, axis, method)
      return keepDims ? y : y.squeezed(axis: axis)
    }
  } catch {
    return .refused(error, "nanQuantile", [x], at: at)
  }
}

/// As `median`, of the elements that are not NaN; NaN where there are none.
@_transparent public func nanMedian(_ x: Expr, axis: Int = -1, keepDims: Bool = false) -> Expr {
  _nanMedian(x, axis, keepDims, .here())
}

@usableFromInline func _nanMedian(_ x: Expr, _ axis: Int, _ keepDims: Bool, _ at: Location) -> Expr
{
  _nanQuantile(x, 0.5, axis, keepDims, .midpoint, at.inScope("nanMedian"))
}

/// The quantile of the first `count` elements of a sorted line; the axis stays with size 1.
private func element(
  of line: Expr, _ q: Double, count: Expr, _ axis: Int, _ method: QuantileMethod
) -> Expr {
  let place = Expr(q) * (maximum(count, 1) - 1).cast(to: .float64)
  let lower = floor(place).cast(to: .int64)
  let upper = ceil(place).cast(to: .int64)
  switch method {
  case .lower: return taken(line, lower, axis)
  case .higher: return taken(line, upper, axis)
  case .nearest: return taken(line, round(place).cast(to: .int64), axis)
  case .midpoint: return 0.5 * (taken(line, lower, axis) + taken(line, upper, axis))
  case .linear:
    let (a, b) = (taken(line, lower, axis), taken(line, upper, axis))
    let share = (place - floor(place)).cast(to: line.dtype)
    return select(share .== 0, a, a + share * (b - a))
  }
}

/// The element of each line at a position: a scalar, or one for each line. The axis stays with size
/// 1.
private func taken(_ line: Expr, _ position: Expr, _ axis: Int) -> Expr {
  var shape = line.shape
  shape[axis] = 1
  let places = position.rank == 0 ? position.broadcast(to: shape) : position
  return .make(GatherAlong(axis: axis), [line, places], at: .here())
}
