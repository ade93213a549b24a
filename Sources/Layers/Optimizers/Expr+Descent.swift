internal import Gnomon
internal import GnomonIR
internal import GnomonOperations

extension Expr {
  /// `self - rate · gradient`, where the terms of the gradient that touch a few rows only, as those of an
  /// embedding do, are subtracted from those rows alone.
  ///
  /// The compiler does that for a rate that is a number. It may not for one that is a variable, which might
  /// be infinite, and infinity times the zeros of the other rows is no zero; for an optimizer a step is what
  /// is said here.
  func descended(along gradient: Expr, rate: Expr) -> Expr {
    var (dense, sparse): (Expr?, [(op: ScatterAdd, indices: Expr, rows: Expr)]) = (nil, [])
    var pending = [gradient]
    while let term = pending.popLast() {
      // By its full name: `Add` alone is the layer of this module.
      if term.node.op is GnomonOperations.Add,
        term.node.operands.allSatisfy({ $0.type == term.type })
      {
        pending += term.node.operands.reversed()
      } else if let op = term.node.op as? ScatterAdd, term.node.operands[0].isZeros {
        sparse.append((op, term.node.operands[1], term.node.operands[2]))
      } else {
        dense = dense.map { $0 + term } ?? term
      }
    }
    let base = dense.map { self - rate * $0 } ?? self
    return sparse.reduce(base) { p, term in
      .make(term.op, [p, term.indices, -(rate * term.rows)], at: .here())
    }
  }

  /// Whether it is a zero repeated.
  private var isZeros: Bool {
    if node.op is Broadcast { return node.operands[0].isZeros }
    return node.op as? GnomonIR.Constant == GnomonIR.Constant(0, dtype)
  }
}
