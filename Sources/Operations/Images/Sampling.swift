public import GnomonIR
internal import GnomonTensors

/// The tensor at points between its elements, on lines between them.
///
/// - Parameters:
///   - x: a floating-point tensor, not empty.
///   - coordinates: for each axis the position, in the dtype of `x`; one shape.
///   - fill: the value outside.
/// - Returns: the shape of the coordinates.
@_transparent public func mapCoordinates(_ x: Expr, _ coordinates: [Expr], fill: Double = 0) -> Expr
{ _mapCoordinates(x, coordinates, fill, .here()) }

@usableFromInline func _mapCoordinates(
  _ x: Expr, _ coordinates: [Expr], _ fill: Double, _ at: Location
) -> Expr {
  let x = x.settled()
  let c = coordinates.map { $0.settled(x.dtype) }
  if let bad = floatsOnly(x, "mapCoordinates", at) { return bad }
  guard !x.isInvalid, c.count == x.rank, !c.contains(where: \.isInvalid) else {
    return .refused(
      Refusal(
        .rankMismatch, "\(c.count) coordinates for a tensor of rank \(x.rank)",
        marks: [Refusal.Mark(0)]),
      "mapCoordinates", [x] + c, at: at)
  }
  return at.serving("mapCoordinates") {
    // The corners of the cell around each point, weighted by the opposite volumes.
    let low = c.map { floor($0) }
    let flat = x.flattened()
    var total: Expr?
    for corner in 0..<(1 << x.rank) {
      var weight: Expr?
      var inside: Expr?
      var places: [Expr] = []
      for axis in 0..<x.rank {
        let isUpper = corner >> axis & 1 == 1
        let share = c[axis] - low[axis]
        let part = isUpper ? share : 1 - share
        let place = (isUpper ? low[axis] + 1 : low[axis]).cast(to: .int64)
        let n = size(of: x, axis: axis)
        let here = (place .>= 0) .& (place .< n)
        weight = weight.map { $0 * part } ?? part
        inside = inside.map { $0 .& here } ?? here
        places.append(minimum(maximum(place, 0), n - 1))
      }
      guard let weight, let inside else { continue }
      let value = Expr.make(
        Gather(axis: 0), [flat, ravelIndex(places, shape: x.shape)], at: .here())
      let term = weight * select(inside, value, Expr(fill))
      total = total.map { $0 + term } ?? term
    }
    return total ?? x
  }
}

/// Images at points between their pixels, on lines between them.
///
/// - Parameters:
///   - images: `[batch, height, width, channels]`, floating-point.
///   - grid: `[batch, height, width, 2]`: the column and the row of each point, from -1 to 1
///     across the image.
///   - fill: the value outside.
/// - Returns: the grid's height and width, the images' channels.
@_transparent public func gridSample(_ images: Expr, _ grid: Expr, fill: Double = 0) -> Expr {
  _gridSample(images, grid, fill, .here())
}

@usableFromInline func _gridSample(_ images: Expr, _ grid: Expr, _ fill: Double, _ at: Location)
  -> Expr
{
  let (x, grid) = (images.settled(), grid.settled(images.dtype))
  func refused(_ refusal: Refusal) -> Expr { .refused(refusal, "gridSample", [x, grid], at: at) }
  if x.isInvalid || grid.isInvalid { return refused(Refusal(.rankMismatch, "")) }
  if let bad = floatsOnly(x, "gridSample", at) { return bad }
  guard x.rank == 4, grid.rank == 4, grid.shape[3] == 2 else {
    return refused(
      Refusal(
        .rankMismatch, "images of \(x.type) and a grid of \(grid.type)",
        marks: [Refusal.Mark(0), Refusal.Mark(1)],
        help: "images are [batch, height, width, channels], the grid [batch, height, width, 2]"))
  }
  return at.serving("gridSample") {
    let (h, w) = (x.shape[1], x.shape[2])
    func pixels(_ v: Expr, _ axis: Int) -> Expr {
      ((v + 1) * size(of: x, axis: axis).cast(to: x.dtype) - 1) / 2
    }
    let (column, row) = (pixels(grid[.ellipsis, 0], 2), pixels(grid[.ellipsis, 1], 1))
    let lines = x.reshaped([x.shape[0] * h * w, x.shape[3]])
    let image = Expr.iota(x.shape[0]).reshaped([x.shape[0], 1, 1])
    let (left, top) = (floor(column), floor(row))
    var total: Expr?
    for (dy, dx) in [(0.0, 0.0), (0, 1), (1, 0), (1, 1)] {
      let (r, c) = (top + dy, left + dx)
      let weight = (1 - abs(row - r)) * (1 - abs(column - c))
      let (i, j) = (r.cast(to: .int64), c.cast(to: .int64))
      let (height, width) = (size(of: x, axis: 1), size(of: x, axis: 2))
      let inside = (i .>= 0) .& (i .< height) .& (j .>= 0) .& (j .< width)
      let place = ravelIndex(
        [image, minimum(maximum(i, 0), height - 1), minimum(maximum(j, 0), width - 1)],
        shape: [x.shape[0], h, w])
      let value = Expr.make(Gather(axis: 0), [lines, place], at: .here())
      let term =
        weight.expanded(axis: -1) * select(inside.expanded(axis: -1), value, Expr(fill))
      total = total.map { $0 + term } ?? term
    }
    return total ?? x
  }
}

/// Images seen through an affine map: the pixel at (x, y) of the result is that at
/// `(a₀x + a₁y + a₂, a₃x + a₄y + a₅)` of the image.
///
/// - Parameters:
///   - images: `[batch, height, width, channels]`, floating-point.
///   - matrix: `[batch, 6]`, or `[6]` for all.
///   - fill: the value outside.
@_transparent public func affineTransform(_ images: Expr, _ matrix: Expr, fill: Double = 0) -> Expr
{ _affineTransform(images, matrix, fill, .here()) }

@usableFromInline func _affineTransform(
  _ images: Expr, _ matrix: Expr, _ fill: Double, _ at: Location
) -> Expr {
  transformed("affineTransform", images, matrix, 6, fill, at)
}

/// Images seen through a projective map: as `affineTransform`, with both coordinates divided by
/// `a₆x + a₇y + 1`.
///
/// - Parameters:
///   - images: `[batch, height, width, channels]`, floating-point.
///   - matrix: `[batch, 8]`, or `[8]` for all.
///   - fill: the value outside.
@_transparent public func perspectiveTransform(_ images: Expr, _ matrix: Expr, fill: Double = 0)
  -> Expr
{ _perspectiveTransform(images, matrix, fill, .here()) }

@usableFromInline func _perspectiveTransform(
  _ images: Expr, _ matrix: Expr, _ fill: Double, _ at: Location
) -> Expr {
  transformed("perspectiveTransform", images, matrix, 8, fill, at)
}

private func transformed(
  _ name: String, _ images: Expr, _ matrix: Expr, _ count: Int, _ fill: Double, _ at: Location
) -> Expr {
  let (x, a) = (images.settled(), matrix.settled(images.dtype))
  func refused(_ refusal: Refusal) -> Expr { .refused(refusal, name, [x, a], at: at) }
  if x.isInvalid || a.isInvalid { return refused(Refusal(.rankMismatch, "")) }
  if let bad = floatsOnly(x, name, at) { return bad }
  guard x.rank == 4, (1...2).contains(a.rank), a.shape[a.rank - 1] == Dim(count) else {
    return refused(
      Refusal(
        .shapeMismatch, "images of \(x.type) and \(a.type) for \(count) numbers of a map",
        marks: [Refusal.Mark(0), Refusal.Mark(1)]))
  }
  return at.serving(name) {
    func entry(_ k: Int) -> Expr {
      let e = a[.ellipsis, k]
      return e.rank == 0 ? e : e.reshaped([a.shape[0], 1, 1])
    }
    let column = Expr.iota(x.shape[2], x.dtype).reshaped([1, 1, x.shape[2]])
    let row = Expr.iota(x.shape[1], x.dtype).reshaped([1, x.shape[1], 1])
    var u = entry(0) * column + entry(1) * row + entry(2)
    var v = entry(3) * column + entry(4) * row + entry(5)
    if count == 8 {
      let depth = entry(6) * column + entry(7) * row + 1
      (u, v) = (u / depth, v / depth)
    }
    // From pixels to -1...1.
    func across(_ p: Expr, _ axis: Int) -> Expr {
      (2 * p + 1) / size(of: x, axis: axis).cast(to: x.dtype) - 1
    }
    let shape = [x.shape[0], x.shape[1], x.shape[2]]
    let grid = stack(
      [across(u, 2).broadcast(to: shape), across(v, 1).broadcast(to: shape)], axis: -1)
    return gridSample(x, grid, fill: fill)
  }
}
