public import GnomonIR
internal import GnomonTensors

/// Where a Fourier transform is divided by its length n.
public enum FourierNorm: Sendable {
  /// The inverse is divided by n.
  case backward
  /// Both are divided by √n.
  case ortho
  /// The transform is divided by n.
  case forward

  fileprivate func scale(_ n: Expr, isInverse: Bool) -> Expr? {
    switch (self, isInverse) {
    case (.backward, true), (.forward, false): 1 / n
    case (.ortho, _): rsqrt(n)
    default: nil
    }
  }
}

/// The discrete Fourier transform along an axis: `Y[k] = Σ X[j] exp(-2πi j k / n)`.
///
///     let y = fft(complex(re, im))
///
/// Of any length, in n log n steps.
///
/// - Parameters:
///   - z: complex numbers of float32 or float64.
///   - axis: a negative one counts from the end.
///   - norm: where it is divided by n.
@_transparent public func fft(_ z: ComplexExpr, axis: Int = -1, norm: FourierNorm = .backward)
  -> ComplexExpr
{ _fft("fft", z, [axis], norm, false, .here()) }

/// The discrete Fourier transform of real numbers, all n values of it; `rfft` gives the half that says
/// all.
@_transparent public func fft(_ x: Expr, axis: Int = -1, norm: FourierNorm = .backward)
  -> ComplexExpr
{ _fft("fft", complex(x), [axis], norm, false, .here()) }

/// The inverse of `fft`.
@_transparent public func ifft(_ z: ComplexExpr, axis: Int = -1, norm: FourierNorm = .backward)
  -> ComplexExpr
{ _fft("ifft", z, [axis], norm, true, .here()) }

/// The transform along the last two axes.
@_transparent public func fft2(_ z: ComplexExpr, norm: FourierNorm = .backward) -> ComplexExpr {
  _fft("fft2", z, [-2, -1], norm, false, .here())
}

/// The inverse of `fft2`.
@_transparent public func ifft2(_ z: ComplexExpr, norm: FourierNorm = .backward) -> ComplexExpr {
  _fft("ifft2", z, [-2, -1], norm, true, .here())
}

/// The transform along several axes, all by default.
@_transparent public func fftn(
  _ z: ComplexExpr, axes: [Int]? = nil, norm: FourierNorm = .backward
) -> ComplexExpr { _fft("fftn", z, axes, norm, false, .here()) }

/// The inverse of `fftn`.
@_transparent public func ifftn(
  _ z: ComplexExpr, axes: [Int]? = nil, norm: FourierNorm = .backward
) -> ComplexExpr { _fft("ifftn", z, axes, norm, true, .here()) }

@usableFromInline func _fft(
  _ name: String, _ z: ComplexExpr, _ axes: [Int]?, _ norm: FourierNorm, _ isInverse: Bool,
  _ at: Location
) -> ComplexExpr {
  if z.isInvalid { return z }
  do throws(Refusal) {
    let axes = try normalizedAxes(axes, rank: z.rank)
    return at.serving(name) {
      axes.reduce(z) { z, axis in fourierLines(z, axis, norm, isInverse) }
    }
  } catch {
    return .refused(error, name, [z.real], at: at)
  }
}

/// The transform along one axis, which is made the last one for it.
func fourierLines(_ z: ComplexExpr, _ axis: Int, _ norm: FourierNorm, _ isInverse: Bool)
  -> ComplexExpr
{
  let last = z.rank - 1
  func moved(_ z: ComplexExpr) -> ComplexExpr {
    axis == last ? z : z.mapParts { $0.swapAxes(axis, last) }
  }
  let x = moved(z)
  let parts = Expr.apply(Fourier(isInverse: isInverse), [x.real, x.imaginary], at: .here())
  guard parts.count == 2 else { return ComplexExpr(parts[0], parts[0]) }
  let y = moved(ComplexExpr(parts[0], parts[1]))
  let n =
    z.shape[axis].constant.map { Expr.constant(Double($0), z.dtype, at: .here()) }
    ?? size(of: z.real, axis: axis).cast(to: z.dtype)
  guard let scale = norm.scale(n, isInverse: isInverse) else { return y }
  return y.mapParts { $0 * scale }
}
