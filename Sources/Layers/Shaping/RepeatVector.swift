public import Gnomon

/// A vector repeated as the steps of a sequence: `[batch, features]` to `[batch, count, features]`.
///
///     let x = Input(shape: [32])
///     let y = RepeatVector(5)(x)                    // [batch, 5, 32]
///
/// - Input: `[batch, features]`; output `[batch, count, features]`. No weights.
public final class RepeatVector: Layer {
  public let count: Int

  public init(_ count: Int, name: String? = nil) {
    self.count = count
    super.init(name: name)
    inputSpec = InputSpec(rank: 2)
  }

  public override func call(_ x: Expr) -> Expr {
    x.expanded(axis: 1).broadcast(to: [x.shape[0], Dim(count), x.shape[1]])
  }
}
