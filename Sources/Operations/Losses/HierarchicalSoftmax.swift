public import GnomonIR
internal import GnomonTensors

/// Probabilities of many classes in two steps: of a group, then of a class within it.
///
/// `p(group g, class j) = softmax(x W + b)[g] · softmax(x V[g] + c[g])[j]`. Computing all of them, as here,
/// costs what one softmax does.
///
/// - Parameters:
///   - x: `[batch, features]`, floating-point.
///   - outer: the weights `[features, groups]` and the bias `[groups]`.
///   - inner: the weights `[groups, features, classes]` and the bias `[groups, classes]`.
/// - Returns: `[batch, groups · classes]`.
@_transparent public func hierarchicalSoftmax(
  _ x: Expr, outer: (weights: Expr, bias: Expr), inner: (weights: Expr, bias: Expr)
) -> Expr { _hierarchicalSoftmax(x, outer.0, outer.1, inner.0, inner.1, .here()) }

@usableFromInline func _hierarchicalSoftmax(
  _ x: Expr, _ w: Expr, _ b: Expr, _ v: Expr, _ c: Expr, _ at: Location
) -> Expr {
  let all = [x, w, b, v, c]
  guard !all.contains(where: \.isInvalid), x.rank == 2, w.rank == 2, b.rank == 1, v.rank == 3,
    c.rank == 2
  else {
    return .refused(
      Refusal(
        .rankMismatch, "the operands have ranks \(all.map(\.rank))",
        help:
          "they are x [batch, features], weights and bias of groups, weights and bias of classes"
      ), "hierarchicalSoftmax", all, at: at)
  }
  return at.serving("hierarchicalSoftmax") {
    let groups = softmax(matmul(x, w) + b)
    let classes = softmax(einsum("bi,gij->bgj", x, v) + c)
    let joint = groups.expanded(axis: 2) * classes
    return joint.reshaped([joint.shape[0], joint.shape[1] * joint.shape[2]])
  }
}
