public import Gnomon

/// Its input, unchanged: `x`.
public final class Identity: Layer {
  public override func call(_ x: Expr) -> Expr { x }
  public override var supportsMasking: Bool { true }
}
