public import GnomonIR
public import GnomonTensors

/// What the samples of a short time are multiplied with.
public enum ShortTimeWindow: Sendable {
  /// Hann's window of the period of the time.
  case hann
  /// Hamming's window of the period of the time.
  case hamming
  /// 1 everywhere, the added samples included.
  case none
  /// A vector as long as the time.
  case samples(Expr)
}

/// The parts of a signal that start at every `stride`-th sample: `y[…, t, k] = x[…, t stride + k]`.
///
/// - Parameters:
///   - x: any tensor whose last axis is time, not shorter than `length`.
///   - length: the samples of a part.
///   - stride: how far two parts are apart.
/// - Returns: `[…, (n - length) / stride + 1, length]`.
@_transparent public func extractSequences(_ x: Expr, length: Int, stride: Int) -> Expr {
  _extractSequences(x, length, stride, .here())
}

@usableFromInline func _extractSequences(_ x: Expr, _ length: Int, _ stride: Int, _ at: Location)
  -> Expr
{
  let x = x.settled()
  if x.isInvalid { return x }
  do throws(Refusal) {
    let count = try sequenceCount(x, length, stride)
    return at.serving("extractSequences") { sequences(x, count, length, stride) }
  } catch {
    return .refused(error, "extractSequences", [x], at: at)
  }
}

/// The short-time Fourier transform along the last axis: `rfft` of each part of the signal, times a
/// window.
///
///     let spectrum = stft(wave, length: 400, stride: 160, fftLength: 512)   // [batch, times, 257]
///
/// As in Keras and SciPy (without its scaling). A part of `length` samples stands in the middle of
/// `fftLength` ones, the window being 0 outside.
///
/// - Parameters:
///   - x: float32 or float64, `[…, n]`.
///   - length: the samples of a part.
///   - stride: how far two parts are apart.
///   - fftLength: the length of each transform, at least `length`.
///   - window: what a part is multiplied with.
///   - center: whether part t has its middle at sample `t stride`; the signal is mirrored at its ends for
///     it, by `fftLength / 2` samples.
/// - Returns: `[…, times, fftLength / 2 + 1]`.
@_transparent public func stft(
  _ x: Expr, length: Int, stride: Int, fftLength: Int, window: ShortTimeWindow = .hann,
  center: Bool = true
) -> ComplexExpr { _stft(x, length, stride, fftLength, window, center, .here()) }

@usableFromInline func _stft(
  _ x: Expr, _ length: Int, _ stride: Int, _ fftLength: Int, _ window: ShortTimeWindow,
  _ center: Bool, _ at: Location
) -> ComplexExpr {
  let x = x.settled()
  if x.isInvalid { return ComplexExpr(x, x) }
  do throws(Refusal) {
    let window = try window.values(length, fftLength, x.dtype)
    if center, x.rank > 0, let n = x.shape[x.rank - 1].constant, n <= fftLength / 2 {
      throw Refusal(
        .invalidAttribute, "\(n) samples cannot be mirrored by \(fftLength / 2)",
        marks: [Refusal.Mark(0, [x.rank - 1])], help: "center: false")
    }
    let padded =
      center && x.rank > 0 && fftLength > 1
      ? at.serving("stft") {
        x.padded(
          x.shape.indices.map { $0 == x.rank - 1 ? (fftLength / 2, fftLength / 2) : (0, 0) },
          mode: .reflect)
      } : x
    if padded.isInvalid { return ComplexExpr(padded, padded) }
    let count = try sequenceCount(padded, fftLength, stride)
    return at.serving("stft") { rfft(sequences(padded, count, fftLength, stride) * window) }
  } catch {
    return .refused(error, "stft", [x], at: at)
  }
}

/// The inverse of `stft`, with the same parameters: of all signals the one whose windowed parts differ
/// least from those given, in squares (Griffin and Lim 1984).
///
/// Samples under no window are 0.
///
/// - Parameters:
///   - z: `[…, times, fftLength / 2 + 1]`.
///   - length: the samples of a part.
///   - stride: how far two parts are apart.
///   - fftLength: the length of each transform.
///   - count: how many samples; all that the parts say by default.
///   - window: what a part was multiplied with.
///   - center: whether part t had its middle at sample `t stride`.
/// - Returns: `[…, count]`.
@_transparent public func istft(
  _ z: ComplexExpr, length: Int, stride: Int, fftLength: Int, count: Dim? = nil,
  window: ShortTimeWindow = .hann, center: Bool = true
) -> Expr { _istft(z, length, stride, fftLength, count, window, center, .here()) }

@usableFromInline func _istft(
  _ z: ComplexExpr, _ length: Int, _ stride: Int, _ fftLength: Int, _ count: Dim?,
  _ window: ShortTimeWindow, _ center: Bool, _ at: Location
) -> Expr {
  if z.isInvalid { return z.real.isInvalid ? z.real : z.imaginary }
  do throws(Refusal) {
    let window = try window.values(length, fftLength, z.dtype)
    try checkStride(stride)
    guard z.rank >= 2, z.shape[z.rank - 1] == Dim(fftLength / 2 + 1) else {
      throw Refusal(
        .invalidAttribute,
        "the last axis has not the \(fftLength / 2 + 1) values of transforms of \(fftLength) samples",
        marks: [Refusal.Mark(0, z.rank == 0 ? [] : [z.rank - 1])],
        help: "the spectrum is [..., times, fftLength / 2 + 1]")
    }
    let times = z.shape[z.rank - 2]
    let whole = Dim(fftLength) + Dim(stride) * (times - 1)
    let start = center ? fftLength / 2 : 0
    let kept = count ?? whole - Dim(2 * start)
    if let all = whole.constant, let kept = kept.constant, kept < 0 || start + kept > all {
      throw Refusal(
        .invalidAttribute, "\(times) parts say \(all - start) samples, not \(kept)",
        marks: [Refusal.Mark(0, [z.rank - 2])])
    }
    return at.serving("istft") {
      let parts = irfft(z, n: Dim(fftLength)) * window
      let sum = overlapAdded(parts, whole, stride)
      let squares = (window * window).broadcast(to: [times, Dim(fftLength)])
      let weight = overlapAdded(squares, whole, stride)
      let isSeen = weight .> Expr.constant(1e-10, z.dtype, at: .here())
      let signal = sum / select(isSeen, weight, Expr.constant(1, z.dtype, at: .here()))
      return signal.cut(z.rank - 2, from: Dim(start), count: kept)
    }
  } catch {
    return .refused(error, "istft", [z.real], at: at)
  }
}

extension ShortTimeWindow {
  /// The window with 0 on both sides of it, `fftLength` long.
  fileprivate func values(_ length: Int, _ fftLength: Int, _ dtype: DType) throws(Refusal) -> Expr {
    guard length > 0, fftLength >= length else {
      throw Refusal(
        .invalidAttribute, "parts of \(length) samples in transforms of \(fftLength)",
        help: "1 <= length <= fftLength")
    }
    let own: Expr
    switch self {
    case .none: return .ones(dtype, [Dim(fftLength)])
    case .hann where length > 1: own = hannWindow(length + 1, dtype)[..<length]
    case .hamming where length > 1: own = hammingWindow(length + 1, dtype)[..<length]
    case .hann, .hamming: own = .ones(dtype, [1])
    case .samples(let e):
      own = e.settled(dtype)
      guard own.isInvalid || own.shape == [Dim(length)] && own.dtype == dtype else {
        throw Refusal(
          .shapeMismatch, "the window is \(own.type), not \(TensorType(dtype, [Dim(length)]))")
      }
    }
    let before = (fftLength - length) / 2
    return own.padded([(before, fftLength - length - before)])
  }
}

private func checkStride(_ stride: Int) throws(Refusal) {
  guard stride > 0 else {
    throw Refusal(.invalidAttribute, "the stride \(stride) is not positive")
  }
}

/// How many parts there are along the last axis.
private func sequenceCount(_ x: Expr, _ length: Int, _ stride: Int) throws(Refusal) -> Dim {
  try checkStride(stride)
  guard let n = x.shape.last else {
    throw Refusal(.rankMismatch, "a scalar has no time", marks: [Refusal.Mark(0)])
  }
  guard length > 0, n.constant ?? length >= length else {
    throw Refusal(
      .invalidAttribute, "parts of \(length) samples of a signal of \(n)",
      marks: [Refusal.Mark(0, [x.rank - 1])])
  }
  return (n - Dim(length)).quotient(dividingBy: Dim(stride)) + 1
}

/// `count` parts of the last axis. As long as strides are not short, each is put together of slices of a
/// stride, which kernels read where they lie; else by indices.
private func sequences(_ x: Expr, _ count: Dim, _ length: Int, _ stride: Int) -> Expr {
  let axis = x.rank - 1
  let batch = Array(x.shape.dropLast())
  let slices = (length + stride - 1) / stride
  guard slices <= 16 else {
    let starts = (Expr.iota(count) * Expr(Double(stride))).expanded(axis: 1)
    return take(x, starts + Expr.iota(Dim(length)), axis: axis)
  }
  let rest = slices * stride - length
  let padded =
    rest == 0 ? x : x.padded(x.shape.indices.map { $0 == axis ? (0, rest) : (0, 0) })
  let parts = (0..<slices).map { k in
    padded.cut(axis, from: Dim(k * stride), count: count * Dim(stride))
      .reshaped(batch + [count, Dim(stride)])
  }
  let whole = slices == 1 ? parts[0] : concatenate(parts, axis: axis + 1)
  return rest == 0 ? whole : whole.cut(axis + 1, from: 0, count: Dim(length))
}

/// The transpose of `sequences`: what overlaps is added.
private func overlapAdded(_ parts: Expr, _ whole: Dim, _ stride: Int) -> Expr {
  let batch = Array(parts.shape.dropLast(2))
  guard let length = parts.shape.last?.constant, !parts.isInvalid else { return parts }
  // The derivative of a linear map is its transpose, whatever the point.
  let point = Expr.zeros(parts.dtype, batch + [whole])
  let cut = sequences(point, parts.shape[parts.rank - 2], length, stride)
  return gradient(of: sum(cut * parts), withRespectTo: point)
}
