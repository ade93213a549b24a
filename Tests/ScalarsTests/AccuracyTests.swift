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
  /// The sweep of C takes every `step`-th float32. `GNOMON_SWEEP=97 swift test --filter Accuracy` is the
  /// thorough one; it prints the rows of `docs/accuracy.md`.
  static let sweep = ProcessInfo.processInfo.environment["GNOMON_SWEEP"].flatMap(UInt64.init)
  static let step = sweep ?? 997

  @Test(.enabled(if: CReferee.clang != nil), arguments: programs32)
  func `float32 in C keeps its bound, and the evaluator gives the same bits`(_ f: MathFunction)
    throws
  {
    let every: UInt64 = 215 * 997 / Self.step
    let words = try #require(CReferee.run(c: CReferee.sweep32(f), "\(Self.step) \(every)"))
    let worst = try #require(Double(words[0]))
    report(f, .float32, words)
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
    let count: UInt64 = Self.sweep == nil ? 2_000_000 : 40_000_000
    let every = count / 4_000
    let words = try #require(CReferee.run(c: CReferee.sweep64(f), "\(count) \(every)"))
    let worst = try #require(Double(words[0]))
    report(f, .float64, words)
    if words[3] != "53" {
      #expect(worst <= f.ulpBound(.float64), "\(f): \(worst) ulp at \(words[1])")
    }
    let xs = stride(from: 0, to: count, by: Int(every)).map { argument64($0).bitPattern }
    let program = try #require(f.definition(.float64))
    var hash: UInt64 = 14_695_981_039_346_656_037
    for bits in program.evaluate(lanes: xs.count, operands: [xs])[0] {
      hash =
        (hash ^ (Double(bitPattern: bits).isNaN ? 0x7FF8_0000_0000_0000 : bits))
        &* 1_099_511_628_211
    }
    #expect("\(hash)" == words[2], "\(f): the evaluator and C differ")
  }

  /// A target without the instruction rounds twice in `multiplyAdd`: half a unit more is allowed there.
  @Test(.enabled(if: CReferee.clang != nil), arguments: programs32)
  func `without fused instructions an error grows by at most half a unit`(_ f: MathFunction) throws
  {
    let single = try #require(
      CReferee.run(c: CReferee.sweep32(f), "\(4 * Self.step) 1", fused: false))
    let double = try #require(CReferee.run(c: CReferee.sweep64(f), "400000 1", fused: false))
    if Self.sweep != nil { print("unfused \(f): \(single[0]) \(double[0])") }
    #expect(try #require(Double(single[0])) <= f.ulpBound(.float32) + 0.5, "at \(single[1])")
    if double[3] != "53" {
      #expect(try #require(Double(double[0])) <= f.ulpBound(.float64) + 0.5, "at \(double[1])")
    }
  }

  @Test(.enabled(if: CReferee.clang != nil))
  func `float32 power in C keeps its bound`() throws {
    let count = Self.sweep == nil ? 1_000_000 : 50_000_000
    let words = try #require(CReferee.run(c: CReferee.sweepPower(), "\(count)"))
    let worst = try #require(Double(words[0]))
    report(.power, .float32, words)
    #expect(worst <= MathFunction.power.ulpBound(.float32), "\(worst) ulp at \(words[1])")
  }

  private func report(_ f: MathFunction, _ dtype: DType, _ words: [String]) {
    guard Self.sweep != nil else { return }
    let operations = f.definition(dtype)?.vectorOperationCount ?? 0
    print(
      "| \(f) | \(dtype) | \(bound(f, dtype)) | \(words[0]) | `\(words[1])` | \(operations) |")
  }

  private func bound(_ f: MathFunction, _ dtype: DType) -> String {
    let text = "\(f.ulpBound(dtype))"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  @Test(
    arguments: MathFunction.allCases.filter {
      $0.definition(.float32) != nil || $0.definition(.float64) != nil
    })
  func `docs/accuracy.md states the bound and the number of operations`(_ f: MathFunction) throws {
    let file = #filePath.replacing(
      "Tests/ScalarsTests/AccuracyTests.swift", with: "docs/accuracy.md")
    let rows = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    for dtype in [DType.float32, .float64] {
      guard let program = f.definition(dtype) else { continue }
      let row = rows.first { $0.hasPrefix("| \(f) | \(dtype) | \(bound(f, dtype)) |") }
      #expect(row?.hasSuffix("| \(program.vectorOperationCount) |") == true, "\(f) \(dtype)")
    }
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
