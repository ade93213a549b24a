public import GnomonIR
internal import GnomonTensors

/// Images seen through a field of displacements: the pixel at (x, y) of the result is that at
/// `(x + u, y + v)` of the image, on lines between pixels.
///
/// - Parameters:
///   - images: `[batch, height, width, channels]`, floating-point.
///   - field: `[batch, height, width, 2]`: the displacement to the right and down, in pixels.
///   - fill: the value outside.
@_transparent public func displaced(_ images: Expr, by field: Expr, fill: Double = 0) -> Expr {
  _displaced(images, field, fill, .here())
}

/// Images bent by a random smooth field, as handwriting varies (Simard, Steinkraus, Platt, 2003).
///
/// - Parameters:
///   - images: `[batch, height, width, channels]`, floating-point; the sizes are known.
///   - key: the source of the field, which is uniform noise of (-1, 1) under a Gaussian.
///   - strength: what the smoothed noise is multiplied by, in pixels.
///   - smoothness: the standard deviation of the Gaussian, in pixels, above 0.
///   - fill: the value outside.
@_transparent public func elasticTransform(
  _ images: Expr, key: RandomKey, strength: Double = 20, smoothness: Double = 5, fill: Double = 0
) -> Expr { _elasticTransform(images, key, strength, smoothness, fill, .here()) }

@usableFromInline func _displaced(
  _ images: Expr, _ field: Expr, _ fill: Double, _ at: Location
) -> Expr {
  let x = images.settled()
  let field = field.settled(x.dtype)
  func refused(_ refusal: Refusal) -> Expr { .refused(refusal, "displaced", [x, field], at: at) }
  if x.isInvalid || field.isInvalid { return refused(Refusal(.rankMismatch, "")) }
  if let bad = floatsOnly(x, "displaced", at) { return bad }
  guard x.rank == 4, field.type == TensorType(x.dtype, x.shape.dropLast() + [2]) else {
    return refused(
      Refusal(
        .shapeMismatch, "images of \(x.type) and displacements of \(field.type)",
        marks: [Refusal.Mark(0), Refusal.Mark(1)],
        help: "both are [batch, height, width, …], the last axis of the field is 2"))
  }
  return at.serving("displaced") {
    func across(_ k: Int, _ axis: Int) -> Expr {
      var shape: [Dim] = [1, 1, 1]
      shape[axis] = x.shape[axis]
      let place = Expr.iota(x.shape[axis], x.dtype).reshaped(shape) + field[.ellipsis, k]
      return (2 * place + 1) / size(of: x, axis: axis).cast(to: x.dtype) - 1
    }
    return gridSample(x, stack([across(0, 2), across(1, 1)], axis: -1), fill: fill)
  }
}

@usableFromInline func _elasticTransform(
  _ images: Expr, _ key: RandomKey, _ strength: Double, _ smoothness: Double, _ fill: Double,
  _ at: Location
) -> Expr {
  let x = images.settled()
  if x.isInvalid { return x }
  if let bad = floatsOnly(x, "elasticTransform", at) { return bad }
  guard x.rank == 4, smoothness > 0, smoothness.isFinite else {
    return .refused(
      Refusal(
        .rankMismatch, "images of \(x.type) with a smoothness of \(smoothness)",
        marks: [Refusal.Mark(0)],
        help: "images are [batch, height, width, channels]; the smoothness is above 0"),
      "elasticTransform", [x], at: at)
  }
  return at.serving("elasticTransform") {
    let compute = x.dtype.computeType
    let noise = uniform(
      key: key, shape: x.shape.dropLast() + [2], dtype: compute, low: -1, high: 1)
    // A Gaussian along each axis in turn, as a product with the matrix of its weights.
    func smoothed(_ field: Expr, _ axis: Int) -> Expr {
      let i = Expr.iota(x.shape[axis], compute)
      let distance = (i.expanded(axis: 1) - i) / Expr(smoothness)
      let weights =
        exp(-0.5 * distance * distance) / Expr(smoothness * (2 * Double.pi).squareRoot())
      return einsum(axis == 1 ? "nhwc,gh->ngwc" : "nhwc,gw->nhgc", [field, weights])
    }
    let field = smoothed(smoothed(noise, 1), 2) * Expr(strength)
    return displaced(x, by: field.cast(to: x.dtype), fill: fill)
  }
}
