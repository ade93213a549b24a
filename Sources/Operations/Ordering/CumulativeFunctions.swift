public import GnomonIR
internal import GnomonTensors

/// The sum of the elements up to each position along an axis.
///
/// - Parameters:
///   - x: a numeric tensor; integers wrap, half floats accumulate in float32.
///   - axis: a negative one counts from the end.
///   - reversed: whether it is the elements from each position on.
/// - Returns: the same shape and dtype.
@_transparent public func cumulativeSum(_ x: Expr, axis: Int = -1, reversed: Bool = false) -> Expr {
  _cumulativeSum(x, axis, reversed, .here())
}

@usableFromInline func _cumulativeSum(_ x: Expr, _ axis: Int, _ reversed: Bool, _ at: Location)
  -> Expr
{
  .cumulative("cumulativeSum", .sum, x, axis, reversed, at)
}

/// The product of the elements up to each position along an axis.
///
/// The derivative is right where elements are 0 too.
///
/// - Parameters:
///   - x: a numeric tensor; integers wrap, half floats accumulate in float32.
///   - axis: a negative one counts from the end.
///   - reversed: whether it is the elements from each position on.
/// - Returns: the same shape and dtype.
@_transparent public func cumulativeProduct(_ x: Expr, axis: Int = -1, reversed: Bool = false)
  -> Expr
{ _cumulativeProduct(x, axis, reversed, .here()) }

@usableFromInline func _cumulativeProduct(_ x: Expr, _ axis: Int, _ reversed: Bool, _ at: Location)
  -> Expr
{
  .cumulative("cumulativeProduct", .product, x, axis, reversed, at)
}

/// The largest of the elements up to each position along an axis.
///
/// NaN stays from where it occurs. The derivative goes to the last of equal elements.
///
/// - Parameters:
///   - x: a numeric tensor; integers wrap, half floats accumulate in float32.
///   - axis: a negative one counts from the end.
///   - reversed: whether it is the elements from each position on.
/// - Returns: the same shape and dtype.
@_transparent public func cumulativeMax(_ x: Expr, axis: Int = -1, reversed: Bool = false) -> Expr {
  _cumulativeMax(x, axis, reversed, .here())
}

@usableFromInline func _cumulativeMax(_ x: Expr, _ axis: Int, _ reversed: Bool, _ at: Location)
  -> Expr
{
  .cumulative("cumulativeMax", .maximum, x, axis, reversed, at)
}

/// The smallest of the elements up to each position along an axis.
///
/// NaN stays from where it occurs. The derivative goes to the last of equal elements.
///
/// - Parameters:
///   - x: a numeric tensor; integers wrap, half floats accumulate in float32.
///   - axis: a negative one counts from the end.
///   - reversed: whether it is the elements from each position on.
/// - Returns: the same shape and dtype.
@_transparent public func cumulativeMin(_ x: Expr, axis: Int = -1, reversed: Bool = false) -> Expr {
  _cumulativeMin(x, axis, reversed, .here())
}

@usableFromInline func _cumulativeMin(_ x: Expr, _ axis: Int, _ reversed: Bool, _ at: Location)
  -> Expr
{
  .cumulative("cumulativeMin", .minimum, x, axis, reversed, at)
}

/// The logarithm of the sum of exponentials of the elements up to each position along an axis,
/// without overflow.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axis: one whose size is known; a negative one counts from the end.
///   - reversed: whether it is the elements from each position on.
@_transparent public func cumulativeLogSumExp(_ x: Expr, axis: Int = -1, reversed: Bool = false)
  -> Expr
{ _cumulativeLogSumExp(x, axis, reversed, .here()) }

@usableFromInline func _cumulativeLogSumExp(
  _ x: Expr, _ axis: Int, _ reversed: Bool, _ at: Location
) -> Expr {
  let x = x.settled()
  if let bad = floatsOnly(x, "cumulativeLogSumExp", at) { return bad }
  return at.serving("cumulativeLogSumExp") {
    associativeScan(x, axis: axis, reversed: reversed) { logAddExp($0, $1) }
  }
}

/// The elements up to each position along an axis, joined by an associative function of two
/// tensors.
///
///     associativeScan(x, axis: 0) { maximum($0, $1) }
///
/// As many rounds as the axis has binary digits, each over the whole tensor.
///
/// - Parameters:
///   - x: any tensor.
///   - axis: one whose size is known; a negative one counts from the end.
///   - reversed: whether it is the elements from each position on.
///   - join: elementwise and associative; the earlier tensor comes first.
@_transparent public func associativeScan(
  _ x: Expr, axis: Int = 0, reversed: Bool = false, _ join: (Expr, Expr) -> Expr
) -> Expr { _associativeScan(x, axis, reversed, join, .here()) }

@usableFromInline func _associativeScan(
  _ x: Expr, _ axis: Int, _ reversed: Bool, _ join: (Expr, Expr) -> Expr, _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    guard let n = x.shape[axis].constant else {
      throw Refusal(
        .invalidAttribute, "the size \(x.shape[axis]) of axis \(axis) is not known",
        marks: [Refusal.Mark(0, [axis])],
        help: "the number of rounds depends on it; fix it, or use cumulativeSum and its kind")
    }
    func part(_ y: Expr, _ start: Int, _ count: Int) -> Expr {
      var starts = [Dim](repeating: 0, count: x.rank)
      var sizes = x.shape
      starts[axis] = Dim(start)
      sizes[axis] = Dim(count)
      let steps = [Int](repeating: 1, count: x.rank)
      return .make(Slice(starts: starts, sizes: sizes, steps: steps), [y], at: .here())
    }
    return at.serving("associativeScan") {
      // Hillis and Steele: each round joins what lies twice as far apart.
      var y = x
      var distance = 1
      while distance < n {
        let rest = n - distance
        if reversed {
          let joined = join(part(y, 0, rest), part(y, distance, rest))
          y = concatenate([joined, part(y, rest, distance)], axis: axis)
        } else {
          let joined = join(part(y, 0, rest), part(y, distance, rest))
          y = concatenate([part(y, 0, distance), joined], axis: axis)
        }
        distance *= 2
      }
      return y
    }
  } catch {
    return .refused(error, "associativeScan", [x], at: at)
  }
}

/// The differences of neighbouring elements along an axis, which becomes one shorter for each
/// order.
///
/// - Parameters:
///   - x: a numeric tensor.
///   - axis: a negative one counts from the end.
///   - order: how often differences are taken.
@_transparent public func difference(_ x: Expr, axis: Int = -1, order: Int = 1) -> Expr {
  _difference(x, axis, order, .here())
}

@usableFromInline func _difference(_ x: Expr, _ axis: Int, _ order: Int, _ at: Location) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    guard order >= 0 else {
      throw Refusal(.invalidAttribute, "the order \(order) is negative", marks: [Refusal.Mark(0)])
    }
    return at.serving("difference") {
      var y = x
      for _ in 0..<order {
        var starts = [Dim](repeating: 0, count: y.rank)
        var sizes = y.shape
        sizes[axis] -= 1
        let steps = [Int](repeating: 1, count: y.rank)
        let lower = Slice(starts: starts, sizes: sizes, steps: steps)
        starts[axis] = 1
        let upper = Slice(starts: starts, sizes: sizes, steps: steps)
        y = Expr.make(upper, [y], at: .here()) - Expr.make(lower, [y], at: .here())
      }
      return y
    }
  } catch {
    return .refused(error, "difference", [x], at: at)
  }
}

extension Expr {
  static func cumulative(
    _ name: String, _ combiner: Combiner, _ x: Expr, _ axis: Int, _ reversed: Bool,
    _ at: Location
  ) -> Expr {
    let x = x.settled()
    if x.isInvalid { return x }
    do throws(Refusal) {
      let axis = try normalizedAxes([axis], rank: x.rank)[0]
      return .make(
        Cumulative(axis: axis, combiner: combiner, reversed: reversed), [x],
        at: at.inScope(name))
    } catch {
      return .refused(error, name, [x], at: at)
    }
  }
}
