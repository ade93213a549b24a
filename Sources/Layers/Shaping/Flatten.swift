public import Gnomon

/// One axis in place of all after the batch: `[batch, ...]` to `[batch, n]`.
///
///     let x = Input(shape: [7, 7, 64])
///     let y = Flatten()(x)                          // [batch, 3136]
///
/// - Input: `[batch, ...]`; output `[batch, n]`. No weights.
public final class Flatten: Layer {
  public init(inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(name: name, inputShape: inputShape)
    inputSpec = InputSpec(minimumRank: 1)
  }

  public override func call(_ x: Expr) -> Expr {
    x.reshaped([x.shape[0], x.shape.dropFirst().reduce(1, *)])
  }
}
