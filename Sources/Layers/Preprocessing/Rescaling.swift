public import Gnomon

/// `scale x + offset`, of numbers of any kind, as float32 where they are integers.
///
///     let x = Input(shape: [28, 28, 1])
///     let y = Rescaling(1.0 / 255)(x)               // [batch, 28, 28, 1]
///
/// - Input: any shape; output the same, floating point. No weights.
public final class Rescaling: Layer {
  public let scale: Double
  public let offset: Double

  public init(
    _ scale: Double, offset: Double = 0, inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.scale = scale
    self.offset = offset
    super.init(name: name, inputShape: inputShape)
  }

  public override func call(_ x: Expr) -> Expr {
    let x = x.dtype.isFloat ? x : x.cast(to: .float32)
    return offset == 0 ? x * scale : x * scale + offset
  }

  public override var supportsMasking: Bool { true }
}
