internal import Foundation

// Every element is a function of the seed and its row-major index alone (see `Philox`), so the same
// seed gives the same tensor on every machine, up to the last bit of libm's log, sin and cos.
extension Tensor {
  /// Numbers from the half-open interval [low, high), equally likely.
  ///
  /// Floats of up to 32 bits take one random word each, as many leading bits as their precision;
  /// float64 takes two words. Integers are floor(low + (high - low) * u). When low and high are not
  /// 0 and 1 the last rounding may give `high` itself.
  public static func uniform(
    _ dtype: DType, _ shape: some Collection<Int>, low: Double = 0, high: Double = 1,
    seed: UInt64
  ) -> Tensor {
    let n = shape.reduce(1, *)
    let width = high - low
    let bits: Int? =
      switch dtype {
      case .bfloat16: 8
      case .float16: 11
      case .float32: 24
      default: nil
      }
    var values: [Double] = []
    values.reserveCapacity(n + 3)
    var index = 0
    while values.count < n {
      let words = Philox.block(index, seed: seed)
      index += 1
      if let bits {
        for lane in 0..<4 { values.append(low + width * Philox.uniform(words[lane], bits: bits)) }
      } else {
        values.append(low + width * Philox.uniform53(words.x, words.y))
        values.append(low + width * Philox.uniform53(words.z, words.w))
      }
    }
    values.removeLast(values.count - n)
    if !dtype.isFloat { for i in values.indices { values[i].round(.down) } }
    return Tensor(dtype: dtype, shape: shape, doubles: values)
  }

  /// Normally distributed numbers, by the transformation of Box and Muller in float64.
  public static func normal(
    _ dtype: DType, _ shape: some Collection<Int>, mean: Double = 0,
    standardDeviation: Double = 1, seed: UInt64
  ) -> Tensor {
    let n = shape.reduce(1, *)
    var values: [Double] = []
    values.reserveCapacity(n + 1)
    var index = 0
    while values.count < n {
      let words = Philox.block(index, seed: seed)
      index += 1
      // In (0, 1], where the logarithm is finite.
      let radius = (-2 * log(1 - Philox.uniform53(words.x, words.y))).squareRoot()
      let angle = 2 * Double.pi * Philox.uniform53(words.z, words.w)
      values.append(mean + standardDeviation * (radius * cos(angle)))
      values.append(mean + standardDeviation * (radius * sin(angle)))
    }
    values.removeLast(values.count - n)
    return Tensor(dtype: dtype, shape: shape, doubles: values)
  }

  /// Initial weights: uniform in ±sqrt(6 / (fanIn + fanOut)).
  ///
  /// By default the last two axes are inputs and outputs, and the axes before them a window that
  /// multiplies both. Glorot, Bengio: *Understanding the difficulty of training deep feedforward
  /// neural networks* (2010).
  public static func glorotUniform(
    _ dtype: DType, _ shape: some Collection<Int>, fanIn: Int? = nil, fanOut: Int? = nil,
    seed: UInt64
  ) -> Tensor {
    let sizes = Array(shape)
    let window = sizes.dropLast(2).reduce(1, *)
    let outputs = fanOut ?? window * (sizes.last ?? 1)
    let inputs = fanIn ?? window * (sizes.dropLast().last ?? sizes.last ?? 1)
    let limit = (6 / Double(max(1, inputs + outputs))).squareRoot()
    return uniform(dtype, sizes, low: -limit, high: limit, seed: seed)
  }

  /// The integers 0..<n (int64) in random order, all orders equally likely (Fisher and Yates).
  public static func permutation(_ n: Int, seed: UInt64) -> Tensor {
    var order = (0..<Int64(max(0, n))).map { $0 }
    for i in order.indices.dropFirst() {
      let words = Philox.block(i, seed: seed)
      let word = UInt64(words.x) << 32 | UInt64(words.y)
      // The high half of the product is a number in 0...i; its bias is below 2^-64 (i + 1).
      let j = Int(word.multipliedFullWidth(by: UInt64(i) + 1).high)
      order.swapAt(i, j)
    }
    return Tensor(dtype: .int64, shape: [order.count], integers: order)
  }
}
