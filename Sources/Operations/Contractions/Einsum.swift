public import GnomonIR
internal import GnomonTensors

/// Sums of products by labelled axes, in Einstein's notation.
///
///     einsum("bij,bjk->bik", a, b)    // a batch of matrix products
///     einsum("ij->ji", a)             // the transpose
///     einsum("ii", a)                 // the trace
///     einsum("i,ij,j", x, a, y)       // a bilinear form
///
/// Each operand's axes get letters. Axes with the same letter have the same size and run together,
/// also within one operand (its diagonal); letters that the result lacks are summed. Without `->` the
/// result has the letters that occur once, in alphabetical order, as in NumPy. Several operands are
/// contracted two at a time, in the order that costs fewest multiplications (sizes without a number
/// count as 64).
///
/// - Parameters:
///   - spec: the letters of each operand, separated by commas, then those of the result. Spaces are
///     ignored.
///   - operands: numeric tensors of one dtype.
/// - Returns: a tensor with the result's axes. Malformed specifications give G0013, sizes that differ
///   G0012.
@_transparent public func einsum(_ spec: String, _ operands: Expr...) -> Expr {
  _einsum(spec, operands, .here())
}

/// Sums of products by labelled axes, of any number of operands.
@_transparent public func einsum(_ spec: String, _ operands: [Expr]) -> Expr {
  _einsum(spec, operands, .here())
}

@usableFromInline func _einsum(_ spec: String, _ operands: [Expr], _ at: Location) -> Expr {
  let dtype = operands.first { $0.literalValue == nil && !$0.isInvalid }?.dtype ?? .float32
  let operands = operands.map { $0.settled(dtype) }
  if operands.contains(where: \.isInvalid) {
    return .refused(Refusal(.einsumMalformed, "invalid"), "einsum", operands, at: at)
  }
  do throws(Refusal) {
    let spec = try EinsumSpec(spec, operands.map(\.type))
    return at.serving("einsum") { contractAll(spec, operands, at) }
  } catch {
    return .refused(error, "einsum", operands, at: at)
  }
}

/// Contracts two tensors at a time in the planned order.
private func contractAll(_ spec: EinsumSpec, _ operands: [Expr], _ at: Location) -> Expr {
  var terms = zip(operands, spec.operands).map { diagonals($0, $1) }
  // A letter of one operand alone is summed at once: nothing after it needs to carry it.
  for i in terms.indices {
    let others = Set(terms.indices.filter { $0 != i }.flatMap { terms[$0].labels })
    let alone = terms[i].labels.indices.filter {
      !others.contains(terms[i].labels[$0]) && !spec.result.contains(terms[i].labels[$0])
    }
    guard !alone.isEmpty else { continue }
    terms[i].expr = .make(Sum(axes: alone), [terms[i].expr], at: .here())
    for axis in alone.reversed() { terms[i].labels.remove(at: axis) }
  }
  for (i, j) in spec.order(terms.map(\.labels)) {
    let right = terms.remove(at: j)
    let left = terms.remove(at: i)
    let needed = Set(terms.flatMap(\.labels) + spec.result)
    let both = left.labels + right.labels.filter { !left.labels.contains($0) }
    let result = terms.isEmpty ? spec.result : both.filter(needed.contains)
    let product = Expr.make(
      Contract("\(String(left.labels)),\(String(right.labels))->\(String(result))"),
      [left.expr, right.expr], at: .here())
    terms.append((product, result))
  }
  let (expr, labels) = terms[0]
  return labels == spec.result
    ? expr
    : expr.permuted(spec.result.map { labels.firstIndex(of: $0)! })
}

/// The operand with each repeated label reduced to its diagonal.
private func diagonals(_ e: Expr, _ labels: [Character]) -> (expr: Expr, labels: [Character]) {
  var e = e
  var labels = labels
  while let second = labels.indices.first(where: { labels[..<$0].contains(labels[$0]) }),
    let first = labels.firstIndex(of: labels[second])
  {
    e = .make(Diagonal(first: first, second: second), [e], at: .here())
    labels.remove(at: second)
  }
  return (e, labels)
}
