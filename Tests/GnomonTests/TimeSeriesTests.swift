import Foundation
import Gnomon
import Testing

/// Programs with loops as users write them, compiled, against the same in plain Swift.
@Suite struct TimeSeriesTests {
  init() { _ = usesOwnCache }

  func numbers(_ shape: Shape, _ seed: UInt64, _ scale: Double = 1) -> Tensor {
    let x = Tensor.normal(.float64, shape, seed: seed)
    return Tensor(dtype: .float64, shape: shape, doubles: x.doubles.map { $0 * scale })
  }

  @Test func `Mandelbrot counts`() throws {
    let (cr, ci) = (Expr.input("cr", .float64, ["n"]), Expr.input("ci", .float64, ["n"]))
    let zero = Expr.zeros(.float64, ["n"])
    let (_, _, n) = scan(steps: 60, from: (zero, zero, Expr.zeros(.int32, ["n"]))) { zr, zi, n in
      let (a, b) = (zr * zr, zi * zi)
      return (a - b + cr, 2 * zr * zi + ci, n + (a + b .<= 4).cast(to: .int32))
    }
    let f = try compile(inputs: [cr, ci], outputs: [n.last])
    let points = [
      (0.0, 0.0), (-1.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.3, 0.5), (-0.75, 0.1), (2, 2),
    ]
    let counts = points.map { x, y -> Int64 in
      var (zr, zi, n) = (0.0, 0.0, Int64(0))
      for _ in 0..<60 {
        let (a, b) = (zr * zr, zi * zi)
        if a + b <= 4 { n += 1 }
        (zr, zi) = (a - b + x, 2 * zr * zi + y)
      }
      return n
    }
    let found = try f(Tensor(points.map(\.0)), Tensor(points.map(\.1)))
    #expect(found.integers == counts)
    #expect(counts == [60, 60, 3, 60, 60, 33, 1])
  }

  @Test func `a recurrent network with a truncated gradient learns as if cut`() throws {
    // Theano's tutorial network: the gradient through the last three steps alone is that of a network
    // that starts three steps before the end from a given state.
    let (w, u) = (Expr.input("w", .float64, [4, 4]), Expr.input("u", .float64, [3, 4]))
    let xs = Expr.input("xs", .float64, ["time", 3])
    func network(_ xs: Expr, _ h: Expr, _ k: Int?) -> Scanned {
      scan(xs, from: h, truncatingGradient: k) { h, x in tanh(matmul(x, u) + matmul(h, w)) }
    }
    let start = Expr.zeros(.float64, [4])
    let truncated = gradient(of: sum(network(xs, start, 3).last), withRespectTo: [w, u])
    let middle = Expr.input("middle", .float64, [4])
    let short = Expr.input("short", .float64, ["few", 3])
    let cut = gradient(of: sum(network(short, middle, nil).last), withRespectTo: [w, u])
    let arguments = [numbers([4, 4], 1, 0.5), numbers([3, 4], 2, 0.5), numbers([9, 3], 3)]
    let a = try compile(
      inputs: [w, u, xs], outputs: truncated + [network(xs, start, nil).every]
    ).outputs(arguments)
    let states = a[2]
    let b = try compile(inputs: [w, u, short, middle], outputs: cut).outputs(
      Array(arguments[..<2]) + [try arguments[2].rows(6..<9), try states.row(5)])
    for k in 0..<2 {
      for (p, q) in zip(a[k].doubles, b[k].doubles) {
        #expect((p - q).magnitude <= 1e-12 * (1 + q.magnitude))
      }
    }
  }

  @Test func `an LSTM over 64 steps has the derivatives of its steps written out`() throws {
    let (x, wx) = (Expr.input("x", .float64, [64, 2, 3]), Expr.input("wx", .float64, [3, 16]))
    let (wh, b) = (Expr.input("wh", .float64, [4, 16]), Expr.input("b", .float64, [16]))
    func step(_ h: Expr, _ c: Expr, _ x: Expr) -> (Expr, Expr) {
      let gates = (matmul(x, wx) + matmul(h, wh) + b).split(parts: 4, axis: 1)
      let next = sigmoid(gates[1]) * c + sigmoid(gates[0]) * tanh(gates[2])
      return (sigmoid(gates[3]) * tanh(next), next)
    }
    let zero = Expr.zeros(.float64, [2, 4])
    let looped = mean(square(scan(x, from: (zero, zero), step).0.last))
    var (h, c) = (zero, zero)
    for t in 0..<64 { (h, c) = step(h, c, x[t]) }
    let unrolled = mean(square(h))
    let parameters = [x, wx, wh, b]
    let arguments = [
      numbers([64, 2, 3], 1), numbers([3, 16], 2, 0.4), numbers([4, 16], 3, 0.4),
      numbers([16], 4, 0.1),
    ]
    let one = try compile(
      inputs: parameters, outputs: [looped] + gradient(of: looped, withRespectTo: parameters)
    ).outputs(arguments)
    let two = try compile(
      inputs: parameters, outputs: [unrolled] + gradient(of: unrolled, withRespectTo: parameters)
    ).outputs(arguments)
    for (p, q) in zip(one, two) {
      let largest = q.doubles.map(\.magnitude).max()!
      for (s, t) in zip(p.doubles, q.doubles) { #expect((s - t).magnitude <= 1e-12 * largest) }
    }
  }

  @Test func `the likelihood of a Kalman filter and its derivative`() throws {
    // A local level with noise: z' = z + N(0, q), y = z + N(0, r).
    let ys = Expr.input("ys", .float64, ["time"])
    let (q, r) = (Expr.input("q", .float64, []), Expr.input("r", .float64, []))
    let (_, outputs) = scan(
      [ys], carrying: [.constant(0, .float64, at: .here()), .constant(10, .float64, at: .here())]
    ) { state, y in
      let (m, p) = (state[0], state[1] + q)
      let s = p + r
      let gain = p / s
      let error = y[0] - m
      let likelihood = -0.5 * (log(2 * Double.pi * s) + error * error / s)
      return ([m + gain * error, (1 - gain) * p], [likelihood])
    }
    let total = sum(outputs[0])
    let f = try compile(
      inputs: [ys, q, r], outputs: [total] + gradient(of: total, withRespectTo: [q, r]))
    let data = numbers([40], 5)
    func likelihood(_ q: Double, _ r: Double) -> Double {
      var (m, p, sum) = (0.0, 10.0, 0.0)
      for y in data.doubles {
        p += q
        let s = p + r
        sum -= 0.5 * (Foundation.log(2 * Double.pi * s) + (y - m) * (y - m) / s)
        m += p / s * (y - m)
        p *= 1 - p / s
      }
      return sum
    }
    let found = try f.outputs([data, Tensor(0.3), Tensor(0.8)]).map { $0.double(at: 0) }
    #expect((found[0] - likelihood(0.3, 0.8)).magnitude < 1e-10)
    let h = 1e-6
    let slopes = [
      (likelihood(0.3 + h, 0.8) - likelihood(0.3 - h, 0.8)) / (2 * h),
      (likelihood(0.3, 0.8 + h) - likelihood(0.3, 0.8 - h)) / (2 * h),
    ]
    #expect((found[1] - slopes[0]).magnitude < 1e-6 && (found[2] - slopes[1]).magnitude < 1e-6)
  }

  @Test func `the forward pass of a hidden Markov model is the sum over all paths`() throws {
    let (start, moves) = (
      Expr.input("start", .float64, [3]), Expr.input("moves", .float64, [3, 3])
    )
    let seen = Expr.input("seen", .float64, ["time", 3])
    let alpha = scan(seen[1...], from: start + seen[0]) { alpha, seen in
      logSumExp(alpha.expanded(axis: 1) + moves, axes: 0) + seen
    }
    let f = try compile(inputs: [start, moves, seen], outputs: [logSumExp(alpha.last)])
    let (a, t, e) = (numbers([3], 1), numbers([3, 3], 2), numbers([5, 3], 3))
    let (a0, t0, e0) = (a.doubles, t.doubles, e.doubles)
    var total = 0.0
    for path in 0..<243 {
      let z = [path % 3, path / 3 % 3, path / 9 % 3, path / 27 % 3, path / 81]
      var weight = a0[z[0]] + e0[z[0]]
      for i in 1..<5 { weight += t0[z[i - 1] * 3 + z[i]] + e0[i * 3 + z[i]] }
      total += Foundation.exp(weight)
    }
    let found = try f.outputs([a, t, e])[0].double(at: 0)
    #expect((found - Foundation.log(total)).magnitude < 1e-12)
  }
}

extension TimeSeriesTests {
  @Test func `gradients are checked against difference quotients`() throws {
    let (w, x) = (Expr.input("w", .float64, [3]), Expr.input("x", .float64, ["time", 3]))
    let s = scan(x, from: Expr.zeros(.float64, [3])) { s, x in tanh(s * w + x) }
    let right = try checkGradients(
      of: sum(s.last), withRespectTo: [w, x], [w: numbers([3], 1), x: numbers([4, 3], 2)])
    #expect(right.worst.count == 2 && right.error < 1e-8, "\(right)")
    // What stops the gradient in one place is found out, with the value and the element.
    let wrong = try checkGradients(
      of: sum(square(w) + stopGradient(w)), withRespectTo: [w], [w: numbers([3], 1)])
    #expect((wrong.worst[0].quotient - wrong.worst[0].derivative - 1).magnitude < 1e-8)
    #expect(wrong.description.hasPrefix("w["))
    #expect(throws: GnomonError.self) {
      try checkGradients(of: sum(w * w), withRespectTo: [w * 2], [w: numbers([3], 1)])
    }
  }
}
