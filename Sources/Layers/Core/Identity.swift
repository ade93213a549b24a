public import Gnomon

/// Its input, unchanged: `x`.
///
///     let x = Input(shape: [10])
///     let y = Identity()(x)                         // [batch, 10]
///
/// - Input: any shape; output the same. No weights.
public final class Identity: Layer {
  public override func call(_ x: Expr) -> Expr { x }
  public override var supportsMasking: Bool { true }
}
