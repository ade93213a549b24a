import Foundation
import Gnomon
import GnomonIR
import GnomonTensors
import Testing

/// Eigenvalues of general matrices and Sylvester's equation in all stages, on matrices that are hard.
@Suite struct MatrixEquationTests {
  private static func eigenprogram(_ dtype: DType) throws -> Graph {
    let x = Expr.input("x", dtype, ["b", "n", "n"])
    let (w, v) = eig(x)
    return try Graph.build(
      name: "eigen", inputs: [x], results: [w.real, w.imaginary, v.real, v.imaginary])
  }

  private static func epsilon(_ dtype: DType) -> Double { dtype == .float32 ? 1.2e-7 : 2.2e-16 }

  private static func matrix(_ n: Int, _ element: (Int, Int) -> Double) -> [Double] {
    (0..<n).flatMap { i in (0..<n).map { element(i, $0) } }
  }

  /// Of 7 rows each.
  private static let matrices: [String: [Double]] = {
    let random = Tensor.normal(.float64, [7, 7], seed: 3).doubles
    return [
      "random": random, "zero": matrix(7) { _, _ in 0 }, "one": matrix(7) { $0 == $1 ? 1 : 0 },
      "cyclic": matrix(7) { ($0 + 1) % 7 == $1 ? 1 : 0 }, "ones": matrix(7) { _, _ in 1 },
      "symmetric": matrix(7) { 1 / Double($0 + $1 + 1) },
      "nilpotent": matrix(7) { $0 + 1 == $1 ? 1 : 0 },
      "Jordan": matrix(7) { $0 == $1 ? 2 : $0 + 1 == $1 ? 1 : 0 },
      "turns": matrix(7) { $0 / 2 != $1 / 2 ? 0 : $0 == $1 ? 0.5 : Double($0 - $1) },
      "graded": matrix(7) { random[7 * $0 + $1] * pow(10, -Double($0)) },
      "huge": random.map { $0 * 1e30 }, "tiny": random.map { $0 * 1e-30 },
    ]
  }()

  /// What is wrong with eigenvalues and vectors of one matrix.
  private static func fault(_ a: [Double], _ found: [[Double]], _ epsilon: Double) -> String? {
    let n = found[0].count
    let size = a.map(\.magnitude).max() ?? 0
    let unit = size > 0 ? size : 1
    let (re, im, vr, vi) = (found[0], found[1], found[2], found[3])
    for k in 0..<n {
      if k > 0, (re[k - 1], im[k - 1]) > (re[k], im[k]) { return "value \(k) is out of order" }
      let isPaired = im.indices.contains { re[$0] == re[k] && im[$0] == -im[k] }
      if !isPaired { return "value \(k) has no partner" }
      var (length, largest) = (0.0, 0.0)
      for i in 0..<n {
        var (p, q) = (0.0, 0.0)
        for j in 0..<n {
          p += a[i * n + j] / unit * vr[j * n + k]
          q += a[i * n + j] / unit * vi[j * n + k]
        }
        let (x, y) = (vr[i * n + k], vi[i * n + k])
        p -= (re[k] * x - im[k] * y) / unit
        q -= (re[k] * y + im[k] * x) / unit
        // Backward error of the order of n; random matrices of 40 rows stay below 20.
        if !(hypot(p, q) <= 20 * epsilon * Double(n)) { return "vector \(k) leaves \(hypot(p, q))" }
        length += x * x + y * y
        largest = max(largest, hypot(x, y))
      }
      if !(abs(length - 1) <= 20 * epsilon) { return "vector \(k) has length \(length)" }
      // The first one of the large elements; rounding may make it another one at the very edge.
      let first = (0..<n).first { hypot(vr[$0 * n + k], vi[$0 * n + k]) >= 0.91 * largest }!
      let edge = (0..<n).first { hypot(vr[$0 * n + k], vi[$0 * n + k]) >= 0.89 * largest }!
      if first == edge, !(vr[first * n + k] > 0 && abs(vi[first * n + k]) <= 4 * epsilon) {
        return "vector \(k) is turned"
      }
    }
    return nil
  }

  @Test(arguments: [DType.float32, .float64])
  func `vectors of matrices of all kinds belong to their values`(_ dtype: DType) throws {
    let names = Self.matrices.keys.sorted()
    let x = Tensor(
      dtype: dtype, shape: [names.count, 7, 7], doubles: names.flatMap { Self.matrices[$0]! })
    let staged = try StagedProgram(Self.eigenprogram(dtype))
    let loaded = try LoadedProgram(staged)
    let compiled = try loaded.run([x])
    for (a, b) in zip(try loaded.run([x], threads: 2), compiled) { #expect(a.identical(to: b)) }
    for (k, (a, b)) in zip(try staged.runLoops([x], workers: 2), compiled).enumerated() {
      #expect(sameBits(a, b), "loops, result \(k): \(firstDifference(a, b))")
    }
    // The reference is exact enough for float32, and its vectors are those of its own values.
    for (how, results) in [("C", compiled), ("reference", try Interpreter(staged.graph).run([x]))] {
      let all = zip(results, [7, 7, 49, 49]).map { result, count in
        names.indices.map { Array(result.doubles[($0 * count)..<(($0 + 1) * count)]) }
      }
      for (k, name) in names.enumerated() {
        let own = Array(x.doubles[(k * 49)..<((k + 1) * 49)])
        let fault = Self.fault(own, all.map { $0[k] }, Self.epsilon(dtype))
        #expect(fault == nil, "\(how), \(name): \(fault ?? "")")
      }
    }
  }

  @Test(arguments: [DType.float32, .float64])
  func `matrices of no, one and many rows, and batches of none`(_ dtype: DType) throws {
    let loaded = try LoadedProgram(StagedProgram(Self.eigenprogram(dtype)))
    // From 24 rows on LAPACK does them, where there is one.
    for (count, n) in [(0, 3), (2, 0), (3, 1), (2, 2), (2, 23), (2, 40)] {
      let x = Tensor.normal(dtype, [count, n, n], seed: UInt64(n))
      let found = try loaded.run([x])
      #expect(found[0].shape == [count, n] && found[3].shape == [count, n, n])
      for k in 0..<count {
        let own = zip(found, [n, n, n * n, n * n]).map {
          Array($0.doubles[(k * $1)..<((k + 1) * $1)])
        }
        let a = Array(x.doubles[(k * n * n)..<((k + 1) * n * n)])
        let fault = Self.fault(a, own, Self.epsilon(dtype))
        #expect(fault == nil, "\(n) rows: \(fault ?? "")")
      }
    }
  }

  @Test func `no eigenvalues of NaN and infinity, in all stages`() throws {
    let graph = try Self.eigenprogram(.float64)
    for bad in [Double.nan, .infinity] {
      let x = Tensor(dtype: .float64, shape: [2, 2, 2], doubles: [1, bad, 2, 1, 1, 2, 3, 4])
      for results in [
        try Interpreter(graph).run([x]), try LoadedProgram(StagedProgram(graph)).run([x]),
      ] {
        for y in results {
          let half = y.elementCount / 2
          #expect(y.doubles[..<half].allSatisfy { $0.isNaN })
          #expect(y.doubles[half...].allSatisfy { $0.isFinite })
        }
      }
    }
  }

  @Test(arguments: [DType.float32, .float64])
  func `Sylvester's equation is fulfilled, in all stages`(_ dtype: DType) throws {
    let a = Expr.input("a", dtype, ["b", "m", "m"])
    let b = Expr.input("b", dtype, ["b", "n", "n"])
    let c = Expr.input("c", dtype, ["b", "m", "n"])
    let x = sylvester(a, b, c)
    let graph = try Graph.build(
      name: "sylvester", inputs: [a, b, c], results: [x, matmul(a, x) + matmul(x, b) - c])
    let loaded = try LoadedProgram(StagedProgram(graph))
    for (count, m, n) in [
      (0, 2, 2), (2, 0, 3), (2, 3, 0), (2, 1, 1), (2, 4, 3), (1, 30, 20), (2, 33, 25),
    ] {
      // Far from a common eigenvalue of A and -B.
      func shifted(_ n: Int, _ seed: UInt64) -> Tensor {
        let values = Tensor.normal(dtype, [count, n, n], seed: seed).doubles
        return Tensor(
          dtype: dtype, shape: [count, n, n],
          doubles: values.indices.map {
            values[$0] + ($0 % (n * n) % (n + 1) == 0 ? 2 * Double(n).squareRoot() : 0)
          })
      }
      let operands = [
        shifted(m, 1), shifted(n, 2), Tensor.normal(dtype, [count, m, n], seed: 3),
      ]
      let found = try loaded.run(operands)
      for (p, q) in zip(try loaded.run(operands, threads: 2), found) {
        #expect(p.identical(to: q))
      }
      let tolerance = 10 * Self.epsilon(dtype) * Double(m + n + 1)
      #expect(found[1].doubles.allSatisfy { abs($0) <= tolerance }, "\(m) by \(n)")
      if m * n > 100 { continue }
      let expected = try Interpreter(graph).run(operands)[0].doubles
      #expect(zip(found[0].doubles, expected).allSatisfy { abs($0 - $1) <= tolerance })
    }
  }

  @Test func `an equation without a unique solution has no finite one`() throws {
    let one = Expr.constant(Tensor([[1.0, 0], [0, 2]]))
    let x = sylvester(one, -one, one + 1)
    let graph = try Graph.build(name: "singular", inputs: [], results: [x])
    for results in [
      try Interpreter(graph).run([]), try LoadedProgram(StagedProgram(graph)).run([]),
    ] {
      #expect(results[0].doubles.contains { !$0.isFinite })
    }
  }
}
