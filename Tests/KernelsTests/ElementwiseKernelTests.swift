import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

struct ElementwiseKernelTests {
  static let lengths = [0, 1, 2, 15, 16, 17, 31, 33, 64, 100, 4097]

  @Test(arguments: lengths) func `vectors of any length`(n: Int) throws {
    try expectKernel([sample(n), sample(n, seed: 2)]) { [($0[0] + $0[1]) * $0[0] - $0[1]] }
  }

  @Test(arguments: lengths) func `vectors of a named length`(n: Int) throws {
    try expectKernel([sample(n), sample(n, seed: 2)], shapes: [["n"], ["n"]]) {
      [($0[0] + $0[1]) * $0[0] - $0[1], $0[0] * 2]
    }
  }

  @Test func `long flat vectors are cut into blocks`() throws {
    try expectKernel([sample(20_000)]) { [$0[0] * 3 + 1] }
    try expectKernel([sample(20_003)], shapes: [["n"]]) { [$0[0] * 3 + 1] }
  }

  @Test(arguments: [(0, 3), (3, 0), (1, 1), (1, 20), (20, 1), (5, 16), (7, 33), (130, 70)])
  func `rows and columns are broadcast`(m: Int, n: Int) throws {
    let tensors = [
      sample(m, n), sample(n, seed: 2), sample(m, 1, seed: 3), sample([], seed: 4),
    ]
    try expectKernel(tensors) { x in [x[0] + x[1] * x[2] - x[3]] }
    try expectKernel(tensors, shapes: [["m", "n"], ["n"], ["m", 1], []]) { x in
      [x[0] + x[1] * x[2] - x[3], x[0] * x[1]]
    }
  }

  @Test(arguments: [(2, 3, 4), (3, 1, 17), (4, 5, 1), (0, 2, 3), (3, 16, 16)])
  func `three axes, permuted`(a: Int, b: Int, c: Int) throws {
    try expectKernel([sample(a, b, c), sample(c, a, b, seed: 2)]) { x in
      [x[0] + x[1].permuted(1, 2, 0)]
    }
    try expectKernel(
      [sample(a, b, c), sample(c, a, b, seed: 2)], shapes: [["a", "b", "c"], ["c", "a", "b"]]
    ) { x in [x[0] + x[1].permuted(1, 2, 0)] }
    try expectKernel([sample(a, b, c), sample(b, seed: 2)]) { x in
      [x[0] * x[1].reshaped([1, Dim(b), 1])]
    }
  }

  @Test(arguments: DType.allCases) func `every dtype`(dtype: DType) throws {
    let x = sample(37, dtype: dtype)
    let y = sample(37, dtype: dtype, seed: 2)
    if dtype == .bool {
      try expectKernel([x, y]) { [($0[0] .& $0[1]) .| .!$0[1], $0[0] .^ $0[1]] }
    } else {
      try expectKernel([x, y]) { [$0[0] + $0[1] * $0[0], $0[0] .< $0[1]] }
      try expectKernel([x, y]) { [select($0[0] .> $0[1], $0[0], $0[1]), maximum($0[0], $0[1])] }
      if !dtype.isFloat { try expectKernel([x, y]) { [$0[0] / $0[1], $0[0] % $0[1]] } }
    }
    try expectKernel([x]) { e in
      DType.allCases.filter { $0 != dtype }.map { e[0].cast(to: $0) }
    }
  }

  @Test func `functions stay within their accuracy`() throws {
    try expectKernel([sample(1001)], tolerance: 1e-6) { x in
      [exp(x[0]), tanh(x[0]), sigmoid(x[0]), erf(x[0]), softplus(x[0]), expm1(x[0])]
    }
    try expectKernel([sample(101, dtype: .float64)], tolerance: 1e-14) { x in
      [exp(x[0]), tanh(x[0]), sigmoid(x[0]), log1p(square(x[0]))]
    }
  }

  @Test func `special values`() throws {
    let values: [Double] = [
      .nan, .infinity, -.infinity, 0, -0.0, 1e-45, -1e-45, 3e38, -3e38, 1, -1, 0.5, 1.5, 2.5,
    ]
    let all = values.flatMap { a in values.map { (a, $0) } }
    let x = Tensor(dtype: .float32, shape: [all.count], doubles: all.map(\.0))
    let y = Tensor(dtype: .float32, shape: [all.count], doubles: all.map(\.1))
    try expectKernel([x, y]) { x in
      [
        x[0] + x[1], x[0] - x[1], x[0] * x[1], x[0] / x[1], maximum(x[0], x[1]),
        minimum(x[0], x[1]), x[0] .== x[1], x[0] .<= x[1], abs(x[0]), sign(x[0]), floor(x[0]),
        round(x[0]), relu(x[0]), x[0] % x[1],
      ]
    }
  }
}
