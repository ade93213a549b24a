internal import Foundation
public import GnomonIR
public import GnomonTensors

// More tensors made from numbers and sizes alone.
extension Expr {
  /// `count` powers of `base` whose exponents lie at equal distances from `start` to `end`, both
  /// included.
  @_transparent public static func logspace(
    _ start: Double, _ end: Double, count: Int, base: Double = 10, _ dtype: DType = .float32
  ) -> Expr { _logspace(start, end, count, base, dtype, .here()) }

  @usableFromInline static func _logspace(
    _ start: Double, _ end: Double, _ count: Int, _ base: Double, _ dtype: DType, _ at: Location
  ) -> Expr {
    let steps = Tensor.linspace(start, end, count: count, .float64).doubles
    return ._constant(
      Tensor(
        dtype: dtype, shape: Shape([steps.count]), doubles: steps.map { Foundation.pow(base, $0) }),
      at)
  }

  /// `count` numbers from `start` to `end`, both included, each the same multiple of the one
  /// before.
  @_transparent public static func geomspace(
    _ start: Double, _ end: Double, count: Int, _ dtype: DType = .float32
  ) -> Expr { _geomspace(start, end, count, dtype, .here()) }

  @usableFromInline static func _geomspace(
    _ start: Double, _ end: Double, _ count: Int, _ dtype: DType, _ at: Location
  ) -> Expr {
    guard start != 0, end != 0, (start < 0) == (end < 0) else {
      return .refused(
        Refusal(.invalidAttribute, "no factor leads from \(start) to \(end)"), "geomspace", [],
        at: at)
    }
    let sign = start < 0 ? -1.0 : 1.0
    let logs = Tensor.linspace(
      Foundation.log(start.magnitude), Foundation.log(end.magnitude), count: count, .float64
    ).doubles
    var values = logs.map { sign * Foundation.exp($0) }
    if !values.isEmpty { values[0] = start }
    if values.count > 1 { values[values.count - 1] = end }
    return ._constant(Tensor(dtype: dtype, shape: Shape([values.count]), doubles: values), at)
  }

  /// 1 up to a diagonal of a matrix, 0 above it.
  ///
  /// - Parameters:
  ///   - rows: the number of rows.
  ///   - columns: the number of columns; that of rows by default.
  ///   - diagonal: the last one of ones; positive ones lie above the main one.
  ///   - dtype: a numeric dtype.
  @_transparent public static func tri(
    _ rows: Dim, columns: Dim? = nil, diagonal: Int = 0, _ dtype: DType = .float32
  ) -> Expr { _triangleOfOnes(rows, columns, diagonal, dtype, .here()) }

  @usableFromInline static func _triangleOfOnes(
    _ rows: Dim, _ columns: Dim?, _ diagonal: Int, _ dtype: DType, _ at: Location
  ) -> Expr {
    at.serving("triangle") {
      let edge = Expr.iota(rows).expanded(axis: 1) + Double(diagonal)
      return (Expr.iota(columns ?? rows) .<= edge).cast(to: dtype)
    }
  }
}

/// Coordinates of a grid: for each vector a tensor with an axis for every vector, along which it
/// varies.
///
///     let (x, y) = (meshgrid([a, b])[0], meshgrid([a, b])[1])      // x[i, j] = a[i], y[i, j] =
///     b[j]
///
/// - Parameter vectors: each of rank 1.
@_transparent public func meshgrid(_ vectors: [Expr]) -> [Expr] {
  _meshgrid("meshgrid", vectors, false, .here())
}

/// As `meshgrid`, with sizes of 1 instead of repetition: the tensors broadcast to the grid.
@_transparent public func openGrid(_ vectors: [Expr]) -> [Expr] {
  _meshgrid("openGrid", vectors, true, .here())
}

@usableFromInline func _meshgrid(
  _ name: String, _ vectors: [Expr], _ isOpen: Bool, _ at: Location
) -> [Expr] {
  let vectors = vectors.map { $0.settled() }
  if vectors.contains(where: { $0.isInvalid || $0.rank != 1 }) {
    return [
      .refused(
        Refusal(
          .rankMismatch, "the ranks are \(vectors.map(\.rank)); each is a vector"), name, vectors,
        at: at)
    ]
  }
  let grid = vectors.map { $0.shape[0] }
  return at.serving(name) {
    vectors.enumerated().map { i, v in
      var shape = [Dim](repeating: 1, count: grid.count)
      shape[i] = grid[i]
      let open = v.reshaped(shape)
      return isOpen ? open : open.broadcast(to: grid)
    }
  }
}

/// A matrix with these elements on a diagonal, 0 elsewhere.
///
/// - Parameters:
///   - x: any tensor; its elements in order.
///   - offset: which diagonal; positive ones lie above the main one.
@_transparent public func diagonalMatrix(_ x: Expr, offset: Int = 0) -> Expr {
  _diagonalMatrix(x, offset, .here())
}

@usableFromInline func _diagonalMatrix(_ x: Expr, _ offset: Int, _ at: Location) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  return at.serving("diagonalMatrix") {
    let line = x.flattened()
    let n = line.shape[0] + Dim(Swift.abs(offset))
    let rows = Expr.iota(n).expanded(axis: 1)
    let isThere = Expr.iota(n) .== rows + Double(offset)
    // Placed by rows for diagonals above, by columns for those below.
    let spread =
      offset >= 0
      ? line.padded([(0, offset)]).expanded(axis: 1) : line.padded([(0, -offset)]).expanded(axis: 0)
    return select(isThere, spread, Expr.constant(0, x.dtype, at: .here()))
  }
}

/// The powers of a vector as columns.
///
/// - Parameters:
///   - x: a numeric vector.
///   - columns: how many powers, from 0.
///   - increasing: whether the power 0 comes first rather than last.
@_transparent public func vandermonde(_ x: Expr, columns: Int, increasing: Bool = false) -> Expr {
  _vandermonde(x, columns, increasing, .here())
}

@usableFromInline func _vandermonde(_ x: Expr, _ columns: Int, _ increasing: Bool, _ at: Location)
  -> Expr
{
  let x = x.settled()
  if x.isInvalid { return x }
  guard x.rank == 1, columns >= 0 else {
    return .refused(
      Refusal(
        .rankMismatch, "\(columns) powers of a tensor of rank \(x.rank)", marks: [Refusal.Mark(0)]),
      "vandermonde", [x], at: at)
  }
  return at.serving("vandermonde") {
    var powers = [Expr.ones(x.dtype, x.shape)]
    while powers.count < columns { powers.append(powers[powers.count - 1] * x) }
    let used = Array(powers.prefix(columns))
    if used.isEmpty { return Expr.zeros(x.dtype, [x.shape[0], 0]) }
    return stack(increasing ? used : used.reversed(), axis: 1)
  }
}

/// 1 at each of several classes, 0 elsewhere.
///
/// - Parameters:
///   - labels: integers in 0..<count, `[…, labels]`, at least one; one outside is an error when
///     the function runs.
///   - count: the number of classes.
///   - dtype: of the result.
/// - Returns: `[…, count]`.
@_transparent public func multiHot(_ labels: Expr, count: Int, dtype: DType = .float32) -> Expr {
  _multiHot(labels, count, dtype, .here())
}

@usableFromInline func _multiHot(_ labels: Expr, _ count: Int, _ dtype: DType, _ at: Location)
  -> Expr
{
  at.serving("multiHot") {
    let hot = oneHot(labels, classes: Dim(count), .int32)
    return (max(hot, axes: [-2]) .> 0).cast(to: dtype)
  }
}

/// All elements 0, with the dtype and shape of a tensor.
@_transparent public func zeros(like x: Expr) -> Expr { _zerosLike(x, .here()) }

@usableFromInline func _zerosLike(_ x: Expr, _ at: Location) -> Expr {
  Expr.zeros(x.dtype, x.shape)
}

/// All elements 1, with the dtype and shape of a tensor.
@_transparent public func ones(like x: Expr) -> Expr { _onesLike(x, .here()) }

@usableFromInline func _onesLike(_ x: Expr, _ at: Location) -> Expr {
  Expr.ones(x.dtype, x.shape)
}
