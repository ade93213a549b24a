public import Gnomon

/// A function of your own as a layer, `function(x)`, where it needs no weights.
///
///     let x = Input(shape: [10])
///     let y = Lambda { x in square(x) }(x)          // [batch, 10]
///     let z: Expr = Lambda { inputs in [inputs[0] * inputs[1]] }(x, y)      // [batch, 10]
///
/// - Input and output: what the function takes and returns.
public final class Lambda: Layer {
  private let function: ([Expr]) -> [Expr]

  /// A function of one tensor.
  public init(
    inputShape: [Dim]? = nil, name: String? = nil, _ function: @escaping (Expr) -> Expr
  ) {
    self.function = { [function($0[0])] }
    super.init(name: name, inputShape: inputShape)
  }

  /// A function of several tensors.
  public init(name: String? = nil, _ function: @escaping ([Expr]) -> [Expr]) {
    self.function = function
    super.init(name: name)
  }

  public override func call(_ inputs: [Expr]) -> [Expr] { function(inputs) }
  package override var runsUserCode: Bool { true }
}
