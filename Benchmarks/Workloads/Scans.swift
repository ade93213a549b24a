import Gnomon

let scans: [Workload] = [
  .call(
    "mandel_1000_100", [plane().real, plane().imaginary],
    check: { results in
      summary(results[0]) + [results[0].doubles[500 * 1000 + 400]]
    }
  ) { x in
    let zero = Expr.zeros(.float32, [1000, 1000])
    let counts = Expr.zeros(.int32, [1000, 1000])
    let (_, _, n) = scan(steps: 100, from: (zero, zero, counts)) { zr, zi, n in
      let (a, b) = (zr * zr, zi * zi)
      return (a - b + x[0], 2 * zr * zi + x[1], n + (a + b .<= 4).cast(to: .int32))
    }
    return [n.last]
  },
  .call("power_scan_1000", [Hashed.fill([1000], 74, 0.99, 1.01)]) { x in
    [scan(steps: 1000, from: Expr.ones(.float32, [1000])) { $0 * x[0] }.last]
  },
]

/// The points of the plane, row by row.
private func plane() -> (real: Tensor, imaginary: Tensor) {
  let steps = 0..<1000
  let real = steps.map { -2 + 2.5 * Double($0) / 999 }
  let imaginary = steps.map { -1.25 + 2.5 * Double($0) / 999 }
  return (
    Tensor(dtype: .float32, shape: [1000, 1000], doubles: steps.flatMap { _ in real }),
    Tensor(
      dtype: .float32, shape: [1000, 1000],
      doubles: imaginary.flatMap { y in steps.map { _ in y } })
  )
}
