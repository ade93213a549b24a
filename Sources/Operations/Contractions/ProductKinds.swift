public import GnomonIR
internal import GnomonTensors

/// The products of vectors along an axis, summed: a number for each pair.
///
/// - Parameters:
///   - x: a numeric tensor.
///   - y: the same dtype; broadcasts.
///   - axis: a negative one counts from the end.
@_transparent public func vectorDot(_ x: Expr, _ y: Expr, axis: Int = -1) -> Expr {
  _vectorDot(x, y, axis, .here())
}

@usableFromInline func _vectorDot(_ x: Expr, _ y: Expr, _ axis: Int, _ at: Location) -> Expr {
  at.serving("vectorDot") {
    let (x, y) = settledPair(x, y)
    return sum(x * y, axes: [axis])
  }
}

/// The product of a matrix and a vector, or of each of a batch.
///
/// - Parameters:
///   - a: `[…, m, n]`.
///   - x: `[…, n]`, the same dtype.
@_transparent public func matrixVector(_ a: Expr, _ x: Expr) -> Expr {
  _matrixVector(a, x, .here())
}

@usableFromInline func _matrixVector(_ a: Expr, _ x: Expr, _ at: Location) -> Expr {
  at.serving("matrixVector") { matmul(a, x.expanded(axis: -1)).squeezed(axis: -1) }
}

/// The product of a vector and a matrix, or of each of a batch.
///
/// - Parameters:
///   - x: `[…, m]`.
///   - a: `[…, m, n]`, the same dtype.
@_transparent public func vectorMatrix(_ x: Expr, _ a: Expr) -> Expr {
  _vectorMatrix(x, a, .here())
}

@usableFromInline func _vectorMatrix(_ x: Expr, _ a: Expr, _ at: Location) -> Expr {
  at.serving("vectorMatrix") { matmul(x.expanded(axis: -2), a).squeezed(axis: -2) }
}

/// Kronecker's product: every element of `x` replaced by its product with all of `y`.
///
/// - Parameters:
///   - x: a numeric tensor.
///   - y: the same dtype and rank.
@_transparent public func kron(_ x: Expr, _ y: Expr) -> Expr { _kron(x, y, .here()) }

@usableFromInline func _kron(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  let (x, y) = settledPair(x, y)
  guard !x.isInvalid, !y.isInvalid, x.rank == y.rank else {
    return .refused(
      Refusal(
        .rankMismatch, "the ranks differ: \(x.rank) and \(y.rank)",
        marks: [Refusal.Mark(0), Refusal.Mark(1)]), "kron", [x, y], at: at)
  }
  return at.serving("kron") {
    let a = x.reshaped(x.shape.flatMap { [$0, 1] })
    let b = y.reshaped(y.shape.flatMap { [1, $0] })
    return (a * b).reshaped(zip(x.shape, y.shape).map { $0 * $1 })
  }
}

/// The cross product of vectors in space.
///
/// - Parameters:
///   - x: a numeric tensor with 3 coordinates along the axis.
///   - y: the same dtype and shape.
///   - axis: a negative one counts from the end.
@_transparent public func cross(_ x: Expr, _ y: Expr, axis: Int = -1) -> Expr {
  _cross(x, y, axis, .here())
}

@usableFromInline func _cross(_ x: Expr, _ y: Expr, _ axis: Int, _ at: Location) -> Expr {
  let (x, y) = settledPair(x, y)
  if x.isInvalid || y.isInvalid { return .make(Multiply(), [x, y], at: at) }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    guard x.shape[axis] == 3, y.rank == x.rank, y.shape[axis] == 3 else {
      throw Refusal(
        .shapeMismatch, "axis \(axis) of \(x.type) and \(y.type) does not hold three coordinates",
        marks: [Refusal.Mark(0), Refusal.Mark(1)])
    }
    return at.serving("cross") {
      let (a, b) = (x.split(parts: 3, axis: axis), y.split(parts: 3, axis: axis))
      return concatenate(
        (0..<3).map { k in
          let (i, j) = ((k + 1) % 3, (k + 2) % 3)
          return a[i] * b[j] - a[j] * b[i]
        }, axis: axis)
    }
  } catch {
    return .refused(error, "cross", [x, y], at: at)
  }
}

/// The sum of a diagonal of a matrix, or of each of a batch.
///
/// - Parameters:
///   - x: a numeric tensor of rank 2 or more.
///   - offset: which diagonal; positive ones lie above the main one.
@_transparent public func trace(_ x: Expr, offset: Int = 0) -> Expr { _trace(x, offset, .here()) }

@usableFromInline func _trace(_ x: Expr, _ offset: Int, _ at: Location) -> Expr {
  at.serving("trace") { sum(diagonal(x, offset: offset), axes: [-1]) }
}

/// The product of several matrices, in the order that takes the fewest multiplications where sizes
/// are known.
///
/// - Parameter matrices: at least one, each of rank 2.
@_transparent public func multiDot(_ matrices: [Expr]) -> Expr { _multiDot(matrices, .here()) }

@usableFromInline func _multiDot(_ matrices: [Expr], _ at: Location) -> Expr {
  guard let first = matrices.first else {
    return .refused(Refusal(.invalidAttribute, "there are no matrices"), "multiDot", [], at: at)
  }
  let sizes = matrices.compactMap { $0.rank == 2 ? $0.shape[0].constant : nil }
  guard matrices.count > 2, sizes.count == matrices.count,
    let last = matrices[matrices.count - 1].shape[1].constant
  else { return at.serving("multiDot") { matrices.dropFirst().reduce(first) { matmul($0, $1) } } }
  // The cheapest order, by dynamic programming over the sizes.
  let n = matrices.count
  let d = sizes + [last]
  var cost = [[Int]](repeating: [Int](repeating: 0, count: n), count: n)
  var split = cost
  for length in 1..<n {
    for i in 0..<(n - length) {
      let j = i + length
      cost[i][j] = Int.max
      for k in i..<j {
        let own = d[i] &* d[k + 1] &* d[j + 1]
        let total = cost[i][k] &+ cost[k + 1][j] &+ own
        if total < cost[i][j] { (cost[i][j], split[i][j]) = (total, k) }
      }
    }
  }
  func product(_ i: Int, _ j: Int) -> Expr {
    i == j ? matrices[i] : matmul(product(i, split[i][j]), product(split[i][j] + 1, j))
  }
  return at.serving("multiDot") { product(0, n - 1) }
}

/// Matrices along the diagonal of a larger one, 0 elsewhere.
///
/// - Parameter matrices: at least one, each of rank 2, of the same dtype.
@_transparent public func blockDiagonal(_ matrices: [Expr]) -> Expr {
  _blockDiagonal(matrices, .here())
}

@usableFromInline func _blockDiagonal(_ matrices: [Expr], _ at: Location) -> Expr {
  guard let first = matrices.first, matrices.allSatisfy({ $0.rank == 2 && !$0.isInvalid }) else {
    return .refused(
      Refusal(.rankMismatch, "blocks of the ranks \(matrices.map(\.rank)); each is a matrix"),
      "blockDiagonal", matrices, at: at)
  }
  return at.serving("blockDiagonal") {
    let width = matrices.reduce(Dim(0)) { $0 + $1.shape[1] }
    var column = Dim(0)
    let rows = matrices.map { m -> Expr in
      let pad = Pad(
        shape: [m.shape[0], width], starts: [0, column], steps: [1, 1],
        value: ScalarValue(0, first.dtype))
      column += m.shape[1]
      return .make(pad, [m], at: .here())
    }
    return concatenate(rows, axis: 0)
  }
}

/// A power of a square matrix, or of each of a batch.
///
/// - Parameters:
///   - x: `[…, n, n]`.
///   - n: at least 0.
@_transparent public func matrixPower(_ x: Expr, _ n: Int) -> Expr { _matrixPower(x, n, .here()) }

@usableFromInline func _matrixPower(_ x: Expr, _ n: Int, _ at: Location) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  guard x.rank >= 2, x.shape[x.rank - 1] == x.shape[x.rank - 2], n >= 0 else {
    return .refused(
      Refusal(
        .invalidAttribute, "the power \(n) of \(x.type)", marks: [Refusal.Mark(0)],
        help: "a square matrix, and a power of at least 0"), "matrixPower", [x], at: at)
  }
  return at.serving("matrixPower") {
    if n == 0 { return Expr.eye(x.shape[x.rank - 1], x.dtype).broadcast(to: x.shape) }
    // By the binary digits of the power.
    var (square, rest) = (x, n)
    var result: Expr?
    while rest > 0 {
      if rest & 1 == 1 { result = result.map { matmul($0, square) } ?? square }
      rest >>= 1
      if rest > 0 { square = matmul(square, square) }
    }
    return result ?? x
  }
}
