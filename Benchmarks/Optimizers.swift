import Gnomon

/// Gradient descent: p becomes p - rate · d.
func descent(_ parameters: [Expr], _ loss: Expr, rate: Double) -> [(Expr, Expr)] {
  zip(parameters, gradient(of: loss, withRespectTo: parameters)).map { p, d in (p, p - rate * d) }
}

/// Descent with momentum 0.9: v becomes 0.9 v + d, and p becomes p - rate · v.
func momentum(_ parameters: [Expr], _ loss: Expr, rate: Double) -> [(Expr, Expr)] {
  zip(parameters, gradient(of: loss, withRespectTo: parameters)).flatMap { p, d in
    let v = state(of: p, "velocity")
    let next = 0.9 * v + d
    return [(v, next), (p, p - rate * next)]
  }
}

/// Adam with rate 0.001, decays 0.9 and 0.999, epsilon 1e-7.
func adam(_ parameters: [Expr], _ loss: Expr) -> [(Expr, Expr)] {
  let t = Expr.variable("t", zeros([]))
  let next = t + 1
  let (c1, c2) = (1 - power(0.9, next), 1 - power(0.999, next))
  let updates = zip(parameters, gradient(of: loss, withRespectTo: parameters)).flatMap { p, d in
    let (m, v) = (state(of: p, "m"), state(of: p, "v"))
    let m1 = 0.9 * m + 0.1 * d
    let v1 = 0.999 * v + 0.001 * d * d
    return [(m, m1), (v, v1), (p, p - 0.001 * (m1 / c1) / (sqrt(v1 / c2) + 1e-7))]
  }
  return updates + [(t, next)]
}

private func state(of p: Expr, _ name: String) -> Expr {
  .variable("\(p.name ?? "")_\(name)", zeros(Shape(p.shape.compactMap(\.constant))))
}
