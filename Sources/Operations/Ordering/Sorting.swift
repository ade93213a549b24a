public import GnomonIR
internal import GnomonTensors

/// The positions along an axis of its elements in order; equal elements keep theirs, NaN comes
/// last.
///
/// - Parameters:
///   - x: any tensor.
///   - axis: a negative one counts from the end.
///   - descending: whether the largest comes first.
/// - Returns: int64, the shape of `x`.
@_transparent public func argsort(_ x: Expr, axis: Int = -1, descending: Bool = false) -> Expr {
  _argsort(x, axis, descending, .here())
}

@usableFromInline func _argsort(_ x: Expr, _ axis: Int, _ descending: Bool, _ at: Location) -> Expr
{
  let x = x.settled()
  if x.isInvalid { return x }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    // Of integers the complement turns the order round without overflow.
    let keys = at.serving("argsort") {
      !descending ? x : x.dtype.isFloat ? -x : .!x
    }
    return .make(Order(axis: axis), [keys], at: at.inScope("argsort"))
  } catch {
    return .refused(error, "argsort", [x], at: at)
  }
}

/// The elements along an axis in order; NaN comes last. The derivative goes back to where each came
/// from.
///
/// - Parameters:
///   - x: any tensor.
///   - axis: a negative one counts from the end.
///   - descending: whether the largest comes first.
@_transparent public func sorted(_ x: Expr, axis: Int = -1, descending: Bool = false) -> Expr {
  _sorted(x, axis, descending, .here())
}

@usableFromInline func _sorted(_ x: Expr, _ axis: Int, _ descending: Bool, _ at: Location) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    return at.serving("sorted") {
      .make(
        GatherAlong(axis: axis), [x, argsort(x, axis: axis, descending: descending)],
        at: .here())
    }
  } catch {
    return .refused(error, "sorted", [x], at: at)
  }
}

/// The `k` largest elements along an axis, the largest first, and their positions (int64).
///
/// Of equal elements the first comes first; NaN comes last.
///
/// - Parameters:
///   - x: any tensor.
///   - k: at most the size of the axis.
///   - axis: a negative one counts from the end.
@_transparent public func topK(_ x: Expr, _ k: Int, axis: Int = -1) -> (values: Expr, indices: Expr)
{ _topK(x, k, axis, .here()) }

@usableFromInline func _topK(_ x: Expr, _ k: Int, _ axis: Int, _ at: Location) -> (
  values: Expr, indices: Expr
) {
  let x = x.settled()
  func refused(_ refusal: Refusal) -> (values: Expr, indices: Expr) {
    let bad = Expr.refused(refusal, "topK", [x], at: at)
    return (bad, bad)
  }
  if x.isInvalid { return (x, x) }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    guard k >= 0, k <= (x.shape[axis].constant ?? k) else {
      throw Refusal(
        .invalidAttribute, "\(k) elements of axis \(axis) of size \(x.shape[axis])",
        marks: [Refusal.Mark(0, [axis])])
    }
    return at.serving("topK") {
      var sizes = x.shape
      sizes[axis] = Dim(k)
      let first = Slice(
        starts: [Dim](repeating: 0, count: x.rank), sizes: sizes,
        steps: [Int](repeating: 1, count: x.rank))
      let indices = Expr.make(first, [argsort(x, axis: axis, descending: true)], at: .here())
      return (.make(GatherAlong(axis: axis), [x, indices], at: .here()), indices)
    }
  } catch {
    return refused(error)
  }
}

/// The permutation that undoes another: at `p[i]` it has `i`.
///
/// - Parameter p: integers, each of 0..<n once along the last axis.
@_transparent public func inversePermutation(_ p: Expr) -> Expr { _inversePermutation(p, .here()) }

@usableFromInline func _inversePermutation(_ p: Expr, _ at: Location) -> Expr {
  at.serving("inversePermutation") { argsort(p, axis: -1) }
}

/// For each number the position at which it would have to be inserted to keep a vector sorted.
///
/// - Parameters:
///   - sorted: a vector in ascending order, NaN last.
///   - x: any shape, the same dtype.
///   - right: whether it is the position after equal elements rather than before them.
/// - Returns: int64, the shape of `x`, from 0 to the length of the vector.
@_transparent public func searchSorted(_ sorted: Expr, _ x: Expr, right: Bool = false) -> Expr {
  _searchSorted(sorted, x, right, .here())
}

@usableFromInline func _searchSorted(_ sorted: Expr, _ x: Expr, _ right: Bool, _ at: Location)
  -> Expr
{
  let (a, v) = settledPair(sorted, x)
  if a.isInvalid || v.isInvalid { return .make(Equal(), [a, v], at: at) }
  guard a.rank == 1, a.dtype == v.dtype else {
    return .refused(
      a.rank == 1
        ? Refusal(
          .dtypeMismatch, "the operands have different dtypes: \(a.dtype) and \(v.dtype)",
          help: "cast one of them: {1}.cast(to: .\(a.dtype))")
        : Refusal(
          .rankMismatch, "the sorted numbers have rank \(a.rank) instead of 1",
          marks: [Refusal.Mark(0)]), "searchSorted", [a, v], at: at)
  }
  return at.serving("searchSorted") {
    func isBefore(_ a: Expr, _ v: Expr) -> Expr {
      if !a.dtype.isFloat { return right ? a .<= v : a .< v }
      // NaN is after every number.
      return right ? (a .<= v) .| isNaN(v) : (a .< v) .| (isNaN(v) .& .!isNaN(a))
    }
    guard let n = a.shape[0].constant, n > 16 else {
      let lines = v.expanded(axis: -1)
      return sum(isBefore(a, lines).cast(to: .int64), axes: -1)
    }
    // Bisection from the largest power of two down.
    var position = Expr.zeros(.int64, v.shape)
    var step = 1 << (Int.bitWidth - 1 - n.leadingZeroBitCount)
    while step > 0 {
      let next = position + Double(step)
      let probe = minimum(next, Expr(Double(n))) - 1
      let found = Expr.make(Gather(axis: 0), [a, probe], at: .here())
      position = select((next .<= Expr(Double(n))) .& isBefore(found, v), next, position)
      step /= 2
    }
    return position
  }
}

/// For each number which of the intervals between ascending bounds it lies in: the number of bounds
/// that are at
/// most `x`.
///
/// - Parameters:
///   - x: any shape.
///   - bins: the bounds, a vector in ascending order, the same dtype.
///   - right: whether an interval has its upper bound rather than its lower one.
@_transparent public func digitize(_ x: Expr, bins: Expr, right: Bool = false) -> Expr {
  _digitize(x, bins, right, .here())
}

@usableFromInline func _digitize(_ x: Expr, _ bins: Expr, _ right: Bool, _ at: Location) -> Expr {
  at.serving("digitize") { searchSorted(bins, x, right: !right) }
}

/// Whether each element is one of some values.
///
/// - Parameters:
///   - x: any tensor.
///   - values: the same dtype, any shape.
@_transparent public func isIn(_ x: Expr, _ values: Expr) -> Expr { _isIn(x, values, .here()) }

@usableFromInline func _isIn(_ x: Expr, _ values: Expr, _ at: Location) -> Expr {
  let (x, v) = settledPair(x, values)
  return at.serving("isIn") { any(x.expanded(axis: -1) .== v.flattened(), axes: -1) }
}

/// The different values of a tensor in ascending order, and how often each occurs (int64).
///
/// - Parameters:
///   - x: a numeric tensor, not empty; NaN counts as different from NaN.
///   - size: how many values the result has room for; more are left out, and the rest is `fill`
///     with count 0.
///   - fill: what stands where there is no value.
@_transparent public func unique(_ x: Expr, size: Int, fill: Double = 0) -> (
  values: Expr, counts: Expr
) { _unique(x, size, fill, .here()) }

@usableFromInline func _unique(_ x: Expr, _ size: Int, _ fill: Double, _ at: Location) -> (
  values: Expr, counts: Expr
) {
  let x = x.settled()
  if x.isInvalid { return (x, x) }
  guard size >= 0 else {
    let bad = Expr.refused(
      Refusal(.invalidAttribute, "the size \(size) is negative", marks: [Refusal.Mark(0)]),
      "unique",
      [x], at: at)
    return (bad, bad)
  }
  return at.serving("unique") {
    let line = sorted(x.flattened())
    let n = line.shape[0]
    // Where a new value begins, and which one it is.
    let before = concatenate([line[0..<1], line[0..<(-1)]], axis: 0)
    let isNew = (line .!= before) .| (Expr.iota(n) .== 0)
    let number = cumulativeSum(isNew.cast(to: .int64)) - 1
    let place = minimum(number, Expr(Double(size)))
    // What does not fit goes to one place more, which is cut off.
    let room = Expr.full(fill, x.dtype, [Dim(size + 1)])
    let values = Expr.make(ScatterUpdate(axis: 0, combiner: nil), [room, place, line], at: .here())
    let counts = Expr.make(
      ScatterAdd(axis: 0),
      [Expr.zeros(.int64, [Dim(size + 1)]), place, Expr.ones(.int64, [n])], at: .here())
    return (values[0..<size], counts[0..<size])
  }
}
