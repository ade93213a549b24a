// Newton's method on the Rosenbrock function f(x, y) = (1 - x)² + 100 (y - x²)², whose only minimum
// is f(1, 1) = 0, with the gradient and the Hessian by differentiation of the expression.
//
//     swift run -c release Mathematics [--dump]
import Gnomon

let p = Expr.input("p", .float64, [2])
let (x, y) = (p[0], p[1])
let f = square(1 - x) + 100 * square(y - square(x))

let g = gradient(of: f, withRespectTo: p)
let h = stack([gradient(of: g[0], withRespectTo: p), gradient(of: g[1], withRespectTo: p)])

// The step solves H s = g; for two unknowns by Cramer's rule.
let determinant = h[0, 0] * h[1, 1] - h[0, 1] * h[1, 0]
let s = stack([h[1, 1] * g[0] - h[0, 1] * g[1], h[0, 0] * g[1] - h[1, 0] * g[0]]) / determinant

let newton = try compile(
  inputs: [p], outputs: [f, sum(square(g)), p - s], options: CompileOptions(name: "newton"))

if CommandLine.arguments.contains("--dump") {
  print("\(newton.ir)\n\(newton.optimizedIR)\n\(newton.cSource)")
}

var at = Tensor([-1.2, 1.0])
for iteration in 0..<100 {
  let (value, slope, next): (Tensor, Tensor, Tensor) = try newton(at)
  print("\(iteration): f\(at) = \(value)")
  if try slope.item() < 1e-24 { break }
  at = next
}
