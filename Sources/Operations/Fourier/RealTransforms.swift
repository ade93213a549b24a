public import GnomonIR
public import GnomonTensors

/// The transform of real numbers along an axis: the first n / 2 + 1 values, of which the others are the
/// conjugates.
///
/// - Parameters:
///   - x: float32 or float64.
///   - axis: a negative one counts from the end.
///   - norm: where it is divided by n.
@_transparent public func rfft(_ x: Expr, axis: Int = -1, norm: FourierNorm = .backward)
  -> ComplexExpr
{ _rfft(complex(x), axis, norm, .here()) }

@usableFromInline func _rfft(
  _ z: ComplexExpr, _ axis: Int, _ norm: FourierNorm, _ at: Location
) -> ComplexExpr {
  if z.isInvalid { return z }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: z.rank)[0]
    let n = z.shape[axis]
    guard n != 0 else {
      throw Refusal(
        .invalidAttribute, "there are no numbers to transform", marks: [Refusal.Mark(0, [axis])])
    }
    return at.serving("rfft") {
      fourierLines(z, axis, norm, false).mapParts {
        $0.cut(axis, from: 0, count: n.quotient(dividingBy: 2) + 1)
      }
    }
  } catch {
    return .refused(error, "rfft", [z.real], at: at)
  }
}

/// The inverse of `rfft`: n real numbers from n / 2 + 1 complex ones.
///
/// - Parameters:
///   - z: complex numbers of float32 or float64; the imaginary part of the first one, and for an even
///     n of the last one, counts as 0.
///   - n: how many numbers; 2 (m - 1) by default, for m numbers along the axis.
///   - axis: a negative one counts from the end.
///   - norm: where it is divided by n.
@_transparent public func irfft(
  _ z: ComplexExpr, n: Dim? = nil, axis: Int = -1, norm: FourierNorm = .backward
) -> Expr { _irfft(z, n, axis, norm, .here()) }

@usableFromInline func _irfft(
  _ z: ComplexExpr, _ n: Dim?, _ axis: Int, _ norm: FourierNorm, _ at: Location
) -> Expr {
  if z.isInvalid { return z.real.isInvalid ? z.real : z.imaginary }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: z.rank)[0]
    let m = z.shape[axis]
    let n = n ?? 2 * (m - 1)
    let half = n.quotient(dividingBy: 2) + 1
    guard half == m || n == 2 * m - 1, n.constant ?? 1 > 0 else {
      throw Refusal(
        .invalidAttribute, "\(m) values along the axis are not those of \(n) real numbers",
        marks: [Refusal.Mark(0, [axis])],
        help: m == 0 ? nil : m == 1 ? "n: 1" : "n: \(2 * m - 2) or \(2 * m - 1)")
    }
    return at.serving("irfft") {
      // The conjugates of what comes after the first, from the last on, but for the middle.
      func whole(_ x: Expr, isNegated: Bool) -> Expr {
        let tail = x.cut(axis, from: 1, count: n - m)._flipped([axis], .here())
        return concatenate([x, isNegated ? -tail : tail], axis: axis)
      }
      let all = ComplexExpr(
        whole(z.real, isNegated: false),
        whole(hermitian(z.imaginary, axis, n), isNegated: true))
      return all.isInvalid ? all.real : fourierLines(all, axis, norm, true).real
    }
  } catch {
    return .refused(error, "irfft", [z.real], at: at)
  }
}

/// The imaginary parts with 0 where a real signal has it.
private func hermitian(_ x: Expr, _ axis: Int, _ n: Dim) -> Expr {
  let shape = x.shape.indices.map { $0 == axis ? x.shape[axis] : 1 }
  let k = Expr.iota(x.shape[axis]).reshaped(shape)
  let count = size(of: Expr.iota(n), axis: 0)
  return select((k .== 0) .| (k + k .== count), Expr.constant(0, x.dtype, at: .here()), x)
}
