public import GnomonTensors

/// Random numbers whose variance is `scale / n`, with *n* the number of inputs, outputs, or their mean.
///
/// The last two axes of a shape are inputs and outputs; the axes before them are a window that
/// multiplies both. With fewer axes there is one size for both.
public struct VarianceScaling: Initializer, Hashable, Codable {
  /// What divides the scale.
  public enum Mode: String, Hashable, Codable, Sendable {
    case fanIn = "fan_in"
    case fanOut = "fan_out"
    case fanAverage = "fan_avg"
  }

  public enum Distribution: String, Hashable, Codable, Sendable {
    /// Uniform in ±sqrt(3 · variance).
    case uniform
    /// Normal, cut at two standard deviations, and widened so that the variance is right.
    case truncatedNormal = "truncated_normal"
    /// Normal without a cut.
    case untruncatedNormal = "untruncated_normal"
  }

  public var scale: Double
  public var mode: Mode
  public var distribution: Distribution
  public var seed: UInt64?

  /// - Parameter scale: above 0.
  public init(
    scale: Double = 1, mode: Mode = .fanIn, distribution: Distribution = .truncatedNormal,
    seed: UInt64? = nil
  ) {
    self.scale = scale
    self.mode = mode
    self.distribution = distribution
    self.seed = seed
  }

  /// - Throws: `TensorError` if the scale is not above 0.
  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor {
    guard scale > 0, scale.isFinite else {
      throw TensorError.invalidArgument("VarianceScaling: the scale \(scale) is not above 0")
    }
    let (inputs, outputs) = Self.fans(shape)
    let n: Double =
      switch mode {
      case .fanIn: Double(inputs)
      case .fanOut: Double(outputs)
      case .fanAverage: Double(inputs + outputs) / 2
      }
    let variance = scale / max(1, n)
    let seed = self.seed ?? seed
    switch distribution {
    case .uniform:
      let limit = (3 * variance).squareRoot()
      return .uniform(dtype, shape, low: -limit, high: limit, seed: seed)
    case .truncatedNormal:
      // The standard deviation of a standard normal number cut at ±2.
      let deviation = variance.squareRoot() / 0.8796256610342398
      return try TruncatedNormal(standardDeviation: deviation)(
        shape: shape, dtype: dtype, seed: seed)
    case .untruncatedNormal:
      return .normal(dtype, shape, standardDeviation: variance.squareRoot(), seed: seed)
    }
  }

  /// The numbers of inputs and outputs that a weight of this shape connects.
  static func fans(_ shape: [Int]) -> (inputs: Int, outputs: Int) {
    guard shape.count > 1 else { return (shape.first ?? 1, shape.first ?? 1) }
    let window = shape.dropLast(2).reduce(1, *)
    return (window * shape[shape.count - 2], window * shape[shape.count - 1])
  }
}

// The usual cases by their names. Glorot, Bengio: Understanding the difficulty of training deep
// feedforward neural networks (2010). He and others: Delving Deep into Rectifiers (2015). LeCun and
// others: Efficient BackProp (1998).
extension Initializer where Self == VarianceScaling {
  /// Uniform in ±sqrt(6 / (inputs + outputs)).
  public static var glorotUniform: VarianceScaling { .glorotUniform() }
  public static func glorotUniform(seed: UInt64? = nil) -> VarianceScaling {
    VarianceScaling(mode: .fanAverage, distribution: .uniform, seed: seed)
  }

  /// Truncated normal of variance 2 / (inputs + outputs).
  public static var glorotNormal: VarianceScaling { .glorotNormal() }
  public static func glorotNormal(seed: UInt64? = nil) -> VarianceScaling {
    VarianceScaling(mode: .fanAverage, seed: seed)
  }

  /// Uniform in ±sqrt(6 / inputs).
  public static var heUniform: VarianceScaling { .heUniform() }
  public static func heUniform(seed: UInt64? = nil) -> VarianceScaling {
    VarianceScaling(scale: 2, distribution: .uniform, seed: seed)
  }

  /// Truncated normal of variance 2 / inputs.
  public static var heNormal: VarianceScaling { .heNormal() }
  public static func heNormal(seed: UInt64? = nil) -> VarianceScaling {
    VarianceScaling(scale: 2, seed: seed)
  }

  /// Uniform in ±sqrt(3 / inputs).
  public static var lecunUniform: VarianceScaling { .lecunUniform() }
  public static func lecunUniform(seed: UInt64? = nil) -> VarianceScaling {
    VarianceScaling(distribution: .uniform, seed: seed)
  }

  /// Truncated normal of variance 1 / inputs.
  public static var lecunNormal: VarianceScaling { .lecunNormal() }
  public static func lecunNormal(seed: UInt64? = nil) -> VarianceScaling {
    VarianceScaling(seed: seed)
  }

  public static func varianceScaling(
    scale: Double = 1, mode: VarianceScaling.Mode = .fanIn,
    distribution: VarianceScaling.Distribution = .truncatedNormal, seed: UInt64? = nil
  ) -> VarianceScaling {
    VarianceScaling(scale: scale, mode: mode, distribution: distribution, seed: seed)
  }
}
