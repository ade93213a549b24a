public import Gnomon

/// An activation function as a layer: `activation(x)`.
///
///     let x = Input(shape: [10])
///     let y = Activation("relu")(x)                 // [batch, 10]
///
/// - Input: any shape; output the same. No weights.
open class Activation: Layer {
  public let function: ActivationFunction

  public init(_ function: ActivationFunction, inputShape: [Dim]? = nil, name: String? = nil) {
    self.function = function
    super.init(name: name, inputShape: inputShape)
  }

  open override func call(_ x: Expr) -> Expr { function(x) }
  open override var supportsMasking: Bool { true }
}
