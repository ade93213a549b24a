import GnomonLayers
import Testing

/// Layer by layer against Keras 3 on JAX: see `LayerCase`.
@Suite(.seeded) struct KerasTests {
  private func expectClose(
    _ mine: [Tensor], _ keras: [Tensor], _ what: String, tolerance: Double = 2e-5
  ) {
    #expect(mine.count == keras.count, "\(what)")
    for (i, (a, b)) in zip(mine, keras).enumerated() {
      #expect(Array(a.shape) == Array(b.shape), "\(what)\(i)")
      #expect(
        a.cast(to: .float64).allClose(b.cast(to: .float64), rtol: tolerance * 10, atol: tolerance),
        "\(what)\(i): \(a) is not \(b)")
    }
  }

  @Test(arguments: LayerCases.all)
  func `forward values, shapes and gradients are those of Keras`(_ layer: LayerCase) throws {
    try compare(layer)
  }

  private func compare(_ layer: LayerCase) throws {
    let (built, inputs, outputs) = try layer.called()
    let arguments = layer.tensors("x")
    try #require(!arguments.isEmpty, "no data: run scripts/make-layer-fixtures.py")
    let forward = try compile(inputs: inputs, outputs: outputs)
    expectClose(try forward.outputs(arguments), layer.tensors("y"), "y")

    let floats = outputs.filter(\.dtype.isFloat)
    guard !floats.isEmpty else { return }
    // The data's gradients are of Σ y · cos(0, 1, 2…).
    let loss = floats.map { y in
      let count = y.shape.reduce(1, *)
      return sum(y * cos(Expr.iota(count).cast(to: y.dtype)).reshaped(y.shape))
    }.reduce(Expr(0)) { $0 + $1 }
    let wanted = inputs.indices.filter { LayerCase.data["\(layer.name)/dx\($0)"] != nil }
    let expected = wanted.map { LayerCase.data["\(layer.name)/dx\($0)"]! } + layer.tensors("dw")
    let parameters = wanted.map { inputs[$0] } + built.trainableWeights.map(\.variable)
    let derivatives = gradient(of: loss, withRespectTo: parameters, disconnected: .zeros)
    guard !derivatives.isEmpty else { return }
    let backward = try compile(inputs: inputs, outputs: derivatives)
    expectClose(try backward.outputs(arguments), expected, "gradient ", tolerance: 1e-4)
  }

  @Test(arguments: LayerCases.all.filter { LayerCase.data["\($0.name)/s0"] != nil })
  func `five training steps leave the weights that Keras has`(_ layer: LayerCase) throws {
    let (built, inputs, outputs) = try layer.called()
    let loss = mean(square(outputs[0] - 0.3))
    let parameters = built.trainableWeights.map(\.variable)
    var updates = zip(
      parameters, gradient(of: loss, withRespectTo: parameters, disconnected: .zeros)
    ).map { p, d in (p, p - 0.1 * d) }
    // The state of the call under test, as a model would collect it.
    let model = Model(inputs: inputs, outputs: outputs)
    updates += model.stateUpdates(training: true).map { ($0.variable, $0.becomes) }
    let step = try compile(
      inputs: inputs, outputs: [loss], updates: updates, options: CompileOptions(training: true))
    for _ in 0..<5 { _ = try step.outputs(layer.tensors("x")) }
    expectClose(built.weightValues, layer.tensors("s"), "weight ", tolerance: 1e-4)
  }

  @Test func `every case of the data is compared`() {
    let names = Set(LayerCase.data.keys.map { String($0.split(separator: "/")[0]) })
    #expect(names == Set(LayerCases.all.map(\.name)))
  }
}
