import Foundation
import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

struct TileKernelTests {
  static let odd = [0, 1, 2, 5, 6, 7, 15, 16, 17]

  private func product(_ m: Int, _ n: Int, _ k: Int) throws {
    let x = [sample(m, k), sample(k, n, seed: 2)]
    try expectKernel(x, tolerance: 1e-4) { [matmul($0[0], $0[1])] }
    try expectKernel(x, shapes: [["m", "k"], ["k", "n"]], tolerance: 1e-4) {
      [matmul($0[0], $0[1])]
    }
  }

  @Test(arguments: odd, odd) func `products of odd sizes`(m: Int, n: Int) throws {
    for k in [0, 1, 2, 7, 16] { try product(m, n, k) }
  }

  @Test(arguments: [(64, 65, 17), (65, 64, 5), (33, 100, 65), (65, 130, 64), (13, 48, 20)])
  func `larger products`(m: Int, n: Int, k: Int) throws { try product(m, n, k) }

  @Test(arguments: [(1, 1, 1), (3, 5, 7), (16, 17, 6), (30, 40, 20)])
  func `transposed operands`(m: Int, n: Int, k: Int) throws {
    let (a, at) = (sample(m, k), sample(k, m))
    let (b, bt) = (sample(k, n, seed: 2), sample(n, k, seed: 2))
    let A: [Dim] = ["m", "k"]
    let At: [Dim] = ["k", "m"]
    let B: [Dim] = ["k", "n"]
    let Bt: [Dim] = ["n", "k"]
    for shapes in [true, false] {
      func named(_ s: [[Dim]]) -> [[Dim]]? { shapes ? s : nil }
      try expectKernel([at, b], shapes: named([At, B]), tolerance: 1e-4) {
        [matmul($0[0].transposed(), $0[1])]
      }
      try expectKernel([a, bt], shapes: named([A, Bt]), tolerance: 1e-4) {
        [matmul($0[0], $0[1].transposed())]
      }
      try expectKernel([at, bt], shapes: named([At, Bt]), tolerance: 1e-4) {
        [matmul($0[0].transposed(), $0[1].transposed())]
      }
    }
  }

  /// From 512 columns on the panels of a matrix are copied, while their first tiles are computed.
  @Test(arguments: [(128, 512, 64), (101, 592, 65), (90, 600, 70)], [true, false])
  func `the first tile of a panel copies it`(size: (m: Int, n: Int, k: Int), isNamed: Bool) throws {
    let (m, n, k) = size
    let x = [sample(2, m, k), sample(2, k, n, seed: 2), sample(n, seed: 3)]
    let shapes: [[Dim]]? = isNamed ? [["b", "m", Dim(k)], ["b", Dim(k), Dim(n)], [Dim(n)]] : nil
    func body(_ x: [Expr]) -> [Expr] { [relu(matmul(x[0], x[1]) + x[2])] }
    try expectKernel(x, shapes: shapes, tolerance: 1e-4, body)
    let kernel = try Kernel(
      KernelReferee.region(x, shapes: shapes, body), name: "test", machine: .avx512)
    let text = kernel.description
    let panel = try #require(kernel.buffers.firstIndex { $0.name == "panel" })
    let loops = text.components(separatedBy: "for ").compactMap {
      $0.components(separatedBy: "}").first
    }
    let copies = loops.filter { $0.contains(" to b\(panel)[") }
    #expect(!copies.isEmpty && copies.allSatisfy { $0.contains("multiplyAdd") }, "\(text)")
  }

  @Test(arguments: [0, 1, 5, 17, 64]) func `a dense layer with its activation`(batch: Int) throws {
    let x = [sample(batch, 20), sample(20, 33, seed: 2), sample(33, seed: 3)]
    try expectKernel(x, shapes: [["batch", 20], [20, 33], [33]], tolerance: 1e-4) {
      [relu(matmul($0[0], $0[1]) + $0[2])]
    }
    try expectKernel(x, tolerance: 1e-4) { x in
      let z = matmul(x[0], x[1]) + x[2]
      return [z, tanh(z)]
    }
  }

  @Test(arguments: [(1, 2, 3, 4), (3, 5, 17, 6), (2, 16, 16, 16), (0, 2, 3, 4)])
  func `batched products`(b: Int, m: Int, n: Int, k: Int) throws {
    let x = [sample(b, m, k), sample(b, k, n, seed: 2)]
    try expectKernel(x, tolerance: 1e-4) { [matmul($0[0], $0[1])] }
    try expectKernel(x, shapes: [["b", "m", "k"], ["b", "k", "n"]], tolerance: 1e-4) {
      [matmul($0[0], $0[1])]
    }
    try expectKernel([x[0], sample(k, n)], tolerance: 1e-4) { [matmul($0[0], $0[1])] }
  }

  @Test(arguments: [0, 1, 5, 17, 100]) func `products with vectors`(n: Int) throws {
    try expectKernel([sample(7, n), sample(n, seed: 2)], tolerance: 1e-4) { [matmul($0[0], $0[1])] }
    try expectKernel([sample(n), sample(n, 7, seed: 2)], tolerance: 1e-4) { [matmul($0[0], $0[1])] }
    try expectKernel(
      [sample(7, n), sample(n, seed: 2)], shapes: [["m", "n"], ["n"]], tolerance: 1e-4
    ) { [matmul($0[0], $0[1])] }
    try expectKernel([sample(n), sample(n, seed: 2)], tolerance: 1e-4) { [dot($0[0], $0[1])] }
    try expectKernel([sample(n), sample(9, seed: 2)]) { [outer($0[0], $0[1])] }
  }

  @Test(arguments: [
    "ij,jk->ik", "ij,jk->ki", "ij,kj->ik", "ji,jk->ik", "ij,ij->i", "ij,ij->j", "ij,j->i",
    "ij,i->j",
  ])
  func `contractions in any order`(spec: String) throws {
    let size: [Character: Int] = ["i": 6, "j": 19, "k": 17]
    let operands = spec.split(separator: "-")[0].split(separator: ",")
    let x = operands.enumerated().map { n, letters in
      sample(letters.map { size[$0]! }, seed: UInt64(n + 1))
    }
    try expectKernel(x, tolerance: 1e-4) { [einsum(spec, $0)] }
    let shapes = operands.map { $0.map { Dim(named: String($0)) } }
    try expectKernel(x, shapes: shapes, tolerance: 1e-4) { [einsum(spec, $0)] }
  }

  @Test(arguments: ["bhqd,bhkd->bhqk", "bqhd,bkhd->bhqk", "bhqk,bkhd->bqhd"])
  func `attention's contractions`(spec: String) throws {
    let size: [Character: Int] = ["b": 2, "h": 3, "q": 5, "k": 18, "d": 9]
    let operands = spec.split(separator: "-")[0].split(separator: ",")
    let x = operands.enumerated().map { n, letters in
      sample(letters.map { size[$0]! }, seed: UInt64(n + 1))
    }
    try expectKernel(x, tolerance: 1e-4) { [einsum(spec, $0)] }
    let shapes = operands.map { $0.map { Dim(named: String($0)) } }
    try expectKernel(x, shapes: shapes, tolerance: 1e-4) { [einsum(spec, $0)] }
  }

  @Test(arguments: [DType.float64, .int32, .float16, .bfloat16, .int64, .uint8])
  func `products of every kind of number`(dtype: DType) throws {
    let tolerance = dtype == .float16 ? 4e-3 : dtype == .bfloat16 ? 3e-2 : dtype.isFloat ? 1e-12 : 0
    for (m, n, k) in [(5, 17, 6), (1, 1, 1), (13, 40, 9)] {
      try expectKernel(
        [sample(m, k, dtype: dtype), sample(k, n, dtype: dtype, seed: 2)], tolerance: tolerance
      ) { [matmul($0[0], $0[1])] }
    }
  }
}
