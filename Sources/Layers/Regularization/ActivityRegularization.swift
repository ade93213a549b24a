public import Gnomon

/// Passes its input on, and adds `l1 Σ |x| + l2 Σ x²`, per example, to the loss.
///
///     let x = Input(shape: [128])
///     let y = ActivityRegularization(l2: 0.01)(x)   // [batch, 128]
///
/// - Input: any shape; output the same. No weights.
public final class ActivityRegularization: Layer {
  public let l1: Double
  public let l2: Double

  public init(l1: Double = 0, l2: Double = 0, name: String? = nil) {
    self.l1 = l1
    self.l2 = l2
    super.init(name: name)
  }

  public override func call(_ x: Expr) -> Expr {
    let penalty = l1 * sum(abs(x)) + l2 * sum(square(x))
    addLoss(penalty / size(of: x, axis: 0).cast(to: x.dtype))
    return x
  }

  public override var supportsMasking: Bool { true }
}
