public import Gnomon

/// Marks the steps all of whose features are `maskValue` as padding, and sets them to 0.
///
///     let x = Input(shape: [20, 8])
///     let y = Masking(maskValue: 0)(x)              // [batch, 20, 8]
///     let mask = y.mask!                            // [batch, 20]
///
/// - Input: `[batch, steps, features]`; output the same. Mask: `any(x ≠ maskValue)` over features. No weights.
public final class Masking: Layer {
  public let maskValue: Double

  public init(maskValue: Double = 0, inputShape: [Dim]? = nil, name: String? = nil) {
    self.maskValue = maskValue
    super.init(name: name, inputShape: inputShape)
    inputSpec = InputSpec(minimumRank: 2)
  }

  public override func call(_ x: Expr) -> Expr { select(isData(x, keepDims: true), x, 0) }

  public override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? {
    isData(inputs[0], keepDims: false)
  }

  private func isData(_ x: Expr, keepDims: Bool) -> Expr {
    any(x .!= Expr(maskValue), axes: -1, keepDims: keepDims)
  }
}
