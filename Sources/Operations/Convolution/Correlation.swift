public import GnomonIR
internal import GnomonTensors

/// How far two signals overlap in a convolution or correlation.
public enum Overlap: Sendable {
  /// By one element at least.
  case full
  /// As much as keeps the size of the first.
  case same
  /// As much as possible.
  case valid
}

/// The convolution of two sequences, `Σ x[k] y[n - k]`.
///
/// - Parameters:
///   - x: a floating-point vector.
///   - y: the same dtype, not longer than `x`.
///   - mode: how far they overlap.
@_transparent public func convolve(_ x: Expr, _ y: Expr, mode: Overlap = .full) -> Expr {
  _convolve(x, y, mode, .here())
}

@usableFromInline func _convolve(_ x: Expr, _ y: Expr, _ mode: Overlap, _ at: Location) -> Expr {
  slid("convolve", 1, x, y, mode, flips: true, at)
}

/// The correlation of two sequences, `Σ x[n + k] y[k]`; by default as `convolve` with the second
/// one turned round.
///
/// - Parameters:
///   - x: a floating-point vector.
///   - y: the same dtype, not longer than `x`.
///   - mode: how far they overlap.
@_transparent public func correlate(_ x: Expr, _ y: Expr, mode: Overlap = .full) -> Expr {
  _correlate(x, y, mode, .here())
}

@usableFromInline func _correlate(_ x: Expr, _ y: Expr, _ mode: Overlap, _ at: Location) -> Expr {
  slid("correlate", 1, x, y, mode, flips: false, at)
}

/// The convolution of two matrices.
///
/// - Parameters:
///   - x: a floating-point matrix.
///   - y: the same dtype, not larger than `x`.
///   - mode: how far they overlap.
@_transparent public func convolve2d(_ x: Expr, _ y: Expr, mode: Overlap = .full) -> Expr {
  _convolve2d(x, y, mode, .here())
}

@usableFromInline func _convolve2d(_ x: Expr, _ y: Expr, _ mode: Overlap, _ at: Location) -> Expr {
  slid("convolve2d", 2, x, y, mode, flips: true, at)
}

/// The correlation of two matrices.
///
/// - Parameters:
///   - x: a floating-point matrix.
///   - y: the same dtype, not larger than `x`.
///   - mode: how far they overlap.
@_transparent public func correlate2d(_ x: Expr, _ y: Expr, mode: Overlap = .full) -> Expr {
  _correlate2d(x, y, mode, .here())
}

@usableFromInline func _correlate2d(_ x: Expr, _ y: Expr, _ mode: Overlap, _ at: Location) -> Expr {
  slid("correlate2d", 2, x, y, mode, flips: false, at)
}

private func slid(
  _ name: String, _ rank: Int, _ x: Expr, _ y: Expr, _ mode: Overlap, flips: Bool, _ at: Location
) -> Expr {
  let (x, y) = settledPair(x, y)
  if x.isInvalid || y.isInvalid { return .make(Multiply(), [x, y], at: at) }
  if let bad = floatsOnly(x, name, at) { return bad }
  guard x.rank == rank, y.rank == rank else {
    return .refused(
      Refusal(
        .rankMismatch, "the operands have the ranks \(x.rank) and \(y.rank) instead of \(rank)",
        marks: [Refusal.Mark(0), Refusal.Mark(1)]), name, [x, y], at: at)
  }
  // The middle of a full result: NumPy's choice for even lengths.
  let before = y.shape.map {
    flips ? ($0 - 1) - ($0 - 1).quotient(dividingBy: 2) : $0.quotient(dividingBy: 2)
  }
  let low: [Dim]
  let high: [Dim]
  switch mode {
  case .valid: (low, high) = (y.shape.map { _ in 0 }, y.shape.map { _ in 0 })
  case .full: (low, high) = (y.shape.map { $0 - 1 }, y.shape.map { $0 - 1 })
  case .same:
    low = before
    high = zip(y.shape, before).map { $0 - 1 - $1 }
  }
  return at.serving(name) {
    let kernel = flips ? y.flipped() : y
    let op = Convolution(
      strides: [Int](repeating: 1, count: rank), dilations: [Int](repeating: 1, count: rank),
      low: low, high: high, groups: 1)
    let result = Expr.make(
      op, [x.reshaped([1] + x.shape + [1]), kernel.reshaped(kernel.shape + [1, 1])], at: .here())
    return result.isInvalid ? result : result.reshaped(Array(result.shape[1...rank]))
  }
}
