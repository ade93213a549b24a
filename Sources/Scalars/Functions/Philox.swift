internal import GnomonTensors

extension ScalarProgram {
  /// A word of a random stream from its position (int64) and the key's two words: see `ScalarOp.randomWord`.
  package static func randomWord(stream: UInt64) -> ScalarProgram {
    var b = ScalarBuilder(operands: [.int64, .uint32, .uint32])
    let words = b.philox(stream)
    // Which of the four: by the two bits of the position, without a table.
    let low = b.convert(b.operand(0), to: .uint32)
    let (one, two, none) = (
      b.constant(1, .uint32), b.constant(2, .uint32), b.constant(0, .uint32)
    )
    let odd = b.and(low, one)
    let isOdd = b.notEqual(odd, none)
    let second = b.and(low, two)
    let isUpper = b.notEqual(second, none)
    let lowerPair = b.select(isOdd, words[1], words[0])
    let upperPair = b.select(isOdd, words[3], words[2])
    let word = b.select(isUpper, upperPair, lowerPair)
    return b.program(results: [word])
  }

  /// The four words of the block that the position is in.
  package static func randomWords(stream: UInt64) -> ScalarProgram {
    var b = ScalarBuilder(operands: [.int64, .uint32, .uint32])
    let words = b.philox(stream)
    return b.program(results: words)
  }
}

extension Philox {
  /// The vector instructions of ten rounds, about: of the two products of a round the high halves take
  /// four each.
  static let vectorOperations = 140
}

extension ScalarBuilder {
  /// Philox 4x32-10 as scalar instructions on uint32; see `Philox.word`.
  fileprivate mutating func philox(_ stream: UInt64) -> [Value] {
    let (two, width) = (constant(2, .int64), constant(32, .int64))
    let block = shiftRight(operand(0), two)
    let blockHigh = shiftRight(block, width)
    var c = [
      convert(block, to: .uint32), convert(blockHigh, to: .uint32),
      constant(bits: stream & 0xFFFF_FFFF, .uint32), constant(bits: stream >> 32, .uint32),
    ]
    var k = [operand(1), operand(2)]
    let multipliers = (constant(0xD251_1F53, .uint32), constant(0xCD9E_8D57, .uint32))
    let weyl = (constant(0x9E37_79B9, .uint32), constant(0xBB67_AE85, .uint32))
    for round in 0..<10 {
      if round > 0 { k = [add(k[0], weyl.0), add(k[1], weyl.1)] }
      let high0 = emit(.multiplyHigh, .uint32, multipliers.0, c[0])
      let low0 = multiply(multipliers.0, c[0])
      let high1 = emit(.multiplyHigh, .uint32, multipliers.1, c[2])
      let low1 = multiply(multipliers.1, c[2])
      let x = xor(high1, c[1])
      let z = xor(high0, c[3])
      c = [xor(x, k[0]), low1, xor(z, k[1]), low0]
    }
    return c
  }
}
