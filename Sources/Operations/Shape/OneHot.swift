public import GnomonIR
public import GnomonTensors

/// A vector for each label that is 1 at the label's position and 0 elsewhere.
///
///     oneHot(y, classes: 10)           // int32 [batch] -> float32 [batch, 10]
///
/// A label outside 0..<classes gives zeros.
///
/// - Parameters:
///   - labels: an integer tensor.
///   - classes: the size of the new last axis.
@_transparent public func oneHot(
  _ labels: Expr, classes: Dim, _ dtype: DType = .float32
) -> Expr { _oneHot(labels, classes, dtype, .here()) }

@usableFromInline func _oneHot(
  _ labels: Expr, _ classes: Dim, _ dtype: DType, _ at: Location
) -> Expr {
  let labels = labels.settled()
  if labels.isInvalid { return labels }
  if let refusal = integersOnly(labels, "oneHot", at) { return refusal }
  return at.serving("oneHot") {
    // In a dtype that holds every label and every class.
    let narrow = labels.dtype.byteCount < 4 || labels.dtype == .int32
    let common: DType = narrow && (classes.constant ?? .max) < 1 << 31 ? .int32 : .int64
    let hit = labels.cast(to: common).expanded(axis: -1) .== Expr.iota(classes, common)
    return hit.cast(to: dtype)
  }
}

/// The refusal of an operand that is not of an integer dtype.
func integersOnly(_ x: Expr, _ function: String, _ at: Location) -> Expr? {
  if x.isInvalid || x.dtype.isInteger { return nil }
  return .refused(
    Refusal(
      .dtypeNotSupported, "not defined for \(x.dtype); it needs an integer dtype",
      help: "cast it first: {0}.cast(to: .int32)"), function, [x], at: at)
}
