import Foundation
import GnomonScalars
import GnomonTensors
import Testing

@Suite struct Accuracy {
  static let programs32 = MathFunction.allCases.filter {
    $0.arity == 1 && $0.definition(.float32) != nil
  }
  static let programs64 = MathFunction.allCases.filter {
    $0.arity == 1 && $0.definition(.float64) != nil
  }
  /// The sweep of C takes every `step`-th float32; `GNOMON_SWEEP=97` is the thorough one.
  static let step = ProcessInfo.processInfo.environment["GNOMON_SWEEP"].flatMap(UInt64.init) ?? 997

  @Test(.enabled(if: CReferee.clang != nil), arguments: programs32)
  func `float32 in C keeps its bound, and the evaluator gives the same bits`(_ f: MathFunction)
    throws
  {
    let every: UInt64 = 215 * 997 / Self.step
    let words = try #require(CReferee.run(c: CReferee.sweep32(f), "\(Self.step) \(every)"))
    let worst = try #require(Double(words[0]))
    print("accuracy \(f) float32: \(worst) ulp at \(words[1])")
    #expect(worst <= f.ulpBound(.float32), "\(f): \(worst) ulp at \(words[1])")
    let patterns = stride(from: 0, to: UInt64(1) << 32, by: Int(Self.step * every)).map { $0 }
    let program = try #require(f.definition(.float32))
    var hash: UInt64 = 14_695_981_039_346_656_037
    for bits in program.evaluate(lanes: patterns.count, operands: [patterns])[0] {
      let nan = Float(bitPattern: UInt32(bits)).isNaN
      hash = (hash ^ (nan ? 0x7FC0_0000 : bits)) &* 1_099_511_628_211
    }
    #expect("\(hash)" == words[2], "\(f): the evaluator and C differ")
  }

  @Test(.enabled(if: CReferee.clang != nil), arguments: programs64)
  func `float64 in C keeps its bound, and the evaluator gives the same bits`(_ f: MathFunction)
    throws
  {
    let (count, every): (UInt64, UInt64) = (2_000_000, 500)
    let words = try #require(CReferee.run(c: CReferee.sweep64(f), "\(count) \(every)"))
    let worst = try #require(Double(words[0]))
    print("accuracy \(f) float64: \(worst) ulp at \(words[1])")
    if words[3] != "53" {
      #expect(worst <= f.ulpBound(.float64), "\(f): \(worst) ulp at \(words[1])")
    }
    let xs = stride(from: 0, to: count, by: Int(every)).map { argument64($0).bitPattern }
    let program = try #require(f.definition(.float64))
    var hash: UInt64 = 14_695_981_039_346_656_037
    for bits in program.evaluate(lanes: xs.count, operands: [xs])[0] {
      hash = (hash ^ (Double(bitPattern: bits).isNaN ? 0x7FF8_0000_0000_0000 : bits))
        &* 1_099_511_628_211
    }
    #expect("\(hash)" == words[2], "\(f): the evaluator and C differ")
  }

  /// The referee's generator, again.
  func argument64(_ n: UInt64) -> Double {
    var z = n &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    if n % 4 == 0 { return Double(bitPattern: z) }
    let x = Double(z >> 11) * 0x1p-52 - 1
    return n % 4 == 2 ? x * 30 : n % 4 == 3 ? x * 760 : x
  }
}
