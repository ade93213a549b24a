import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

struct RowKernelTests {
  static let shapes = [
    [0, 3], [3, 0], [1, 1], [1, 20], [20, 1], [3, 16], [5, 17], [37, 10], [64, 100], [130, 70],
  ]

  /// Static, then with both sizes named.
  private func both(
    _ tensors: [Tensor], _ shapes: [[Dim]], tolerance: Double = 2e-5,
    sourceLocation: SourceLocation = #_sourceLocation, _ build: ([Expr]) -> [Expr]
  ) throws {
    try expectKernel(tensors, tolerance: tolerance, sourceLocation: sourceLocation, build)
    try expectKernel(
      tensors, shapes: shapes, tolerance: tolerance, sourceLocation: sourceLocation, build)
  }

  private func softmax(_ x: Expr) -> Expr {
    let e = exp(x - max(x, axes: [1], keepDims: true))
    return e / sum(e, axes: [1], keepDims: true)
  }

  @Test(arguments: shapes) func `softmax and log-softmax of rows`(s: [Int]) throws {
    if s[1] == 0 { return }  // A row without elements has no largest one.
    try both([sample(s)], [["m", "n"]]) { [softmax($0[0])] }
    try both([sample(s)], [["m", "n"]]) { x in
      let z = x[0] - max(x[0], axes: [1], keepDims: true)
      return [z - log(sum(exp(z), axes: [1], keepDims: true))]
    }
  }

  @Test(arguments: shapes) func `layer normalization`(s: [Int]) throws {
    let n = s[1]
    try both([sample(s), sample(n, seed: 2), sample(n, seed: 3)], [["m", "n"], ["n"], ["n"]]) { x in
      let count = size(of: x[0], axis: 1).cast(to: .float32)
      let mean = sum(x[0], axes: [1], keepDims: true) / count
      let centered = x[0] - mean
      let spread = sum(square(centered), axes: [1], keepDims: true) / count
      return [centered * rsqrt(spread + 1e-5) * x[1] + x[2]]
    }
  }

  @Test(arguments: [15, 32, 50, 100])
  func `copies of a long body take turns where a register holds a vector`(n: Int) throws {
    let x = [sample(3, n), sample(3, n, seed: 2)]
    func body(_ x: [Expr]) -> [Expr] {
      let y = tanh(x[0] * x[1] + 1) * exp(x[0]) + x[1]
      return [y, sum(exp(x[1]) * tanh(y), axes: [1])]
    }
    try both(x, [["m", "n"], ["m", "n"]], tolerance: 1e-4, body)
    let region = try KernelReferee.region(x, body)
    for (machine, takesTurns) in [(Machine.avx512, true), (.avx2, false)] {
      let lines = try Kernel(region, name: "test", machine: machine).description
        .split(separator: "\n").map { $0.contains("= tanh ") }
      #expect(zip(lines, lines.dropFirst()).contains { $0 && $1 } == (takesTurns && n >= 32))
    }
  }

  @Test(arguments: [1, 3, 4, 5, 18], [20, 64])
  func `rows that read the same are computed side by side`(m: Int, n: Int) throws {
    let x = [sample(m), sample(n, seed: 2), sample(n, seed: 3)]
    func sums(_ count: Int) -> ([Expr]) -> [Expr] {
      { x in
        let d = x[0].expanded(axis: 1) - x[1]
        let all = (1...count).map { k in sum(d * d * x[2] + Expr(Double(k)), axes: [1]) * x[0] }
        return all
      }
    }
    for (count, step) in [(1, 4), (5, 2), (7, nil)] as [(Int, Int?)] {
      try both(x, [["m"], ["n"], ["n"]], tolerance: 1e-4, sums(count))
      let kernel = try Kernel(
        KernelReferee.region(x, sums(count)), name: "test", machine: .avx512)
      let isJammed = kernel.description.contains("step \(step ?? 2) {")
      #expect(isJammed == (step != nil && m > 1), "\(kernel)")
      let narrow = try Kernel(KernelReferee.region(x, sums(count)), name: "test", machine: .avx2)
      #expect(!narrow.description.contains("step \(step ?? 2) {"))
    }
    // Positions, a named outer axis before the rows, and rows whose own reads prevail.
    try both(x, [["m"], ["n"], ["n"]], tolerance: 1e-6) { x in
      [argmax(x[0].expanded(axis: 1) * x[1], axis: 1)]
    }
    try both([sample(2, m), sample(n, seed: 2)], [["b", "m"], ["n"]], tolerance: 1e-4) { x in
      [max(abs(x[0].expanded(axis: 2) - x[1]), axes: [2])]
    }
    try both([sample(m, n), sample(n, seed: 2)], [["m", "n"], ["n"]], tolerance: 1e-4) { x in
      [sum(x[0] * x[0] + x[0] * x[1], axes: [1])]
    }
  }

  @Test func `a reciprocal root of what is known to be normal leaves out the other numbers`() throws
  {
    for (formula, isKnown) in [
      ({ rsqrt($0 * $0 + 0x1p-126) }, true), ({ rsqrt($0 * $0) }, false), ({ rsqrt($0) }, false),
    ] as [((Expr) -> Expr, Bool)] {
      try both([sample(37)], [["n"]]) { [formula(abs($0[0]) + 0.125)] }
      let region = try KernelReferee.region([sample(37)]) { [formula($0[0])] }
      let kernel = try Kernel(region, name: "test", machine: .avx512)
      #expect(kernel.description.contains("reciprocalRoot") == isKnown, "\(kernel)")
      #expect(kernel.description.contains("rsqrt") != isKnown, "\(kernel)")
    }
  }

  @Test(arguments: [0, 1, 3, 4, 70], [1, 16, 37])
  func `rows that are only added up are so four at a time`(m: Int, n: Int) throws {
    let x = [sample(m), sample(m, n, seed: 2)]
    func product(_ x: [Expr]) -> [Expr] { [sum(x[0].expanded(axis: 1) * x[1], axes: [0])] }
    func extremes(_ x: [Expr]) -> [Expr] { [max(x[1], axes: [0]), sum(square(x[1]), axes: [0])] }
    // What is written element by element, and sums that a row needs itself, keep to one row.
    func written(_ x: [Expr]) -> [Expr] { [exp(x[1]), sum(exp(x[1]), axes: [0])] }
    for (body, jams) in [(product, true), (extremes, true), (written, false)] {
      if m > 0 || !jams { try both(x, [["m"], ["m", "n"]], tolerance: 1e-5, body) }
      let kernel = try Kernel(
        KernelReferee.region(x, shapes: [["m"], ["m", "n"]], body), name: "test", machine: .avx512)
      let lines = kernel.description.split(separator: "\n")
      #expect(lines.contains { $0.hasSuffix("step 4 {") } == jams, "\(kernel)")
    }
  }

  @Test(arguments: [1, 3, 4])
  func `a sum over a short axis begins with the number that follows`(c: Int) throws {
    let x = [sample(37, c), sample(40, c, seed: 2)]
    func body(_ x: [Expr]) -> [Expr] {
      let d = x[0].expanded(axis: 1) - x[1]
      return [max(sqrt(sum(square(d), axes: [2]) + 0.25), axes: [1])]
    }
    try both(x, [["m", Dim(c)], ["n", Dim(c)]], tolerance: 1e-4, body)
    let kernel = try Kernel(KernelReferee.region(x, body), name: "test", machine: .avx2)
    if c > 1 { #expect(!kernel.description.contains("= add "), "\(kernel)") }
    // Where others read the sum as it is, it begins with nothing.
    try both(x, [["m", Dim(c)], ["n", Dim(c)]], tolerance: 1e-4) { x in
      let s = sum(square(x[0].expanded(axis: 1) - x[1]), axes: [2])
      return [sum(sqrt(s + 0.25) * s, axes: [1])]
    }
  }

  @Test func `the root of squares and a number is made without tests for other arguments`() throws {
    let x = [sample(3, 40)]
    for (isKnown, root) in [
      (true, { [rsqrt(square($0[0]) + 1e-4)] }), (true, { [rsqrt(maximum(exp($0[0]), 1))] }),
      (false, { [rsqrt(square($0[0]))] }), (false, { [rsqrt($0[0] + 1)] }),
    ] as [(Bool, ([Expr]) -> [Expr])] {
      try both(x, [["m", "n"]], tolerance: 2e-7, root)
      let kernel = try Kernel(KernelReferee.region(x, root), name: "test", machine: .avx2)
      #expect(kernel.description.contains("= rsqrt ") != isKnown, "\(kernel)")
    }
  }

  @Test(arguments: shapes) func `sums over each set of axes`(s: [Int]) throws {
    for axes in [[0], [1], [0, 1]] {
      try both([sample(s)], [["m", "n"]], tolerance: 1e-4) { [sum($0[0], axes: axes)] }
      try both([sample(s)], [["m", "n"]], tolerance: 1e-4) {
        [sum(square($0[0]) + 1, axes: axes) * 2]
      }
    }
  }

  @Test(arguments: [
    [2, 3, 4], [5, 1, 17], [3, 20, 33], [0, 3, 4], [3, 0, 4], [3, 4, 0], [16, 16, 16],
  ])
  func `sums over each set of three axes`(s: [Int]) throws {
    for axes in [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]] {
      try both([sample(s)], [["a", "b", "c"]], tolerance: 1e-4) { [sum($0[0], axes: axes)] }
    }
  }

  @Test(arguments: [0, 1, 2, 15, 16, 17, 63, 64, 65, 1000, 8193, 20_000])
  func `sums of long vectors`(n: Int) throws {
    try both([sample(n)], [["n"]], tolerance: 1e-3) { [sum($0[0]), sum(abs($0[0])) + 1] }
    if n > 0 { try both([sample(n)], [["n"]], tolerance: 0) { [max($0[0]), min($0[0] * 2)] } }
    try both([sample(n), sample(n, seed: 2)], [["n"], ["n"]], tolerance: 1e-3) {
      [sum($0[0] * $0[1])]
    }
  }

  @Test(arguments: [[3, 4100], [9, 40], [40, 33]])
  func `column sums of few rows take no partial sums as large as the rows`(s: [Int]) throws {
    let body = { (x: [Expr]) in [sum(square(x[0]), axes: [0])] }
    try both([sample(s)], [["m", "n"]], tolerance: 1e-5, body)
    let kernel = try Kernel(KernelReferee.region([sample(s)], body), name: "test", machine: .avx2)
    let partial = kernel.buffers.reduce(0) { total, buffer in
      if case .temporary(let elements, _) = buffer.role {
        total + (elements.constant ?? 0)
      } else {
        total
      }
    }
    #expect(partial <= s[0] * s[1] / 4, "\(kernel)")
  }

  @Test(arguments: shapes) func `every reduction`(s: [Int]) throws {
    if s.contains(0) { return }
    for axes in [[0], [1], [0, 1]] {
      try both([sample(s)], [["m", "n"]], tolerance: 0) { x in
        [max(x[0], axes: axes), min(x[0], axes: axes)]
      }
      try both([sample(s, dtype: .bool)], [["m", "n"]], tolerance: 0) { x in
        [all(x[0], axes: axes), any(x[0], axes: axes)]
      }
      try both([sample(s, dtype: .int32)], [["m", "n"]], tolerance: 0) { x in
        [sum(x[0], axes: axes), product(x[0], axes: axes), max(x[0], axes: axes)]
      }
      try both([sample(s, dtype: .float64)], [["m", "n"]], tolerance: 1e-12) { x in
        [sum(x[0], axes: axes), max(x[0], axes: axes)]
      }
      try both([sample(s, dtype: .uint8)], [["m", "n"]], tolerance: 0) { [sum($0[0], axes: axes)] }
    }
    try both([sample(s, dtype: .float16)], [["m", "n"]], tolerance: 2e-3) {
      [sum($0[0], axes: [1])]
    }
    try both([sample(s, dtype: .bfloat16)], [["m", "n"]], tolerance: 1e-2) {
      [sum($0[0], axes: [0])]
    }
  }

  @Test(arguments: shapes) func `positions of extrema`(s: [Int]) throws {
    if s[1] == 0 || s[0] == 0 { return }
    // Few different values, so that ties abound.
    let ties = Tensor(
      dtype: .float32, shape: s, doubles: sample(s).doubles.map { $0.rounded() })
    var nasty = sample(s, seed: 3).doubles
    for i in nasty.indices where i % 7 == 3 { nasty[i] = i % 2 == 0 ? .nan : -.infinity }
    let nan = Tensor(dtype: .float32, shape: s, doubles: nasty)
    for x in [ties, nan, sample(s, dtype: .int32), sample(s, dtype: .float64)] {
      for axis in [0, 1] {
        try both([x], [["m", "n"]], tolerance: 0) { x in
          [argmax(x[0], axis: axis), argmin(x[0], axis: axis)]
        }
        try both([x], [["m", "n"]], tolerance: 0) { [argmax($0[0], axis: axis)] }
      }
    }
  }

  @Test(arguments: shapes) func `column sums of computed values`(s: [Int]) throws {
    try both([sample(s), sample(s, seed: 2)], [["m", "n"], ["m", "n"]], tolerance: 1e-4) { x in
      let y = x[0] * x[1]
      return [sum(y, axes: [0]), y]
    }
    try both([sample(s), sample(s, seed: 2)], [["m", "n"], ["m", "n"]], tolerance: 1e-4) { x in
      [sum(x[0] * x[1], axes: [0]) * 0.5 + 1]
    }
  }

  @Test(arguments: [0, 1, 2, 17, 64, 100]) func `a loss with its gradient`(batch: Int) throws {
    // Cross-entropy of logits with one-hot labels, its mean, and the gradient by the logits and
    // a bias: rows, columns and one value in one nest.
    let logits = sample(batch, 10)
    let target = sample(batch, 10, seed: 2)
    try both([logits, target], [["batch", 10], ["batch", 10]], tolerance: 1e-4) { x in
      let z = x[0] - max(x[0], axes: [1], keepDims: true)
      let e = exp(z)
      let total = sum(e, axes: [1], keepDims: true)
      let count = size(of: x[0], axis: 0).cast(to: .float32)
      let loss = sum(sum((log(total) - z) * x[1], axes: [1])) / count
      let d = (e / total - x[1]) / count
      return [loss, d, sum(d, axes: [0])]
    }
  }

  @Test func `results that vary along some of the axes`() throws {
    try both([sample(6, 17), sample(17, seed: 2)], [["m", "n"], ["n"]]) { x in
      [x[0] + x[1], x[1] * 2]
    }
    try both([sample(6, 17), sample(6, 1, seed: 2)], [["m", "n"], ["m", 1]]) { x in
      [x[0] + x[1], x[1] * 2]
    }
  }
}
