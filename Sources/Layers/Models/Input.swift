public import Gnomon

/// The input of a functional model: a placeholder for a batch of examples.
///
///     let x = Input(shape: [784])          // [batch, 784]
///     let u = Input(shape: [2], dtype: .int32, name: "pair")
///
/// - Parameters:
///   - shape: that of one example; the axis `batch` comes before it.
///   - name: the name in messages; by default `input`, `input_1`…
///   - batch: the name or size of the batch axis.
// swift-format-ignore: AlwaysUseLowerCamelCase
@_transparent public func Input(
  shape: [Dim], dtype: DType = .float32, name: String? = nil, batch: Dim = "batch"
) -> Expr { _makeInput(shape, dtype, name, batch, .here()) }

@usableFromInline func _makeInput(
  _ shape: [Dim], _ dtype: DType, _ name: String?, _ batch: Dim, _ at: Location
) -> Expr {
  Expr._input(name ?? LayerNames.next("input"), dtype, [batch] + shape, at)
}

/// The first layer of a `Sequential`, `x`: says the shape of its input.
///
///     let model = Sequential([InputLayer(shape: [784]), Dense(10)])
///     let y = model.outputs[0]                      // [batch, 10]
///
/// - Input: `[batch] + shape`; output the same. No weights.
public final class InputLayer: Layer {
  private let chosen: DType

  public init(shape: [Dim], dtype: DType = .float32, name: String? = nil) {
    chosen = dtype
    super.init(name: name, inputShape: shape)
  }

  public override var inputDType: DType { chosen }
  public override var supportsMasking: Bool { true }
  public override func call(_ x: Expr) -> Expr { x }
}
