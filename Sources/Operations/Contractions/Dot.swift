public import GnomonIR
internal import GnomonTensors

/// The sum of products over the last axis of `x` and the last but one of `y` (the only one of a
/// vector): `Σₖ x[…, k] y[…, k, …]`, NumPy's `dot`.
///
/// Of two vectors it is a scalar, of two matrices their product. A scalar multiplies.
@_transparent public func dot(_ x: Expr, _ y: Expr) -> Expr { _dot(x, y, .here()) }

@usableFromInline func _dot(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  let (x, y) = settledPair(x, y)
  if x.rank == 0 || y.rank == 0 { return Expr._multiply(x, y, at) }
  return tensorContraction("dot", x, y, [x.rank - 1], [Swift.max(y.rank - 2, 0)], at)
}

/// The sum of products over the last axes of both: `Σₖ x[…, k] y[…, k]`.
@_transparent public func inner(_ x: Expr, _ y: Expr) -> Expr { _inner(x, y, .here()) }

@usableFromInline func _inner(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  let (x, y) = settledPair(x, y)
  if x.rank == 0 || y.rank == 0 { return Expr._multiply(x, y, at) }
  return tensorContraction("inner", x, y, [x.rank - 1], [y.rank - 1], at)
}

/// All products of an element of `x` and one of `y`: shape `x.shape + y.shape`.
///
/// NumPy flattens operands of rank 2 and more first; here they keep their axes.
@_transparent public func outer(_ x: Expr, _ y: Expr) -> Expr { _outer(x, y, .here()) }

@usableFromInline func _outer(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  let (x, y) = settledPair(x, y)
  return tensorContraction("outer", x, y, [], [], at)
}

/// The sum of products over pairs of axes; the result has the other axes of `x`, then those of `y`.
///
///     tensordot(x, y, axes: [1, 2], [0, 1])
///
/// - Parameters:
///   - left: axes of `x`, negative ones counting from the end.
///   - right: as many axes of `y`, each of the same size as its partner.
@_transparent public func tensordot(
  _ x: Expr, _ y: Expr, axes left: [Int], _ right: [Int]
) -> Expr { _tensordot(x, y, left, right, .here()) }

/// The sum of products over the last `axes` axes of `x` and the first of `y`.
@_transparent public func tensordot(_ x: Expr, _ y: Expr, axes: Int = 2) -> Expr {
  _tensordot(x, y, axes, .here())
}

@usableFromInline func _tensordot(
  _ x: Expr, _ y: Expr, _ count: Int, _ at: Location
) -> Expr {
  guard count >= 0 else {
    return .refused(
      Refusal(.invalidAttribute, "\(count) axes: the number is negative"), "tensordot", [x, y],
      at: at)
  }
  return _tensordot(x, y, Array(-count..<0), Array(0..<count), at)
}

@usableFromInline func _tensordot(
  _ x: Expr, _ y: Expr, _ left: [Int], _ right: [Int], _ at: Location
) -> Expr {
  let (x, y) = settledPair(x, y)
  if x.isInvalid || y.isInvalid { return .make(Contract("a,a->"), [x, y], at: at) }
  func positive(_ axes: [Int], _ e: Expr, _ operand: Int) throws(Refusal) -> [Int] {
    // Ascending order is not wanted here: the axes are pairs.
    do { _ = try normalizedAxes(axes, rank: e.rank) } catch {
      var refusal = error
      refusal.marks = [Refusal.Mark(operand)]
      throw refusal
    }
    return axes.map { $0 < 0 ? $0 + e.rank : $0 }
  }
  do throws(Refusal) {
    guard left.count == right.count else {
      throw Refusal(
        .invalidAttribute,
        "\(left.count) axes of the left operand against \(right.count) of the right",
        help: "axes are given in pairs")
    }
    return tensorContraction(
      "tensordot", x, y, try positive(left, x, 0), try positive(right, y, 1), at)
  } catch {
    return .refused(error, "tensordot", [x, y], at: at)
  }
}

/// Literals take the dtype of the other operand.
func settledPair(_ x: Expr, _ y: Expr) -> (Expr, Expr) {
  let a = x.literalValue == nil || y.literalValue != nil ? x.settled() : x.settled(y.dtype)
  return (a, y.settled(a.dtype))
}

let einsumLetters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

private func tensorContraction(
  _ function: String, _ x: Expr, _ y: Expr, _ left: [Int], _ right: [Int], _ at: Location
) -> Expr {
  if x.isInvalid || y.isInvalid { return .make(Contract("a,a->"), [x, y], at: at) }
  guard x.rank + y.rank - left.count <= einsumLetters.count else {
    return .refused(Refusal(.rankMismatch, "too many axes"), function, [x, y], at: at)
  }
  var context = TypeContext(operands: [x.type, y.type])
  for (i, j) in zip(left, right) where !context.agree(x.shape[i], y.shape[j]) {
    return .refused(
      Refusal(
        .innerDimensionsDiffer,
        "the sizes of the summed axes differ: \(x.shape[i]) and \(y.shape[j])",
        marks: [Refusal.Mark(0, [i]), Refusal.Mark(1, [j])]), function, [x, y], at: at)
  }
  let a = Array(einsumLetters[..<x.rank])
  var b = Array(einsumLetters[x.rank...].prefix(y.rank))
  for (i, j) in zip(left, right) { b[j] = a[i] }
  let result =
    a.indices.filter { !left.contains($0) }.map { a[$0] }
    + b.indices.filter { !right.contains($0) }.map { b[$0] }
  return .contraction(
    function, "\(String(a)),\(String(b))->\(String(result))", x, y, at: at)
}
