public import Gnomon

/// In training sets each element to 0 with probability `rate` and divides the others by `1 - rate`; passes
/// its input on in inference.
///
///     let x = Input(shape: [128])
///     let y = Dropout(0.5)(x)                       // [batch, 128]
///
/// - Input: any shape; output the same. No weights.
/// - See Srivastava and others, *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*, 2014.
public class Dropout: RandomLayer {
  public let rate: Double
  private let noiseShape: [Dim]?

  /// - Parameters:
  ///   - rate: the share of elements to drop, at least 0 and below 1.
  ///   - noiseShape: the shape of the random choice, which is broadcast to the input's; by default every
  ///     element is chosen on its own.
  public init(
    _ rate: Double, noiseShape: [Dim]? = nil, seed: UInt64? = nil, inputShape: [Dim]? = nil,
    name: String? = nil
  ) {
    self.rate = rate
    self.noiseShape = noiseShape
    super.init(seed: seed, inputShape: inputShape, name: name)
  }

  /// The shape of the random choice.
  func choiceShape(_ x: Expr) -> [Dim] { noiseShape ?? x.shape }

  public override func call(_ x: Expr) -> Expr { rate == 0 ? x : super.call(x) }

  public override func perturbed(_ x: Expr, key: RandomKey) -> Expr {
    let shape = choiceShape(x)
    if shape == x.shape || !(0..<1).contains(rate) { return dropout(x, rate: rate, key: key) }
    let stays = bernoulli(key: key, probability: Expr(1 - rate), shape: shape)
    return select(stays, x / (1 - rate), 0)
  }
}
