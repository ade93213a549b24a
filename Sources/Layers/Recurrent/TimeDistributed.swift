public import Gnomon

/// A layer applied to every step of a sequence: `y[:, t] = layer(x[:, t])`.
///
///     let x = Input(shape: [20, 64])
///     let y = TimeDistributed(Dense(10))(x)         // [batch, 20, 10]
///
/// Steps are taken together with the batch, so that the layer is called once.
///
/// - Input: `[batch, steps, ...]`; output `[batch, steps] + the layer's output of one step`.
/// - Weights: those of the layer.
public final class TimeDistributed: Layer {
  public let layer: Layer

  public init(_ layer: Layer, inputShape: [Dim]? = nil, name: String? = nil) {
    self.layer = layer
    super.init(name: name, inputShape: inputShape)
    inputSpec = InputSpec(minimumRank: 2)
  }

  public override func call(_ x: Expr) -> Expr {
    let (batch, steps) = (x.shape[0], x.shape[1])
    let flat = x.reshaped([batch * steps] + x.shape.dropFirst(2))
    let y = layer._apply([flat], .here())[0]
    return y.isInvalid ? y : y.reshaped([batch, steps] + y.shape.dropFirst())
  }

  public override var inputDType: DType { layer.inputDType }
  public override var supportsMasking: Bool { true }
}
