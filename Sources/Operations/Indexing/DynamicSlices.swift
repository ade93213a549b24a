public import GnomonIR
public import GnomonTensors

/// A part of known size that begins where scalars say; a start is moved so that the part lies
/// within.
///
/// - Parameters:
///   - x: any tensor.
///   - starts: an integer scalar for each axis.
///   - sizes: of the part, at most those of `x`.
@_transparent public func dynamicSlice(_ x: Expr, starts: [Expr], sizes: [Dim]) -> Expr {
  _dynamicSlice(x, starts, sizes, .here())
}

@usableFromInline func _dynamicSlice(_ x: Expr, _ starts: [Expr], _ sizes: [Dim], _ at: Location)
  -> Expr
{
  let x = x.settled()
  let starts = starts.map { $0.settled(.int64) }
  func refused(_ refusal: Refusal) -> Expr {
    .refused(refusal, "dynamicSlice", [x] + starts, at: at)
  }
  if x.isInvalid || starts.contains(where: \.isInvalid) {
    return refused(Refusal(.invalidSlice, ""))
  }
  guard starts.count == x.rank, sizes.count == x.rank,
    starts.allSatisfy({ $0.rank == 0 && $0.dtype.isInteger })
  else {
    return refused(
      Refusal(
        .invalidSlice,
        "\(starts.count) starts and \(sizes.count) sizes for a tensor of rank \(x.rank)",
        help: "give one integer scalar and one size for each axis"))
  }
  return at.serving("dynamicSlice") {
    var y = x
    for axis in 0..<x.rank where sizes[axis] != x.shape[axis] {
      let last = size(of: x, axis: axis) - Expr.make(Size(sizes[axis]), [], at: .here())
      let start = minimum(maximum(starts[axis].cast(to: .int64), 0), last)
      y = .make(Gather(axis: axis), [y, start + Expr.iota(sizes[axis])], at: .here())
    }
    return y
  }
}

/// The tensor with a part replaced that begins where scalars say; a start is moved so that the part
/// lies within.
///
/// - Parameters:
///   - x: any tensor.
///   - update: the part; the same dtype and rank, not empty.
///   - starts: an integer scalar for each axis.
@_transparent public func updatingSlice(_ x: Expr, _ update: Expr, starts: [Expr]) -> Expr {
  _updatingSlice(x, update, starts, .here())
}

@usableFromInline func _updatingSlice(_ x: Expr, _ update: Expr, _ starts: [Expr], _ at: Location)
  -> Expr
{
  let x = x.settled()
  let update = update.settled(x.dtype)
  let starts = starts.map { $0.settled(.int64) }
  func refused(_ refusal: Refusal) -> Expr {
    .refused(refusal, "updatingSlice", [x, update] + starts, at: at)
  }
  if x.isInvalid || update.isInvalid || starts.contains(where: \.isInvalid) {
    return refused(Refusal(.invalidSlice, ""))
  }
  guard starts.count == x.rank, update.rank == x.rank, update.dtype == x.dtype,
    starts.allSatisfy({ $0.rank == 0 && $0.dtype.isInteger })
  else {
    return refused(
      Refusal(
        .invalidSlice, "\(starts.count) starts and an update of \(update.type) for \(x.type)",
        help: "give an update of the same rank and dtype, and one integer scalar for each axis"))
  }
  return at.serving("updatingSlice") {
    // Each place of the result looks whether it lies in the part, and where.
    var value = update
    var inside: Expr?
    for axis in 0..<x.rank {
      let length = Expr.make(Size(update.shape[axis]), [], at: .here())
      let start = minimum(
        maximum(starts[axis].cast(to: .int64), 0), size(of: x, axis: axis) - length)
      let offset = Expr.iota(x.shape[axis]) - start
      var shape = [Dim](repeating: 1, count: x.rank)
      shape[axis] = x.shape[axis]
      let here = ((offset .>= 0) .& (offset .< length)).reshaped(shape)
      inside = inside.map { $0 .& here } ?? here
      let place = minimum(maximum(offset, 0), length - 1)
      value = .make(Gather(axis: axis), [value, place], at: .here())
    }
    return inside.map { select($0, value, x) } ?? update
  }
}
