import GnomonScalars
import GnomonTensors
import TestSupport
import Testing

/// Applies an operation whose result has the type of its arguments.
private func apply(_ op: ScalarOp, _ dtype: DType, _ a: Int, _ b: Int = 0, _ c: Int = 0) -> Int {
  func bits(_ x: Int) -> UInt64 { ScalarBits.wrap(UInt64(bitPattern: Int64(x)), dtype) }
  let r = ScalarEvaluator.apply(
    op, dtype: dtype, argumentType: dtype, bits(a), bits(b), bits(c))
  return Int(truncatingIfNeeded: r)
}

private func apply(_ op: ScalarOp, _ a: Float, _ b: Float = 0, _ c: Float = 0) -> Float {
  let r = ScalarEvaluator.apply(
    op, dtype: .float32, argumentType: .float32, UInt64(a.bitPattern), UInt64(b.bitPattern),
    UInt64(c.bitPattern))
  return Float(bitPattern: UInt32(r))
}

@Suite struct Evaluator {
  @Test(arguments: [
    (ScalarOp.add, DType.int8, 127, 1, -128), (.subtract, .uint8, 0, 1, 255),
    (.multiply, .int32, 0x10000, 0x8000, -0x8000_0000), (.add, .int64, Int.max, 1, Int.min),
    (.divide, .int32, 7, -2, -4), (.divide, .int32, -7, 2, -4), (.divide, .int32, -7, -2, 3),
    (.divide, .int32, 5, 0, 0), (.divide, .uint8, 5, 0, 0), (.divide, .int8, -128, -1, -128),
    (.divide, .int64, Int.min, -1, Int.min), (.divide, .uint32, 7, 2, 3),
    (.remainder, .int32, 7, -2, -1), (.remainder, .int32, -7, 2, 1), (.remainder, .int32, 7, 0, 0),
    (.remainder, .int64, Int.min, -1, 0), (.remainder, .uint16, 7, 4, 3),
    (.minimum, .int16, -3, 2, -3), (.maximum, .uint16, 0xFFFF, 2, 0xFFFF),
    (.shiftLeft, .int32, 1, 31, -0x8000_0000), (.shiftLeft, .int32, 1, 32, 0),
    (.shiftLeft, .int8, 1, -1, 0), (.shiftRight, .int32, -8, 1, -4),
    (.shiftRight, .int32, -8, 99, -1),
    (.shiftRight, .int32, 8, -1, 0), (.shiftRight, .uint32, 0x8000_0000, 31, 1),
    (.shiftRight, .uint32, 0x8000_0000, 32, 0), (.and, .int8, -1, 0x0F, 0x0F),
    (.xor, .uint8, 0xFF, 0x0F, 0xF0), (.or, .bool, 0, 1, 1), (.xor, .bool, 1, 1, 0),
    (.multiplyHigh, .uint32, 0xD251_1F53, 0xFFFF_FFFF, 0xD251_1F52),
    (.negate, .int32, -0x8000_0000, 0, -0x8000_0000), (.absolute, .int8, -128, 0, -128),
    (.not, .bool, 1, 0, 0), (.not, .bool, 0, 0, 1), (.not, .uint8, 0, 0, 255),
    (.not, .int32, 0, 0, -1),
  ])
  func `integers wrap, floor and never trap`(
    _ op: ScalarOp, _ dtype: DType, _ a: Int, _ b: Int, _ expected: Int
  ) {
    #expect(apply(op, dtype, a, b) == expected)
  }

  @Test func `minimum and maximum propagate NaN and order zeros`() {
    #expect(apply(.minimum, .nan, 1).isNaN && apply(.minimum, 1, .nan).isNaN)
    #expect(apply(.maximum, .nan, 1).isNaN && apply(.maximum, 1, .nan).isNaN)
    #expect(apply(.minimum, 0, -0.0).sign == .minus && apply(.minimum, -0.0, 0).sign == .minus)
    #expect(apply(.maximum, 0, -0.0).sign == .plus && apply(.maximum, -0.0, 0).sign == .plus)
    #expect(apply(.minimum, -.infinity, 3) == -.infinity)
  }

  @Test func `comparisons with NaN are false except notEqual`() {
    func compare(_ op: ScalarOp) -> UInt64 {
      let nan = UInt64(Float.nan.bitPattern)
      return ScalarEvaluator.apply(
        op, dtype: .bool, argumentType: .float32, nan, UInt64(Float(1).bitPattern), 0)
    }
    #expect([ScalarOp.less, .lessEqual, .equal, .notEqual].map(compare) == [0, 0, 0, 1])
    // Types wider than their comparison result are read by their own sign.
    #expect(apply(.less, .int8, -1, 1) == 1)
    #expect(
      ScalarEvaluator.apply(.less, dtype: .bool, argumentType: .uint64, .max, 1, 0) == 0)
  }

  @Test(
    arguments: [
      (7.5, 2.0, 1.5), (-7.5, 2, 0.5), (7.5, -2, -0.5), (-7.5, -2, -1.5), (1, .infinity, 1),
      (-1, .infinity, .infinity), (6, -3, -0.0), (-6, 3, 0.0),
    ] as [(Float, Float, Float)])
  func `the remainder of floats has the sign of the divisor`(_ x: Float, _ y: Float, _ r: Float) {
    #expect(apply(.remainder, x, y).bitPattern == r.bitPattern)
    #expect(apply(.remainder, x, 0).isNaN)
  }

  @Test func `multiplyAdd rounds once`() {
    let a = 1 + Float.ulpOfOne
    #expect(apply(.multiplyAdd, a, a, -1 - 2 * Float.ulpOfOne) == 0x1p-46)
    #expect(apply(.subtract, apply(.multiply, a, a), 1 + 2 * Float.ulpOfOne) == 0)
  }

  @Test func `rounding of halves`() {
    #expect([0.5, 1.5, 2.5, -0.5].map { apply(.roundEven, $0) } == [0, 2, 2, 0])
    #expect(apply(.roundEven, -0.5).sign == .minus)
    #expect(apply(.floor, -0.5) == -1 && apply(.ceiling, 0.5) == 1 && apply(.truncate, -1.7) == -1)
  }

  @Test func `conversions saturate, wrap and round`() {
    func f32(_ x: Float) -> UInt64 { UInt64(x.bitPattern) }
    func convert(_ x: Float, _ t: DType) -> Int {
      Int(truncatingIfNeeded: ScalarEvaluator.convert(f32(x), from: .float32, to: t))
    }
    #expect(convert(300, .int8) == 127 && convert(-300, .int8) == -128)
    #expect(convert(-1, .uint32) == 0 && convert(.infinity, .int32) == 0x7FFF_FFFF)
    #expect(convert(-.infinity, .int64) == Int.min && convert(.nan, .int32) == 0)
    #expect(convert(.infinity, .uint64) == -1 && convert(-2.9, .int32) == -2)
    #expect(convert(.nan, .bool) == 1 && convert(-0.0, .bool) == 0 && convert(0.1, .bool) == 1)
    #expect(ScalarEvaluator.convert(300, from: .int32, to: .uint8) == 44)
    #expect(ScalarEvaluator.convert(200, from: .uint8, to: .int8) == UInt64(bitPattern: -56))
    #expect(ScalarEvaluator.convert(1, from: .bool, to: .float32) == f32(1))
    #expect(ScalarEvaluator.convert(512, from: .int32, to: .bool) == 1)
    // One rounding from int64 to float32; by way of double it would be 2^24 + … to the wrong side.
    let n: Int64 = (1 << 60) + (1 << 36) + 1
    #expect(ScalarEvaluator.convert(UInt64(n), from: .int64, to: .float32) == f32(Float(n)))
    #expect(Float(n) != Float(Double(n)))
    // Ties to even, overflow and the least denormal of the half types.
    #expect(ScalarEvaluator.convert(f32(2049), from: .float32, to: .float16) == 0x6800)
    #expect(ScalarEvaluator.convert(f32(2051), from: .float32, to: .float16) == 0x6802)
    #expect(ScalarEvaluator.convert(f32(65520), from: .float32, to: .float16) == 0x7C00)
    #expect(ScalarEvaluator.convert(f32(0x1p-24), from: .float32, to: .float16) == 1)
    #expect(ScalarEvaluator.convert(f32(0x1.01p0), from: .float32, to: .bfloat16) == 0x3F80)
    #expect(ScalarEvaluator.convert(f32(0x1.03p0), from: .float32, to: .bfloat16) == 0x3F82)
    #expect(
      ScalarEvaluator.convert(
        (0x1.01p0 + 0x1p-40).bitPattern, from: .float64, to: .bfloat16) == 0x3F81)
  }

  @Test func `all values of the half types survive float32`() {
    for type in [DType.float16, .bfloat16] {
      for bits: UInt64 in 0...0xFFFF {
        let wide = ScalarEvaluator.convert(bits, from: type, to: .float32)
        if Float(bitPattern: UInt32(wide)).isNaN { continue }
        #expect(ScalarEvaluator.convert(wide, from: .float32, to: type) == bits)
      }
    }
  }

  /// The lane evaluator has loops of its own: they must give what `apply` gives.
  @Test(arguments: [
    DType.bool, .int8, .int32, .int64, .uint8, .uint32, .uint64, .float32, .float64,
  ])
  func `lanes equal single evaluation`(_ dtype: DType) {
    var b = ScalarBuilder(operands: [dtype, dtype, dtype])
    let (x, y, z) = (b.operand(0), b.operand(1), b.operand(2))
    var results: [ScalarBuilder.Value] = []
    let same: [ScalarOp] = [.add, .subtract, .multiply, .minimum, .maximum]
    for op in same { results.append(b.emit(op, dtype, x, y)) }
    for op in [ScalarOp.less, .lessEqual, .equal, .notEqual] {
      results.append(b.emit(op, .bool, x, y))
    }
    results.append(b.select(b.less(x, y), y, z))
    results.append(b.multiplyAdd(x, y, z))
    results.append(b.negate(x))
    results.append(b.absolute(x))
    if dtype != .bool {
      results.append(b.divide(x, y))
      results.append(b.emit(.remainder, dtype, x, y))
    }
    if dtype.isFloat {
      let word: DType = dtype == .float32 ? .uint32 : .uint64
      results.append(b.reinterpret(b.reinterpret(x, as: word), as: dtype))
      results.append(b.reinterpret(x, as: dtype == .float32 ? .int32 : .int64))
      for op in [ScalarOp.squareRoot, .floor, .ceiling, .roundEven, .truncate] {
        results.append(b.emit(op, dtype, x))
      }
      for f in MathFunction.allCases { results.append(b.call(f, x, f.arity == 2 ? y : nil)) }
    } else {
      results += [b.and(x, y), b.or(x, y), b.xor(x, y), b.emit(.not, dtype, x)]
      results += [b.shiftLeft(x, y), b.shiftRight(x, y)]
    }
    for t in DType.allCases { results.append(b.convert(y, to: t)) }
    let program = b.program(results: results)

    var random = SeededRandom(1)
    let shifts: [UInt64] = [0, 1, 7, 31, 32, 63, 64]
    let operands = (0..<3).map { k in
      (0..<200).map { n -> UInt64 in
        if dtype.isFloat, n % 2 == 0 {
          return ScalarBits.bits(of: Double.random(in: -40...40, using: &random), dtype)
        }
        if k == 1, !dtype.isFloat, n % 2 == 0 { return ScalarBits.wrap(shifts[n % 7], dtype) }
        let bits = random.next()
        return dtype == .float32 ? bits & 0xFFFF_FFFF : ScalarBits.wrap(bits, dtype)
      }
    }
    let lanes = program.evaluate(lanes: 200, operands: operands)
    for lane in 0..<200 {
      let one = program.evaluate(operands.map { $0[lane] }) { _ in 0 }
      for (r, type) in program.resultTypes.enumerated() {
        let (a, c) = (ScalarBits.double(one[r], type), ScalarBits.double(lanes[r][lane], type))
        #expect(
          one[r] == lanes[r][lane] || (type.isFloat && a.isNaN && c.isNaN),
          "%\(program.results[r]) of \(operands.map { $0[lane] })")
      }
    }
  }

  @Test func `an index is asked for in every lane`() {
    var b = ScalarBuilder(operands: [])
    let i = b.index(Dim("n") + Dim(1))
    let narrow = b.convert(i, to: .int32)
    let program = b.program(results: [narrow])
    #expect(program.evaluate([]) { _ in -5 } == [UInt64(bitPattern: -5)])
    #expect(program.evaluate(lanes: 3, operands: []) { _, lane in lane * 2 } == [[0, 2, 4]])
  }
}
