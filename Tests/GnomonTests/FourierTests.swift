import Foundation
import Gnomon
import GnomonIR
import GnomonKernels
import GnomonTensors
import Testing

/// Transforms in all stages: the reference, the interpreter of loops, and C between guarded pages.
@Suite struct FourierTests {
  private static func program(_ dtype: DType, _ n: Dim) throws -> Graph {
    let x = Expr.input("x", dtype, [2, "b", n])
    let z = complex(x[0], x[1])
    let (y, back) = (fft(z), ifft(z))
    return try Graph.build(
      name: "transforms", inputs: [x], results: [y.real, y.imaginary, back.real, back.imaginary])
  }

  @Test(arguments: [DType.float32, .float64])
  func `the reference, loop nests and C agree on lengths of all kinds`(_ dtype: DType) throws {
    let whole = try LoadedProgram(StagedProgram(Self.program(dtype, "n")))
    #expect(whole.staged.program.usesRoutines)
    let epsilon = dtype == .float32 ? 1.2e-7 : 2.2e-16
    for (count, n) in [(0, 5), (2, 0), (3, 1), (2, 2), (3, 13), (2, 17), (2, 36), (1, 44)] {
      let x = Tensor.normal(dtype, [2, count, n], seed: UInt64(n + 1))
      let expected = try Interpreter(whole.staged.graph).run([x])
      let found = try whole.run([x])
      // Four roundings for each of at most six steps, of numbers as large as the longest line.
      let tolerance = 24 * epsilon * (2 * Double(n)).squareRoot()
      for (k, (a, b)) in zip(found, expected).enumerated() {
        let worst = zip(a.doubles, b.doubles).map { abs($0 - $1) }.max() ?? 0
        #expect(worst <= tolerance, "result \(k) of length \(n): \(worst)")
      }
      for (a, b) in zip(try whole.staged.runLoops([x], workers: 2), found) {
        #expect(sameBits(a, b), "length \(n): \(firstDifference(a, b))")
      }
      // A known length has just the workspace that it needs.
      let known = try LoadedProgram(StagedProgram(Self.program(dtype, Dim(n))))
      for (a, b) in zip(try known.run([x], threads: 2), found) { #expect(a.identical(to: b)) }
    }
  }

  /// The sum that defines one value, by parts: a sum of all would round more than a transform does.
  private static func value(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>, _ k: Int)
    -> (re: Double, im: Double)
  {
    let (x, y, n) = (Array(x), Array(y), x.count)
    var whole = (re: 0.0, im: 0.0)
    for start in stride(from: 0, to: n, by: 128) {
      var part = (re: 0.0, im: 0.0)
      for j in start..<min(start + 128, n) {
        let angle = -2 * Double.pi * Double(j * k % n) / Double(n)
        let (c, s) = (cos(angle), sin(angle))
        part.re += x[j] * c - y[j] * s
        part.im += x[j] * s + y[j] * c
      }
      whole.re += part.re
      whole.im += part.im
    }
    return whole
  }

  /// A power of two; with all radices; a large prime factor; a prime.
  @Test(arguments: [4096, 30030, 4097, 10007])
  func `long transforms are sums, on one thread and on two`(_ n: Int) throws {
    for dtype in [DType.float32, .float64] {
      let loaded = try LoadedProgram(StagedProgram(Self.program(dtype, "n")))
      let x = Tensor.normal(dtype, [2, 3, n], seed: 7)
      let found = try loaded.run([x])
      for (a, b) in zip(try loaded.run([x], threads: 2), found) { #expect(a.identical(to: b)) }
      let (values, re, im) = (x.doubles, found[0].doubles, found[1].doubles)
      // In units of a line's length; there are at most 13 steps, and three times as many by convolution.
      let tolerance = 40 * (dtype == .float32 ? 1.2e-7 : 2.2e-16) * (2 * Double(n)).squareRoot()
      for line in [0, 2] {
        let x = values[(line * n)..<((line + 1) * n)]
        let y = values[((3 + line) * n)..<((4 + line) * n)]
        for k in [0, 1, n / 3, n - 1] {
          let e = Self.value(x, y, k)
          #expect(abs(re[line * n + k] - e.re) <= tolerance, "\(dtype) \(line) \(k)")
          #expect(abs(im[line * n + k] - e.im) <= tolerance, "\(dtype) \(line) \(k)")
        }
      }
    }
  }

  @Test func `a line with NaN is lost, and no other`() throws {
    for n in [16, 17] {
      var values = Tensor.normal(.float64, [2, 3, n], seed: 1).doubles
      values[n + 2] = .nan
      let x = Tensor(dtype: .float64, shape: [2, 3, n], doubles: values)
      let graph = try Self.program(.float64, "n")
      for results in [
        try Interpreter(graph).run([x]), try LoadedProgram(StagedProgram(graph)).run([x]),
      ] {
        // A real NaN need not be found in an imaginary sum.
        for pair in [results[..<2], results[2...]] {
          let isNaN = zip(pair.first!.doubles, pair.last!.doubles).map { $0.isNaN || $1.isNaN }
          #expect(isNaN[..<n].allSatisfy { !$0 } && isNaN[(2 * n)...].allSatisfy { !$0 })
          #expect(isNaN[n..<(2 * n)].allSatisfy { $0 })
        }
      }
    }
  }
}
