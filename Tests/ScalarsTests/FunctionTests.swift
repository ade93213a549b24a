import Foundation
import GnomonScalars
import GnomonTensors
import Testing

/// One function on one argument, by its program.
private func value(_ f: MathFunction, _ x: Float) -> Float {
  let bits = ScalarEvaluator.apply(
    .call(f), dtype: .float32, argumentType: .float32, UInt64(x.bitPattern), 0, 0)
  return Float(bitPattern: UInt32(bits))
}
private func value(_ f: MathFunction, _ x: Double) -> Double {
  let bits = ScalarEvaluator.apply(
    .call(f), dtype: .float64, argumentType: .float64, x.bitPattern, 0, 0)
  return Double(bitPattern: bits)
}

@Suite struct Functions {
  @Test(
    arguments: [
      (.exp, .infinity, .infinity), (.exp, -.infinity, 0), (.exp, 0, 1), (.exp, -0.0, 1),
      (.exp, 1e30, .infinity), (.exp, -1e30, 0),
      (.expm1, .infinity, .infinity), (.expm1, -.infinity, -1), (.expm1, 0, 0),
      (.expm1, -0.0, -0.0),
      (.log, .infinity, .infinity), (.log, 0, -.infinity), (.log, -0.0, -.infinity), (.log, 1, 0),
      (.log, -1, .nan), (.log, -.infinity, .nan),
      (.log1p, .infinity, .infinity), (.log1p, -1, -.infinity), (.log1p, -2, .nan),
      (.log1p, -.infinity, .nan), (.log1p, 0, 0), (.log1p, -0.0, -0.0),
      (.tanh, .infinity, 1), (.tanh, -.infinity, -1), (.tanh, 0, 0), (.tanh, -0.0, -0.0),
      (.sigmoid, .infinity, 1), (.sigmoid, -.infinity, 0), (.sigmoid, 0, 0.5),
      (.softplus, .infinity, .infinity), (.softplus, -.infinity, 0),
      (.erf, .infinity, 1), (.erf, -.infinity, -1), (.erf, 0, 0), (.erf, -0.0, -0.0),
      (.rsqrt, .infinity, 0), (.rsqrt, 0, .infinity), (.rsqrt, -0.0, -.infinity), (.rsqrt, 1, 1),
      (.rsqrt, -1, .nan), (.rsqrt, -1e-30, .nan), (.rsqrt, -.infinity, .nan), (.rsqrt, 0.25, 2),
    ] as [(MathFunction, Double, Double)])
  func `special values are exact`(_ f: MathFunction, _ x: Double, _ y: Double) {
    let (single, double) = (value(f, Float(x)), value(f, x))
    if y.isNaN {
      #expect(single.isNaN && double.isNaN)
    } else {
      #expect(single.bitPattern == Float(y).bitPattern, "\(single)")
      #expect(double.bitPattern == y.bitPattern, "\(double)")
    }
  }

  @Test(arguments: MathFunction.allCases.filter { $0.arity == 1 })
  func `NaN stays NaN, whatever its payload and sign`(_ f: MathFunction) {
    for bits: UInt32 in [0x7FC0_0000, 0xFFC0_0000, 0x7FFF_FFFF, 0x7FC0_0001, 0x7FC0_01FF] {
      #expect(value(f, Float(bitPattern: bits)).isNaN)
    }
    for bits: UInt64 in [0x7FF8 << 48, 0xFFF8 << 48, 0x7FFF_FFFF_FFFF_FFFF, 0x7FF8 << 48 | 0xFFF] {
      #expect(value(f, Double(bitPattern: bits)).isNaN)
    }
  }

  @Test func `denormals are right`() {
    for n: UInt32 in [1, 2, 3, 1000, 0x7F_FFFF] {
      let x = Float(bitPattern: n)
      for f in [MathFunction.expm1, .log1p, .tanh] {
        #expect(value(f, x) == x && value(f, -x) == -x)
      }
      let root = 1 / Double(x).squareRoot()
      #expect(ulps(value(.rsqrt, x), root) <= MathFunction.rsqrt.ulpBound(.float32))
      #expect(abs(value(.log, x) - Float(Foundation.log(Double(x)))) <= 0x1p-17)
    }
    #expect(value(.exp, Float(-103)) == Float(Foundation.exp(-103.0)))
    #expect(value(.exp, Float(-103.97)) == 0x1p-149)
    #expect(value(.exp, Float(-103.98)) == 0)
    #expect(value(.sigmoid, Float(-103)) == Float(Foundation.exp(-103.0)))
    #expect(value(.exp, -745.1) == 0x1p-1074)
    #expect(value(.exp, -746.0) == 0)
  }

  @Test func `a reciprocal root of what is known to be normal has the bits of the whole function`()
    throws
  {
    let whole = try #require(MathFunction.rsqrt.definition(.float32))
    let normal = stride(from: UInt64(0x80_0000), through: 0x7FC0_0000, by: 99_991).map { $0 }
    let arguments = normal + [0x80_0000, 0x7F7F_FFFF, 0x7F80_0000, 0xFFC0_0000]
    #expect(
      ScalarProgram.rsqrtOfNormal.evaluate(lanes: arguments.count, operands: [arguments])
        == whole.evaluate(lanes: arguments.count, operands: [arguments]))
  }

  @Test func `exp overflows where its result does`() {
    #expect(value(.exp, Float(88.72283)).isFinite)
    #expect(value(.exp, Float(88.72284)) == .infinity)
    #expect(value(.exp, 709.78).isFinite && value(.exp, 709.79) == .infinity)
    #expect(value(.expm1, Float(88.72283)).isFinite)
    #expect(value(.expm1, Float(88.72284)) == .infinity)
  }

  /// Without a C compiler this is the referee: the platform's double functions.
  @Test(arguments: MathFunction.allCases.filter { $0.arity == 1 && $0.definition(.float32) != nil })
  func `float32 on a sample of all patterns keeps its bound`(_ f: MathFunction) throws {
    let patterns = stride(from: UInt64(0), to: 1 << 32, by: 99_991).map { $0 }
    let program = try #require(f.definition(.float32))
    let bits = program.evaluate(lanes: patterns.count, operands: [patterns])[0]
    for (p, r) in zip(patterns, bits) {
      let x = Float(bitPattern: UInt32(p))
      let error = ulps(Float(bitPattern: UInt32(r)), truth(f, Double(x)))
      if error > f.ulpBound(.float32) { Issue.record("\(f)(\(x)): \(error) ulp") }
    }
  }

  private func truth(_ f: MathFunction, _ x: Double) -> Double {
    switch f {
    case .exp: Foundation.exp(x)
    case .expm1: Foundation.expm1(x)
    case .log: Foundation.log(x)
    case .log1p: Foundation.log1p(x)
    case .tanh: Foundation.tanh(x)
    case .erf: Foundation.erf(x)
    case .sigmoid:
      x < 0 ? Foundation.exp(x) / (1 + Foundation.exp(x)) : 1 / (1 + Foundation.exp(-x))
    case .rsqrt: 1 / x.squareRoot()
    case .softplus: max(0, x) + Foundation.log1p(Foundation.exp(-abs(x)))
    default: .nan
    }
  }

  @Test func `power follows IEEE 754 on special values`() {
    let xs: [Float] = [
      0, 1, 2, 0.5, 3, 10, .infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1.5,
    ]
    let all = xs + xs.map { -$0 } + [16_777_215, 16_777_216, 33_554_432, 2.5, -2.5]
    let pairs = all.flatMap { x in all.map { (x, $0) } }
    check(pairs)
  }

  @Test func `power keeps its bound`() {
    check(
      (0..<20_000).map { n in
        n % 2 == 0
          ? (Float.random(in: 0...4), .random(in: -60...60))
          : (
            Float(bitPattern: .random(in: 0..<0x7F80_0000)), Float.random(in: -2...2)
          )
      })
    check((1...200).flatMap { n in (0...8).map { (Float(n), Float($0)) } })
  }

  private func check(_ pairs: [(Float, Float)]) {
    guard let program = MathFunction.power.definition(.float32) else {
      Issue.record("power has no program")
      return
    }
    let bits = program.evaluate(
      lanes: pairs.count,
      operands: [pairs.map { UInt64($0.0.bitPattern) }, pairs.map { UInt64($0.1.bitPattern) }])[0]
    for ((x, y), r) in zip(pairs, bits) {
      let result = Float(bitPattern: UInt32(r))
      let error = ulps(result, Foundation.pow(Double(x), Double(y)))
      if error > MathFunction.power.ulpBound(.float32) {
        Issue.record("power(\(x), \(y)) = \(result): \(error) ulp")
      }
    }
  }

  /// The distance of `y` from the truth in units of the last place at the truth; infinite for a wrong
  /// NaN, or zero of the wrong sign.
  private func ulps(_ y: Float, _ t: Double) -> Double {
    if t.isNaN || y.isNaN { return t.isNaN && y.isNaN ? 0 : .infinity }
    if t == 0 { return y == 0 && y.sign == t.sign ? 0 : .infinity }
    let v = y.isInfinite ? (y > 0 ? 0x1p128 : -0x1p128) : Double(y)
    let limited = max(-0x1p128, min(0x1p128, t))
    let exponent = max(-126, min(127, Int(limited.exponent)))
    return abs(v - limited) / Double(sign: .plus, exponent: exponent - 23, significand: 1)
  }
}
