public import GnomonIR
internal import GnomonTensors

/// The sum of each window of each channel of sequences `[batch, length, channels]`.
@_transparent public func sumPool1d(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> Expr { _sumPool("sumPool1d", 1, x, size, strides, padding, .here()) }

/// The norm `(Σ |x|^p)^(1/p)` of each window of each channel of sequences `[batch, length,
/// channels]`.
///
/// - Parameter p: the power, above 0.
@_transparent public func lpPool1d(
  _ x: Expr, p: Double = 2, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> Expr { _lpPool("lpPool1d", 1, x, p, size, strides, padding, .here()) }

/// The sum of each window of each channel of images `[batch, height, width, channels]`.
@_transparent public func sumPool2d(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> Expr { _sumPool("sumPool2d", 2, x, size, strides, padding, .here()) }

/// The norm `(Σ |x|^p)^(1/p)` of each window of each channel of images `[batch, height, width,
/// channels]`.
///
/// - Parameter p: the power, above 0.
@_transparent public func lpPool2d(
  _ x: Expr, p: Double = 2, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> Expr { _lpPool("lpPool2d", 2, x, p, size, strides, padding, .here()) }

/// The sum of each window of each channel of volumes `[batch, depth, height, width, channels]`.
@_transparent public func sumPool3d(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> Expr { _sumPool("sumPool3d", 3, x, size, strides, padding, .here()) }

/// The norm `(Σ |x|^p)^(1/p)` of each window of each channel of volumes `[batch, depth, height,
/// width, channels]`.
///
/// - Parameter p: the power, above 0.
@_transparent public func lpPool3d(
  _ x: Expr, p: Double = 2, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> Expr { _lpPool("lpPool3d", 3, x, p, size, strides, padding, .here()) }

@usableFromInline func _sumPool(
  _ name: String, _ rank: Int, _ x: Expr, _ size: PerAxis, _ strides: PerAxis?,
  _ padding: Padding, _ at: Location
) -> Expr {
  pooled(name, rank, x, size, strides, padding, at) { x, op in .make(op, [x], at: .here()) }
}

@usableFromInline func _lpPool(
  _ name: String, _ rank: Int, _ x: Expr, _ p: Double, _ size: PerAxis, _ strides: PerAxis?,
  _ padding: Padding, _ at: Location
) -> Expr {
  guard p > 0, p.isFinite else {
    return .refused(
      Refusal(.invalidAttribute, "the power \(p) is not above 0", marks: [Refusal.Mark(0)]), name,
      [x], at: at)
  }
  return pooled(name, rank, x, size, strides, padding, at) { x, op in
    let powers = p == 1 ? abs(x) : p == 2 ? square(x) : abs(x) ** Expr(p)
    let total = Expr.make(op, [powers], at: .here())
    return p == 1 ? total : p == 2 ? sqrt(total) : total ** Expr(1 / p)
  }
}
