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
    let bits = (0..<shape.reduce(1, *)).map {
      UInt64(Philox.word(at: $0, stream: upper, key: SIMD2(words[0], words[1])))
    }
    return [Tensor(dtype: .uint32, shape: Shape(shape), bits: bits)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    // The position as an index expression, so that the loops step it as they do addresses.
    let position = shape.indices.reduce(Dim(0)) { $0 * shape[$1] + .axis($1) }
    var b = ScalarBuilder(operands: [.uint32, .uint32])
    let i = b.index(position)
    let word = b.randomWord(
      at: i, stream: UInt64(bitPattern: Int64(stream)), key: [b.operand(0), b.operand(1)])
    return .compute([
      Computation(
        axes: results[0].shape, reads: [Read(0, [0]), Read(0, [1])],
        body: b.program(results: [word]))
    ])
  }
}
