public import GnomonTensors

/// Normally distributed numbers.
public struct RandomNormal: Initializer, Hashable, Codable {
  public var mean: Double
  public var standardDeviation: Double
  /// The seed of this weight; by default the one the layer hands in.
  public var seed: UInt64?

  public init(mean: Double = 0, standardDeviation: Double = 0.05, seed: UInt64? = nil) {
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.seed = seed
  }

  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor {
    .normal(
      dtype, shape, mean: mean, standardDeviation: standardDeviation, seed: self.seed ?? seed)
  }
}

/// Numbers from [minimum, maximum), equally likely.
public struct RandomUniform: Initializer, Hashable, Codable {
  public var minimum: Double
  public var maximum: Double
  public var seed: UInt64?

  public init(minimum: Double = -0.05, maximum: Double = 0.05, seed: UInt64? = nil) {
    self.minimum = minimum
    self.maximum = maximum
    self.seed = seed
  }

  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor {
    .uniform(dtype, shape, low: minimum, high: maximum, seed: self.seed ?? seed)
  }
}

/// Normally distributed numbers, those farther than two standard deviations from the mean drawn again.
///
/// The deviation of what remains is 0.8796 times the one given.
public struct TruncatedNormal: Initializer, Hashable, Codable {
  public var mean: Double
  public var standardDeviation: Double
  public var seed: UInt64?

  public init(mean: Double = 0, standardDeviation: Double = 0.05, seed: UInt64? = nil) {
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.seed = seed
  }

  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor {
    let count = shape.reduce(1, *)
    var kept: [Double] = []
    kept.reserveCapacity(count)
    var part = self.seed ?? seed
    while kept.count < count {
      // About 4.6 % fall outside.
      let missing = count - kept.count
      let drawn = Tensor.normal(.float64, [missing + missing / 16 + 8], seed: part).doubles
      part &+= 0x9E37_79B9_7F4A_7C15
      kept += drawn.lazy.filter { $0.magnitude <= 2 }.prefix(missing)
    }
    return Tensor(
      dtype: dtype, shape: shape, doubles: kept.map { mean + standardDeviation * $0 })
  }
}

/// Orthonormal rows or columns, times a gain: the axes before the last count as one.
///
/// Normal numbers are made orthogonal column by column (Gram and Schmidt, each column twice), which
/// gives every orthogonal matrix with equal likelihood. Saxe, McClelland, Ganguli: *Exact solutions to
/// the nonlinear dynamics of learning in deep linear neural networks* (2014).
public struct Orthogonal: Initializer, Hashable, Codable {
  public var gain: Double
  public var seed: UInt64?

  public init(gain: Double = 1, seed: UInt64? = nil) {
    self.gain = gain
    self.seed = seed
  }

  /// - Throws: `TensorError` if the shape has fewer than two axes.
  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor {
    guard shape.count >= 2, let columns = shape.last else {
      throw TensorError.invalidArgument("orthogonal weights have two or more axes, not \(shape)")
    }
    let rows = shape.dropLast().reduce(1, *)
    let (count, length) = (min(rows, columns), max(rows, columns))
    let drawn = Tensor.normal(.float64, [count, length], seed: self.seed ?? seed).doubles
    var vectors = (0..<count).map { Array(drawn[($0 * length)..<(($0 + 1) * length)]) }
    for i in vectors.indices {
      for _ in 0..<2 {
        for j in 0..<i { Self.remove(vectors[j], from: &vectors[i]) }
      }
      let norm = vectors[i].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for k in 0..<length { vectors[i][k] /= norm }
    }
    // The vectors are the rows of a wide matrix, the columns of a tall one.
    let elements = (0..<rows).flatMap { r in
      (0..<columns).map { c in gain * (rows < columns ? vectors[r][c] : vectors[c][r]) }
    }
    return Tensor(dtype: dtype, shape: shape, doubles: elements)
  }

  /// Takes the part along a unit vector out of another.
  private static func remove(_ unit: [Double], from vector: inout [Double]) {
    var part = 0.0
    for k in unit.indices { part += unit[k] * vector[k] }
    for k in unit.indices { vector[k] -= part * unit[k] }
  }
}

extension Initializer where Self == RandomNormal {
  public static var randomNormal: RandomNormal { RandomNormal() }
  public static func randomNormal(
    mean: Double = 0, standardDeviation: Double = 0.05, seed: UInt64? = nil
  ) -> RandomNormal {
    RandomNormal(mean: mean, standardDeviation: standardDeviation, seed: seed)
  }
}

extension Initializer where Self == RandomUniform {
  public static var randomUniform: RandomUniform { RandomUniform() }
  public static func randomUniform(
    minimum: Double = -0.05, maximum: Double = 0.05, seed: UInt64? = nil
  ) -> RandomUniform { RandomUniform(minimum: minimum, maximum: maximum, seed: seed) }
}

extension Initializer where Self == TruncatedNormal {
  public static var truncatedNormal: TruncatedNormal { TruncatedNormal() }
  public static func truncatedNormal(
    mean: Double = 0, standardDeviation: Double = 0.05, seed: UInt64? = nil
  ) -> TruncatedNormal {
    TruncatedNormal(mean: mean, standardDeviation: standardDeviation, seed: seed)
  }
}

extension Initializer where Self == Orthogonal {
  public static func orthogonal(gain: Double = 1, seed: UInt64? = nil) -> Orthogonal {
    Orthogonal(gain: gain, seed: seed)
  }
}
