import Foundation
import GnomonLayers
import Testing

/// A layer that Keras computed too: the inputs, weights and results are in `Data/layers.npz`, written by
/// `scripts/make-layer-fixtures.py` under the same name.
struct LayerCase: Sendable, CustomTestStringConvertible {
  let name: String
  let make: @Sendable () -> Layer

  init(_ name: String, _ make: @escaping @Sendable () -> Layer) {
    self.name = name
    self.make = make
  }

  var testDescription: String { name }

  static let data: [String: Tensor] = {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "Data/layers.npz")
    return (try? Tensor.readNPZDictionary(path.path)) ?? [:]
  }()

  /// The tensors of a kind, such as the inputs `x`, in order.
  func tensors(_ kind: String) -> [Tensor] {
    var found: [Tensor] = []
    while let next = LayerCase.data["\(name)/\(kind)\(found.count)"] { found.append(next) }
    return found
  }

  /// A layer called on inputs like those of the data, with their batch size left open, and its weights.
  func called() throws -> (layer: Layer, inputs: [Expr], outputs: [Expr]) {
    let layer = make()
    let inputs = tensors("x").enumerated().map { i, t in
      Expr.input("x\(i)", t.dtype, ["batch"] + t.shape.dropFirst().map { Dim($0) })
    }
    let outputs: [Expr] = layer(inputs)
    // All mistakes at once, with their places.
    _ = try compile(inputs: inputs, outputs: outputs, options: CompileOptions(interpreted: true))
    try layer.setWeights(tensors("w"))
    return (layer, inputs, outputs)
  }
}
