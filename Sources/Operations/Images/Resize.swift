public import GnomonIR
public import GnomonTensors

/// How the numbers between pixels are found.
public enum ResizeMethod: Sendable {
  case nearest
  /// On lines: a triangle.
  case linear
  /// Keys' cubic of 1981 with a = -1/2.
  case cubic
  /// A windowed sinc with 3 or 5 lobes on each side.
  case lanczos3, lanczos5
}

/// Images with other sizes.
///
///     resized(images, to: [224, 224], method: .cubic)
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`, floating-point.
///   - sizes: the new spatial sizes.
///   - method: how the numbers between pixels are found.
///   - antialias: whether every pixel counts when the result is smaller.
@_transparent public func resized(
  _ x: Expr, to sizes: [Dim], method: ResizeMethod = .linear, antialias: Bool = true
) -> Expr { _resized(x, sizes, method, antialias, .here()) }

@usableFromInline func _resized(
  _ x: Expr, _ sizes: [Dim], _ method: ResizeMethod, _ antialias: Bool, _ at: Location
) -> Expr {
  let x = x.settled()
  if let bad = spatialRefusal(x, "resized", at) ?? floatsOnly(x, "resized", at) { return bad }
  guard sizes.count == x.rank - 2 else {
    return .refused(
      Refusal(
        .invalidAttribute, "\(sizes.count) sizes for \(x.rank - 2) spatial axes",
        marks: [Refusal.Mark(0)]), "resized", [x], at: at)
  }
  return at.serving("resized") {
    sizes.enumerated().reduce(x.cast(to: x.dtype.computeType)) { y, entry in
      let axis = entry.offset + 1
      if y.shape[axis] == entry.element { return y }
      let (n, m) = (size(of: y, axis: axis), Expr.make(Size(entry.element), [], at: .here()))
      let scale = n.cast(to: .float64) / m.cast(to: .float64)
      // Pixels are squares: the middle of the first lies at 1/2.
      let place = (Expr.iota(entry.element).cast(to: .float64) + 0.5) * scale - 0.5
      if case .nearest = method {
        let from = minimum(floor(place + 0.5 + 1e-9), n.cast(to: .float64) - 1).cast(to: .int64)
        return .make(Gather(axis: axis), [y, from], at: .here())
      }
      // Wider when made smaller, so that every pixel counts.
      let width = antialias ? maximum(scale, 1) : Expr.constant(1, .float64, at: .here())
      let distance = abs(Expr.iota(y.shape[axis]).cast(to: .float64) - place.expanded(axis: 1))
      let weights = resizeKernel(method, distance / width)
      let total = sum(weights, axes: [1], keepDims: true)
      let shares = (weights / total).cast(to: y.dtype)
      return tensordot(y, shares, axes: [axis], [1]).moveAxis(from: -1, to: axis)
    }.cast(to: x.dtype)
  }
}

/// The weight of a pixel at a distance in units of the kernel's width.
private func resizeKernel(_ method: ResizeMethod, _ d: Expr) -> Expr {
  switch method {
  case .nearest: return (d .<= 0.5).cast(to: d.dtype)
  case .linear: return maximum(1 - d, 0)
  case .cubic:
    let near = (1.5 * d - 2.5) * d * d + 1
    let far = ((-0.5 * d + 2.5) * d - 4) * d + 2
    return select(d .<= 1, near, select(d .< 2, far, 0))
  case .lanczos3: return select(d .< 3, sinc(d) * sinc(d / 3), 0)
  case .lanczos5: return select(d .< 5, sinc(d) * sinc(d / 5), 0)
  }
}
