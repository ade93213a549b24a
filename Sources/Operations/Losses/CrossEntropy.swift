public import GnomonIR
internal import GnomonTensors

/// The cross-entropy of each row of logits with its class: `-logSoftmax(logits)[label]`.
///
///     let loss = mean(softmaxCrossEntropy(logits: logits, labels: y))
///
/// Stable: probabilities are never formed. The derivative is `softmax(logits) - oneHot(labels)`.
///
/// - Parameters:
///   - logits: a floating-point tensor whose last axis is the classes, `[batch, classes]`.
///   - labels: integers in 0..<classes, with the other axes of `logits`. One outside is an error when
///     the function runs (G0066), which names it, and nothing is changed.
/// - Returns: a number for each label, in the dtype of the logits.
@_transparent public func softmaxCrossEntropy(logits: Expr, labels: Expr) -> Expr {
  _softmaxCrossEntropy(logits, labels, .here())
}

@usableFromInline func _softmaxCrossEntropy(
  _ logits: Expr, _ labels: Expr, _ at: Location
) -> Expr {
  let name = "softmaxCrossEntropy"
  let (logits, labels) = (logits.settled(), labels.settled(.int32))
  if let bad = lossRefusal(name, [logits, labels], at) { return bad }
  func refused(_ refusal: Refusal) -> Expr { .refused(refusal, name, [logits, labels], at: at) }
  guard labels.dtype.isInteger else {
    return refused(
      Refusal(
        .dtypeNotSupported, "the labels are \(labels.dtype); they need an integer dtype",
        marks: [Refusal.Mark(1)],
        help: labels.type.shape == logits.type.shape
          ? "for probabilities of all classes: softmaxCrossEntropy(logits:targets:)"
          : "cast them first: labels.cast(to: .int32)"))
  }
  var context = TypeContext(operands: [logits.type, labels.type])
  guard let classes = logits.shape.last, labels.rank == logits.rank - 1,
    zip(labels.shape, logits.shape).allSatisfy({ context.agree($0, $1) })
  else {
    return refused(
      Refusal(
        .shapeMismatch, "the labels do not have the axes of the logits but the last",
        marks: [Refusal.Mark(0), Refusal.Mark(1)],
        help: "one label for each row of logits: [batch, classes] with [batch]"))
  }
  return at.serving(name) {
    let narrow = labels.dtype.byteCount < 4 || labels.dtype == .int32
    let common: DType = narrow && (classes.constant ?? .max) < 1 << 31 ? .int32 : .int64
    let checked = labels.checked(bound: classes, .here()).cast(to: common).expanded(axis: -1)
    let isLabel = checked .== Expr.iota(classes, common)
    // Half floats: the whole row in float32, rounded once.
    let rows = logSoftmax(logits.cast(to: logits.dtype.computeType))
    return (-sum(select(isLabel, rows, 0), axes: -1)).cast(to: logits.dtype)
  }
}

/// The cross-entropy of each row of logits with probabilities: `-sum(targets · logSoftmax(logits))`.
///
/// A target of 0 counts nothing, also where the logit is -inf.
///
/// - Parameters:
///   - logits: a floating-point tensor whose last axis is the classes.
///   - targets: the same shape and dtype; rows that sum to 1.
/// - Returns: a number for each row.
@_transparent public func softmaxCrossEntropy(logits: Expr, targets: Expr) -> Expr {
  _denseCrossEntropy(logits, targets, .here())
}

@usableFromInline func _denseCrossEntropy(
  _ logits: Expr, _ targets: Expr, _ at: Location
) -> Expr {
  let (logits, targets) = (logits.settled(), targets.settled(logits.dtype))
  if let bad = pairRefusal("softmaxCrossEntropy", logits, targets, at) { return bad }
  guard logits.rank > 0 else {
    return .refused(
      Refusal(.rankMismatch, "the logits are a scalar, without classes"), "softmaxCrossEntropy",
      [logits, targets], at: at)
  }
  return at.serving("softmaxCrossEntropy") {
    let compute = logits.dtype.computeType
    let t = targets.cast(to: compute)
    let terms = select(t .== 0, 0, t * logSoftmax(logits.cast(to: compute)))
    return (-sum(terms, axes: -1)).cast(to: logits.dtype)
  }
}

/// The cross-entropy of independent probabilities given as logits, element by element:
/// `-(t log σ(x) + (1 - t) log(1 - σ(x)))`, computed as `softplus(x) - t x`.
///
/// - Parameters:
///   - logits: a floating-point tensor.
///   - targets: the same shape and dtype, between 0 and 1.
/// - Returns: the same shape and dtype. The derivative is `sigmoid(logits) - targets`.
@_transparent public func sigmoidCrossEntropy(logits: Expr, targets: Expr) -> Expr {
  _sigmoidCrossEntropy(logits, targets, .here())
}

@usableFromInline func _sigmoidCrossEntropy(
  _ logits: Expr, _ targets: Expr, _ at: Location
) -> Expr {
  let (logits, targets) = settledPair(logits, targets)
  if let bad = pairRefusal("sigmoidCrossEntropy", logits, targets, at) { return bad }
  return at.serving("sigmoidCrossEntropy") {
    let compute = logits.dtype.computeType
    let x = logits.cast(to: compute)
    return (softplus(x) - targets.cast(to: compute) * x).cast(to: logits.dtype)
  }
}

/// The cross-entropy of independent probabilities, element by element:
/// `-(t log p + (1 - t) log(1 - p))`.
///
/// A term with the factor 0 is 0, so certain and right predictions cost 0. From logits
/// `sigmoidCrossEntropy` is more exact.
///
/// - Parameters:
///   - probabilities: a floating-point tensor, between 0 and 1.
///   - targets: the same shape and dtype, between 0 and 1.
@_transparent public func binaryCrossEntropy(probabilities: Expr, targets: Expr) -> Expr {
  _binaryCrossEntropy(probabilities, targets, .here())
}

@usableFromInline func _binaryCrossEntropy(
  _ probabilities: Expr, _ targets: Expr, _ at: Location
) -> Expr {
  let (p, t) = settledPair(probabilities, targets)
  if let bad = pairRefusal("binaryCrossEntropy", p, t, at) { return bad }
  return at.serving("binaryCrossEntropy") {
    let compute = p.dtype.computeType
    let (q, s) = (p.cast(to: compute), t.cast(to: compute))
    let yes = select(s .== 0, 0, s * log(q))
    let no = select(s .== 1, 0, (1 - s) * log1p(-q))
    return (-(yes + no)).cast(to: p.dtype)
  }
}

// MARK: - Operands of losses

/// The invalid expression of operands that are invalid, or whose first is not floating-point.
func lossRefusal(_ function: String, _ operands: [Expr], _ at: Location) -> Expr? {
  if operands.contains(where: \.isInvalid) {
    return .refused(Refusal(.dtypeNotSupported, ""), function, operands, at: at)
  }
  return floatsOnly(operands[0], function, at)
}

/// As `lossRefusal`, for two operands that must have one dtype and shape.
func pairRefusal(_ function: String, _ x: Expr, _ t: Expr, _ at: Location) -> Expr? {
  if let bad = lossRefusal(function, [x, t], at) { return bad }
  if x.dtype != t.dtype {
    return .refused(
      Refusal(
        .dtypeMismatch, "the operands have different dtypes: \(x.dtype) and \(t.dtype)",
        help: "cast the second operand: t.cast(to: .\(x.dtype))"), function, [x, t], at: at)
  }
  var context = TypeContext(operands: [x.type, t.type])
  if t.rank == 0 || (x.rank == t.rank && zip(x.shape, t.shape).allSatisfy { context.agree($0, $1) })
  {
    return nil
  }
  return .refused(
    Refusal(
      .shapeMismatch, "the shapes differ: \(x.type) and \(t.type)",
      help: "a loss compares element with element and does not broadcast"), function, [x, t],
    at: at)
}
