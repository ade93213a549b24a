package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// Random words by Philox 4x32-10, a function of the key and the element's position alone.
///
/// The element at row-major position i is word `i mod 4` of the block whose counter is
/// `(i / 4 mod 2^32, i / 4 / 2^32, stream mod 2^32, stream / 2^32)`, under the key's two words: the
/// stream that `Tensor.uniform(seed:)` draws from when the key is the seed and the stream is 0.
///
/// Salmon, Moraes, Dror, Shaw: *Parallel Random Numbers: As Easy as 1, 2, 3* (2011).
package struct RandomBits: Op {
  package static let mnemonic = "random_bits"
  package static let summary = "Random words (uint32) by Philox 4x32-10 from a key."
  package static let constraints = ["the key is uint32 [2]", "the sizes are not negative"]

  package var shape: [Dim]
  /// The upper half of the counter, in two's complement.
  package var stream: Int
  package init(shape: [Dim], stream: Int = 0) {
    self.shape = shape
    self.stream = stream
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard context[0] == TensorType(.uint32, [2]) else {
      throw Refusal(
        .dtypeMismatch, "a random key is uint32 [2], not \(context[0])", constraint: "C1",
        help: "RandomKey(seed: 42), or a variable of RandomKey.words(seed: 42)")
    }
    for size in shape where !context.requireOrder(size, atLeast: 0) {
      throw Refusal(.invalidShape, "the size \(size) is negative", constraint: "C2")
    }
    return [TensorType(.uint32, shape)]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] { [nil] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = try context.shape()
    let words = operands[0].bits.map { UInt32(truncatingIfNeeded: $0) }
    let upper = UInt64(bitPattern: Int64(stream))
    let bits = (0..<shape.reduce(1, *)).map { i -> UInt64 in
      let block = UInt64(i / 4)
      let counter = SIMD4(
        UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
        UInt32(truncatingIfNeeded: upper), UInt32(truncatingIfNeeded: upper >> 32))
      return UInt64(Philox.block(counter: counter, key: SIMD2(words[0], words[1]))[i % 4])
    }
    return [Tensor(dtype: .uint32, shape: Shape(shape), bits: bits)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    // The position as an index expression, so that the loops step it as they do addresses.
    let position = shape.indices.reduce(Dim(0)) { $0 * shape[$1] + .axis($1) }
    var b = ScalarBuilder(operands: [.uint32, .uint32])
    let i = b.index(position)
    let (two, width) = (b.constant(2, .int64), b.constant(32, .int64))
    let block = b.shiftRight(i, two)
    let blockHigh = b.shiftRight(block, width)
    let upper = UInt64(bitPattern: Int64(stream))
    let key = [b.operand(0), b.operand(1)]
    let counter = [
      b.convert(block, to: .uint32), b.convert(blockHigh, to: .uint32),
      b.constant(bits: upper & 0xFFFF_FFFF, .uint32), b.constant(bits: upper >> 32, .uint32),
    ]
    let words = philoxRounds(&b, counter, key)
    // Which of the four: by the two bits of the position, without a table.
    let low = b.convert(i, to: .uint32)
    let (one, bit1, none) = (
      b.constant(1, .uint32), b.constant(2, .uint32), b.constant(0, .uint32)
    )
    let odd = b.and(low, one)
    let isOdd = b.notEqual(odd, none)
    let second = b.and(low, bit1)
    let isUpper = b.notEqual(second, none)
    let lowerPair = b.select(isOdd, words[1], words[0])
    let upperPair = b.select(isOdd, words[3], words[2])
    let word = b.select(isUpper, upperPair, lowerPair)
    return .compute([
      Computation(
        axes: results[0].shape, reads: [Read(0, [0]), Read(0, [1])],
        body: b.program(results: [word]))
    ])
  }
}

/// The ten rounds as scalar instructions on uint32.
private func philoxRounds(
  _ b: inout ScalarBuilder, _ counter: [ScalarBuilder.Value], _ key: [ScalarBuilder.Value]
) -> [ScalarBuilder.Value] {
  let multipliers = (b.constant(0xD251_1F53, .uint32), b.constant(0xCD9E_8D57, .uint32))
  let weyl = (b.constant(0x9E37_79B9, .uint32), b.constant(0xBB67_AE85, .uint32))
  var c = counter
  var k = key
  for round in 0..<10 {
    if round > 0 { k = [b.add(k[0], weyl.0), b.add(k[1], weyl.1)] }
    let high0 = b.emit(.multiplyHigh, .uint32, multipliers.0, c[0])
    let low0 = b.multiply(multipliers.0, c[0])
    let high1 = b.emit(.multiplyHigh, .uint32, multipliers.1, c[2])
    let low1 = b.multiply(multipliers.1, c[2])
    let x = b.xor(high1, c[1])
    let z = b.xor(high0, c[3])
    c = [b.xor(x, k[0]), low1, b.xor(z, k[1]), low0]
  }
  return c
}
