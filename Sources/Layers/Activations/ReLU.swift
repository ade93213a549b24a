public import Gnomon

/// Nothing below the threshold, or little: `min(x, maximum)` above it, `slope (x - threshold)` below it.
///
///     let x = Input(shape: [10])
///     let y = ReLU(maximumValue: 6)(x)              // [batch, 10]
///
/// - Input: any shape; output the same. No weights.
public final class ReLU: Layer {
  public let maximumValue: Double?
  public let negativeSlope: Double
  public let threshold: Double

  public init(
    maximumValue: Double? = nil, negativeSlope: Double = 0, threshold: Double = 0,
    name: String? = nil
  ) {
    self.maximumValue = maximumValue
    self.negativeSlope = negativeSlope
    self.threshold = threshold
    super.init(name: name)
  }

  public override func call(_ x: Expr) -> Expr {
    if negativeSlope == 0 && threshold == 0 {
      return maximumValue.map { clip(x, 0, Expr($0)) } ?? relu(x)
    }
    let above = maximumValue.map { minimum(x, Expr($0)) } ?? x
    return select(x .>= Expr(threshold), above, negativeSlope * (x - threshold))
  }

  public override var supportsMasking: Bool { true }
}

/// Little below 0: `x` above 0, `negativeSlope x` below.
///
///     let x = Input(shape: [10])
///     let y = LeakyReLU(negativeSlope: 0.1)(x)      // [batch, 10]
///
/// - Input: any shape; output the same. No weights.
public final class LeakyReLU: Layer {
  public let negativeSlope: Double

  public init(negativeSlope: Double = 0.3, name: String? = nil) {
    self.negativeSlope = negativeSlope
    super.init(name: name)
  }

  public override func call(_ x: Expr) -> Expr { select(x .> 0, x, negativeSlope * x) }
  public override var supportsMasking: Bool { true }
}

/// Bounded below: `x` above 0, `α (exp(x) - 1)` below.
///
///     let x = Input(shape: [10])
///     let y = ELU(alpha: 0.5)(x)                    // [batch, 10]
///
/// - Input: any shape; output the same. No weights.
public final class ELU: Layer {
  public let alpha: Double

  public init(alpha: Double = 1, name: String? = nil) {
    self.alpha = alpha
    super.init(name: name)
  }

  public override func call(_ x: Expr) -> Expr {
    select(x .> 0, x, alpha * expm1(minimum(x, 0)))
  }

  public override var supportsMasking: Bool { true }
}

/// `x` above 0, `alpha x` below, with a learnt `alpha` for each position.
///
///     let x = Input(shape: [28, 28, 8])
///     let y = PReLU(sharedAxes: [1, 2])(x)          // [batch, 28, 28, 8]
///
/// - Input: `[batch, ...]`; output the same.
/// - Weights: `alpha`, the shape of an example, with 1 at the `sharedAxes`.
public final class PReLU: Layer {
  private let initializer: any Initializer
  private let regularizer: (any Regularizer)?
  private let constraint: (any Constraint)?
  public let sharedAxes: [Int]
  public private(set) var alpha: Expr!

  /// - Parameter sharedAxes: the axes along which positions share one `alpha`; 1 is the first after the
  ///   batch.
  public init(
    alphaInitializer: any Initializer = .zeros, alphaRegularizer: (any Regularizer)? = nil,
    alphaConstraint: (any Constraint)? = nil, sharedAxes: [Int] = [], name: String? = nil
  ) {
    initializer = alphaInitializer
    regularizer = alphaRegularizer
    constraint = alphaConstraint
    self.sharedAxes = sharedAxes
    super.init(name: name)
  }

  public override func build(inputShape: [Dim]) {
    let shape = (1..<inputShape.count).map { sharedAxes.contains($0) ? 1 : inputShape[$0] }
    alpha = addWeight(
      "alpha", shape: shape, initializer: initializer, regularizer: regularizer,
      constraint: constraint)
  }

  public override func call(_ x: Expr) -> Expr { relu(x) - alpha * relu(-x) }
  public override var supportsMasking: Bool { true }
}

/// Positive numbers of sum 1: `exp(x) / Σ exp(x)` along an axis; a mask excludes elements.
///
///     let x = Input(shape: [10])
///     let y = Softmax()(x)                          // [batch, 10]
///
/// - Input: any shape, then perhaps a bool mask of that shape; output the same. No weights.
public final class Softmax: Layer {
  public let axis: Int

  public init(axis: Int = -1, name: String? = nil) {
    self.axis = axis
    super.init(name: name)
  }

  public override func call(_ x: Expr) -> Expr { softmax(x, axis: axis) }

  /// With a second input, a bool mask of the first's shape, only the elements where it holds take part.
  public override func call(_ inputs: [Expr]) -> [Expr] {
    guard inputs.count == 2 else { return super.call(inputs) }
    return [softmax(select(inputs[1], inputs[0], -1e9), axis: axis)]
  }

  public override var supportsMasking: Bool { true }
}
