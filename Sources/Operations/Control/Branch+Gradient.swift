internal import GnomonIR
internal import GnomonTensors

/// The derivative of a branch is a branch of derivatives: each side differentiates its own body,
/// and gives zeros for what it does not use.
func branchGradient(_ c: GradientContext) throws -> [Expr?] {
  let captures = Array(c.operands.dropFirst())
  let wanted = captures.indices.filter { c.wanted[$0 + 1] }
  guard !wanted.isEmpty else { return c.operands.map { _ in nil } }
  func side(_ body: Body) throws -> [Expr] {
    let d = try reverseSweep(
      outputs: body.results, upstream: c.upstream, inputs: wanted.map { captures[$0] },
      stopAt: captures)
    return zip(wanted, d).map { i, d in d ?? zeros(like: captures[i]) }
  }
  let a = try side(c.regions[0])
  let b = try side(c.regions[1])
  // The derivatives use interior values of the bodies. Those are recomputed inside the new regions,
  // so captures go on to what existed outside: the branch's own captures and the upstream.
  let outside = Body.captures(of: a + b, stoppingAt: captures + c.upstream.compactMap { $0 })
  let results = Expr.apply(
    Branch(), [c.operands[0]] + outside,
    regions: [Body(parameters: outside, results: a), Body(parameters: outside, results: b)],
    at: .here())
  var gradients = [Expr?](repeating: nil, count: c.operands.count)
  for (i, g) in zip(wanted, results) { gradients[i + 1] = g }
  return gradients
}

extension Body {
  /// Those of `boundary` that `results` use; everything between is inside the region.
  fileprivate static func captures(of results: [Expr], stoppingAt boundary: [Expr]) -> [Expr] {
    let stop = Set(boundary.map(\.id))
    var seen: Set<Expr.ID> = []
    var found: [Expr] = []
    var pending = Array(results.reversed())
    while let e = pending.popLast() {
      guard seen.insert(e.id).inserted else { continue }
      if stop.contains(e.id) {
        found.append(e)
      } else {
        pending += e.node.operands.reversed()
      }
    }
    return found
  }
}
