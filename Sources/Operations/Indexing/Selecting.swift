public import GnomonIR
public import GnomonTensors

/// As `take`, with indices outside moved to the nearest slice.
@_transparent public func take(_ x: Expr, _ indices: Expr, axis: Int = 0, outside: OutOfRange)
  -> Expr
{ _taking("take", x, indices, axis, outside, .here()) }

@usableFromInline func _taking(
  _ name: String, _ x: Expr, _ indices: Expr, _ axis: Int, _ outside: OutOfRange, _ at: Location
) -> Expr {
  if case .error = outside { return _take(x, indices, axis, at) }
  let x = x.settled()
  let indices = indices.settled(.int64)
  if x.isInvalid || indices.isInvalid { return .make(Gather(axis: axis), [x, indices], at: at) }
  if let refusal = integersOnly(indices, name, at) { return refusal }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    return at.serving(name) {
      let within = indices.indices(x.shape[axis], .clipped)
      let y = Expr.make(Gather(axis: axis), [x, within], at: .here())
      guard case .dropped = outside else { return y }
      let exists = indices.cast(to: .int64) .== within
      let shape =
        [Dim](repeating: 1, count: axis) + indices.shape
        + [Dim](repeating: 1, count: x.rank - axis - 1)
      return select(exists.reshaped(shape), y, Expr.constant(0, x.dtype, at: .here()))
    }
  } catch {
    return .refused(error, name, [x, indices], at: at)
  }
}

/// The elements, or slices, at coordinates.
///
/// - Parameters:
///   - x: any tensor.
///   - indices: integers `[…, depth]`: coordinates of the first `depth` axes. One outside is an
///     error when the
///     function runs.
/// - Returns: the leading axes of the indices, then the other axes of `x`.
@_transparent public func gatherND(_ x: Expr, _ indices: Expr) -> Expr {
  _gatherND(x, indices, .here())
}

@usableFromInline func _gatherND(_ x: Expr, _ indices: Expr, _ at: Location) -> Expr {
  let (x, indices) = (x.settled(), indices.settled(.int64))
  func refused(_ refusal: Refusal) -> Expr { .refused(refusal, "gatherND", [x, indices], at: at) }
  if x.isInvalid || indices.isInvalid { return refused(Refusal(.rankMismatch, "")) }
  if let bad = integersOnly(indices, "gatherND", at) { return bad }
  guard let depth = indices.shape.last?.constant, depth >= 1, depth <= x.rank else {
    return refused(
      Refusal(
        .rankMismatch, "\(indices.shape.last ?? 0) coordinates for a tensor of rank \(x.rank)",
        marks: [Refusal.Mark(0), Refusal.Mark(1)],
        help: "the last axis of the indices holds the coordinates, one for each leading axis"))
  }
  return at.serving("gatherND") {
    let columns = (0..<depth).map { k in
      indices[.ellipsis, k].checked(bound: x.shape[k], .here()).cast(to: .int64)
    }
    let flat = ravelIndex(columns, shape: Array(x.shape.prefix(depth)))
    let lines = x.reshaped([x.shape.prefix(depth).reduce(Dim(1), *)] + x.shape.dropFirst(depth))
    return .make(Gather(axis: 0), [lines, flat], at: .here())
  }
}

/// The row-major position of coordinates in a shape (int64).
///
/// - Parameters:
///   - indices: integers for each axis, which broadcast.
///   - shape: the sizes of the axes.
@_transparent public func ravelIndex(_ indices: [Expr], shape: [Dim]) -> Expr {
  _ravelIndex(indices, shape, .here())
}

@usableFromInline func _ravelIndex(_ indices: [Expr], _ shape: [Dim], _ at: Location) -> Expr {
  guard indices.count == shape.count, let first = indices.first else {
    return .refused(
      Refusal(.rankMismatch, "\(indices.count) coordinates for \(shape.count) axes"), "ravelIndex",
      indices, at: at)
  }
  return at.serving("ravelIndex") {
    zip(indices, shape).dropFirst().reduce(first.settled(.int64).cast(to: .int64)) { flat, pair in
      flat * Expr.make(Size(pair.1), [], at: .here()) + pair.0.settled(.int64).cast(to: .int64)
    }
  }
}

/// The coordinates of a row-major position in a shape (int64), one tensor for each axis.
@_transparent public func unravelIndex(_ index: Expr, shape: [Dim]) -> [Expr] {
  _unravelIndex(index, shape, .here())
}

@usableFromInline func _unravelIndex(_ index: Expr, _ shape: [Dim], _ at: Location) -> [Expr] {
  at.serving("unravelIndex") {
    var rest = index.settled(.int64).cast(to: .int64)
    var coordinates: [Expr] = []
    for size in shape.reversed() {
      let n = Expr.make(Size(size), [], at: .here())
      coordinates.insert(rest % n, at: 0)
      rest = rest / n
    }
    return coordinates
  }
}

/// The coordinates of the elements that are not 0, in row-major order (int64).
///
/// - Parameters:
///   - x: any tensor.
///   - size: how many the result has room for; more are left out.
///   - fill: what stands where there is none.
/// - Returns: one vector for each axis.
@_transparent public func nonzero(_ x: Expr, size: Int, fill: Int = 0) -> [Expr] {
  _nonzero(x, size, fill, .here())
}

@usableFromInline func _nonzero(_ x: Expr, _ size: Int, _ fill: Int, _ at: Location) -> [Expr] {
  let x = x.settled()
  if x.isInvalid { return [x] }
  return at.serving("nonzero") {
    let flat = flatNonzero(x, size: size, fill: -1)
    return unravelIndex(flat, shape: x.shape).map { select(flat .< 0, Expr(Double(fill)), $0) }
  }
}

/// The row-major positions of the elements that are not 0 (int64).
///
/// - Parameters:
///   - x: any tensor.
///   - size: how many the result has room for; more are left out.
///   - fill: what stands where there is none.
@_transparent public func flatNonzero(_ x: Expr, size: Int, fill: Int = 0) -> Expr {
  _flatNonzero(x, size, fill, .here())
}

@usableFromInline func _flatNonzero(_ x: Expr, _ size: Int, _ fill: Int, _ at: Location) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  guard size >= 0 else {
    return .refused(
      Refusal(.invalidAttribute, "the size \(size) is negative", marks: [Refusal.Mark(0)]),
      "flatNonzero", [x], at: at)
  }
  return at.serving("flatNonzero") {
    let line = x.flattened()
    let there = line.dtype == .bool ? line : line .!= 0
    let number = cumulativeSum(there.cast(to: .int64)) - 1
    // What is 0 or does not fit goes to one place more, which is cut off.
    let place = select(there, minimum(number, Expr(Double(size))), Expr(Double(size)))
    let room = Expr.full(Double(fill), .int64, [Dim(size + 1)])
    let all = Expr.make(
      ScatterUpdate(axis: 0, combiner: nil), [room, place, Expr.iota(line.shape[0])], at: .here())
    return all[0..<size]
  }
}

/// The slices of a tensor along an axis where a mask holds.
///
/// - Parameters:
///   - x: any tensor.
///   - mask: a bool vector.
///   - size: how many slices the result has; missing ones are 0, more are left out.
///   - axis: a negative one counts from the end.
@_transparent public func compress(_ x: Expr, where mask: Expr, size: Int, axis: Int = 0) -> Expr {
  _compress(x, mask, size, axis, .here())
}

@usableFromInline func _compress(_ x: Expr, _ mask: Expr, _ size: Int, _ axis: Int, _ at: Location)
  -> Expr
{
  let x = x.settled()
  if x.isInvalid || mask.isInvalid {
    return .refused(Refusal(.rankMismatch, ""), "compress", [x, mask], at: at)
  }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    guard mask.rank == 1, mask.dtype == .bool else {
      throw Refusal(
        .rankMismatch, "the mask is \(mask.type), not a vector of truth values",
        marks: [Refusal.Mark(1)])
    }
    return at.serving("compress") {
      let places = flatNonzero(mask, size: size, fill: -1)
      return take(x, places, axis: axis, outside: .dropped)
    }
  } catch {
    return .refused(error, "compress", [x, mask], at: at)
  }
}

/// For each place the element of the tensor that an index names; an index outside is the nearest
/// one.
///
/// - Parameters:
///   - index: integers; broadcast.
///   - choices: at least one; the same dtype; broadcast.
@_transparent public func choose(_ index: Expr, _ choices: [Expr]) -> Expr {
  _choose(index, choices, .here())
}

@usableFromInline func _choose(_ index: Expr, _ choices: [Expr], _ at: Location) -> Expr {
  let index = index.settled(.int64)
  let dtype = choices.first { $0.literalValue == nil }?.dtype ?? .float32
  let choices = choices.map { $0.settled(dtype) }
  guard let last = choices.last else {
    return .refused(Refusal(.invalidAttribute, "there are no choices"), "choose", [index], at: at)
  }
  if let bad = integersOnly(index, "choose", at) { return bad }
  return at.serving("choose") {
    // Below 0 the first, above the last.
    choices.dropLast().enumerated().reversed().reduce(last) { rest, choice in
      select(index .<= Expr(Double(choice.offset)), choice.element, rest)
    }
  }
}

/// For each place the choice whose condition is the first that holds.
///
/// - Parameters:
///   - conditions: bool; broadcast.
///   - choices: one for each condition; the same dtype; broadcast.
///   - otherwise: where none holds.
@_transparent public func selectCase(_ conditions: [Expr], _ choices: [Expr], otherwise: Expr)
  -> Expr
{ _selectCase(conditions, choices, otherwise, .here()) }

@usableFromInline func _selectCase(
  _ conditions: [Expr], _ choices: [Expr], _ otherwise: Expr, _ at: Location
) -> Expr {
  guard conditions.count == choices.count else {
    return .refused(
      Refusal(
        .invalidAttribute, "\(conditions.count) conditions and \(choices.count) choices"),
      "selectCase", conditions + choices, at: at)
  }
  return at.serving("selectCase") {
    zip(conditions, choices).reversed().reduce(otherwise) { select($1.0, $1.1, $0) }
  }
}

/// A matrix, or each of a batch, with a value on a diagonal.
///
/// - Parameters:
///   - x: any tensor of rank 2 or more.
///   - value: a scalar of the same dtype.
///   - offset: which diagonal; positive ones lie above the main one.
@_transparent public func fillingDiagonal(_ x: Expr, _ value: Expr, offset: Int = 0) -> Expr {
  _fillingDiagonal(x, value, offset, .here())
}

@usableFromInline func _fillingDiagonal(_ x: Expr, _ value: Expr, _ offset: Int, _ at: Location)
  -> Expr
{
  let x = x.settled()
  if x.isInvalid { return x }
  guard x.rank >= 2 else {
    return .refused(
      Refusal(.rankMismatch, "rank \(x.rank) has no diagonal", marks: [Refusal.Mark(0)]),
      "fillingDiagonal", [x], at: at)
  }
  return at.serving("fillingDiagonal") {
    let rows = Expr.iota(x.shape[x.rank - 2]).expanded(axis: 1)
    let isThere = Expr.iota(x.shape[x.rank - 1]) .== rows + Double(offset)
    return select(isThere, value.settled(x.dtype), x)
  }
}

/// The tensor with values set at indices along an axis, position by position: the counterpart of
/// `takeAlongAxis`.
///
/// - Parameters:
///   - x: a numeric tensor of rank 1 or more.
///   - indices: integers of the same rank; its sizes are those of `x` but for `axis`.
///   - values: the dtype of `x`, broadcast to the indices.
///   - axis: a negative one counts from the end.
@_transparent public func putAlongAxis(_ x: Expr, _ indices: Expr, _ values: Expr, axis: Int)
  -> Expr
{ _putAlongAxis(x, indices, values, axis, .here()) }

@usableFromInline func _putAlongAxis(
  _ x: Expr, _ indices: Expr, _ values: Expr, _ axis: Int, _ at: Location
) -> Expr {
  let (x, indices) = (x.settled(), indices.settled(.int64))
  let values = values.settled(x.dtype)
  let operands = [x, indices, values]
  if operands.contains(where: \.isInvalid) {
    return .refused(Refusal(.rankMismatch, ""), "putAlongAxis", operands, at: at)
  }
  if let bad = integersOnly(indices, "putAlongAxis", at) { return bad }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    guard indices.rank == x.rank else {
      throw Refusal(
        .rankMismatch, "the tensor has rank \(x.rank), the indices \(indices.rank)",
        marks: [Refusal.Mark(0), Refusal.Mark(1)])
    }
    return at.serving("putAlongAxis") {
      let places = indices.checked(bound: x.shape[axis], .here()).cast(to: .int64)
      let coordinates = (0..<x.rank).map { k -> Expr in
        if k == axis { return places }
        var shape = [Dim](repeating: 1, count: x.rank)
        shape[k] = indices.shape[k]
        return Expr.iota(indices.shape[k]).reshaped(shape)
      }
      let flat = ravelIndex(coordinates, shape: x.shape).broadcast(to: indices.shape)
      let set = Expr.make(
        ScatterUpdate(axis: 0, combiner: nil),
        [x.flattened(), flat.flattened(), values.broadcast(to: indices.shape).flattened()],
        at: .here())
      return set.reshaped(x.shape)
    }
  } catch {
    return .refused(error, "putAlongAxis", operands, at: at)
  }
}
