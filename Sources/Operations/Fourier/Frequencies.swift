public import GnomonIR
public import GnomonTensors

/// The tensor rolled so that what a transform puts first, frequency 0, is in the middle.
///
/// - Parameters:
///   - x: any tensor.
///   - axes: all by default.
@_transparent public func fftShift(_ x: Expr, axes: [Int]? = nil) -> Expr {
  _fftShift("fftShift", x, axes, false, .here())
}

/// The inverse of `fftShift`.
@_transparent public func ifftShift(_ x: Expr, axes: [Int]? = nil) -> Expr {
  _fftShift("ifftShift", x, axes, true, .here())
}

@usableFromInline func _fftShift(
  _ name: String, _ x: Expr, _ axes: [Int]?, _ isInverse: Bool, _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  do throws(Refusal) {
    let axes = try normalizedAxes(axes, rank: x.rank)
    return at.serving(name) {
      axes.reduce(x) { x, axis in
        let n = x.shape[axis]
        let half = n.quotient(dividingBy: 2)
        // Where the second part starts.
        let first = isInverse ? half : n - half
        return concatenate(
          [x.cut(axis, from: first, count: n - first), x.cut(axis, from: 0, count: first)],
          axis: axis)
      }
    }
  } catch {
    return .refused(error, name, [x], at: at)
  }
}

extension Expr {
  /// The frequencies of the n values that `fft` gives of samples at distance `spacing`: in cycles per
  /// unit of it, the negative ones last.
  @_transparent public static func fftFrequencies(
    _ n: Int, spacing: Double = 1, _ dtype: DType = .float32
  ) -> Expr { _frequencies(n, false, spacing, dtype, .here()) }

  /// The frequencies of the n / 2 + 1 values that `rfft` gives of n samples at distance `spacing`.
  @_transparent public static func rfftFrequencies(
    _ n: Int, spacing: Double = 1, _ dtype: DType = .float32
  ) -> Expr { _frequencies(n, true, spacing, dtype, .here()) }

  @usableFromInline static func _frequencies(
    _ n: Int, _ isHalf: Bool, _ spacing: Double, _ dtype: DType, _ at: Location
  ) -> Expr {
    guard n > 0 else {
      return .refused(
        Refusal(.invalidAttribute, "\(n) samples have no frequencies"), "fftFrequencies", [], at: at
      )
    }
    let values = (0..<(isHalf ? n / 2 + 1 : n)).map { k in
      Double(isHalf || k < (n + 1) / 2 ? k : k - n) / (Double(n) * spacing)
    }
    return ._constant(Tensor(dtype: dtype, shape: [values.count], doubles: values), at)
  }
}
