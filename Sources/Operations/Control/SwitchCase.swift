public import GnomonIR
internal import GnomonTensors

/// One of several computations, by an integer; only the chosen one runs.
///
///     let y = switchCase(kind, [{ relu(x) }, { tanh(x) }, { sigmoid(x) }])
///
/// - Parameters:
///   - index: an integer scalar; below 0 it means the first, beyond the end the last computation.
///   - cases: at least one, all with results of the same type.
@_transparent public func switchCase(_ index: Expr, _ cases: [() -> Expr]) -> Expr {
  _switchCase(index, cases.map { make in { [make()] } }, .here())[0]
}

/// One of several computations with several results each.
@_transparent public func switchCase(_ index: Expr, _ cases: [() -> [Expr]]) -> [Expr] {
  _switchCase(index, cases, .here())
}

@usableFromInline func _switchCase(
  _ index: Expr, _ cases: [() -> [Expr]], _ at: Location
) -> [Expr] {
  let index = index.settled(.int32)
  if index.isInvalid {
    return [.refused(Refusal(.branchMismatch, ""), "switchCase", [index], at: at)]
  }
  guard index.rank == 0, index.dtype.isInteger, !cases.isEmpty else {
    return [
      .refused(
        Refusal(
          .branchMismatch,
          cases.isEmpty ? "there is no computation" : "the index is not an integer scalar",
          help: cases.isEmpty ? nil : "cast it, or reduce it: {0}.cast(to: .int32)"),
        "switchCase", [index], at: at)
    ]
  }
  // Halves of halves: as many decisions as the logarithm of the number of cases.
  func choose(_ range: Range<Int>) -> [Expr] {
    if range.count == 1 { return cases[range.lowerBound]() }
    let middle = (range.lowerBound + range.upperBound) / 2
    let isBelow = at.serving { index .< Expr.constant(Double(middle), index.dtype, at: at) }
    return _branch(
      isBelow, { choose(range.lowerBound..<middle) }, { choose(middle..<range.upperBound) }, at)
  }
  return choose(0..<cases.count)
}
