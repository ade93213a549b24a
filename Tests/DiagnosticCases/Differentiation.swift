internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

let differentiationCases: [Case] = [
  Case("gradient/loss-not-scalar") {
    let x = Expr.input("x", .float32, ["batch", 784])
    let w = Expr.variable("w", .zeros(.float32, [784, 10]))
    let loss = square(matmul(x, w))
    return gradient(of: loss, withRespectTo: w)
  },
  Case("gradient/integer-loss") {
    let n = Expr.input("n", .int32, ["batch"])
    let w = Expr.variable("w", .zeros(.float32, [10]))
    return gradient(of: sum(n), withRespectTo: w)
  },
  Case("gradient/of-integers") {
    let n = Expr.input("n", .int32, ["batch"])
    let loss = mean(square(n.cast(to: .float32)))
    return gradient(of: loss, withRespectTo: n)
  },
  Case("gradient/unused") {
    let x = Expr.input("x", .float32, ["batch"])
    let w = Expr.variable("w", .zeros(.float32, [10]))
    return gradient(of: sum(exp(x)), withRespectTo: w)
  },
  Case("gradient/path-ends") {
    let x = Expr.input("x", .float32, ["batch"])
    let steps = floor(x)
    let loss = sum(steps * 2)
    return gradient(of: loss, withRespectTo: x)
  },
  Case("gradient/stopped") {
    let x = Expr.input("x", .float32, ["batch"])
    let target = stopGradient(x * 2)
    return gradient(of: sum(target), withRespectTo: x)
  },
  Case("gradient/tail") {
    let w = Expr.variable("w", .zeros(.float32, [10]))
    return slope(w)
  },
  Case("gradient/undefined") {
    let x = Expr.input("x", .float32, ["batch"])
    let chosen = undefinedGradient(x * 2, "the choice is not trained")
    return gradient(of: sum(chosen), withRespectTo: x)
  },
  Case("gradient/custom-type") {
    let x = Expr.input("x", .float32, ["batch"])
    return customGradient(x) { exp($0) } gradient: { _, y, upstream in sum(upstream * y) }
  },
  Case("gradient/custom-count") {
    let x = Expr.input("x", .float32, ["batch"])
    return customGradient([x, x * 2], value: { [$0[0] * $0[1]] }) { _, _, g in g }
  },
  Case("gradient/tangent-not-linear") {
    let x = Expr.input("x", .float32, ["batch"])
    return customTangent(x) { exp($0) } tangent: { _, y, direction in y * direction * direction }
  },
  Case("gradient/of-unknown-shape") {
    let a = Expr.input("a", .float32, ["m", "n"])
    return gradient(of: sum(qr(a).r), withRespectTo: a)
  },
  Case("loop/state-changes-type") {
    let x = Expr.input("x", .float32, [3])
    return scan(steps: 5, from: x) { sum($0) }.last
  },
  Case("loop/state-changes-dtype") {
    let x = Expr.input("x", .float32, ["n"])
    let n = Expr.input("n", .int32, ["n"])
    return whileLoop(n, while: { sum($0) .< 9 }) { $0.cast(to: .float32) * x }
  },
  Case("loop/condition-not-scalar") {
    let x = Expr.input("x", .float32, ["n"])
    return whileLoop(x, while: { $0 .< 1 }) { $0 * 2 }
  },
  Case("loop/sequences-of-two-lengths") {
    let x = Expr.input("x", .float32, [4, "n"])
    let y = Expr.input("y", .float32, [5, "n"])
    return scan([x, y], from: [Expr.zeros(.float32, ["n"])]) { state, rows in
      [state[0] + rows[0] * rows[1]]
    }[0].last
  },
  Case("loop/batches-of-two-sizes") {
    let x = Expr.input("x", .float32, [4, 3])
    let y = Expr.input("y", .float32, [5, 3])
    return vectorize(x, y) { dot($0, $1) }
  },
  Case("root/other-type") {
    let x = Expr.input("x", .float32, [3])
    return root(from: x) { sum($0) }.value
  },
  Case("gradient/two-of-three") {
    let x = Expr.input("x", .float32, ["batch"])
    let u = Expr.variable("u", .zeros(.float32, [3]))
    let v = Expr.variable("v", .zeros(.float32, [4]))
    let (dx, du, dv) = gradient(of: sum(x), withRespectTo: x, u, v)
    return [dx, du, dv]
  },
]

func slope(_ w: Expr) -> Expr {
  gradient(of: square(w), withRespectTo: w)
}
