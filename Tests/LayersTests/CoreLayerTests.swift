import GnomonLayers
import Testing

@Suite(.seeded) struct CoreLayerTests {
  private let x = Expr.input("x", .float32, ["batch", 3])

  @Test func `dropout passes its input on in inference and drops in training`() throws {
    let y = Dropout(0.5, seed: 7)(x)
    let input = Tensor.ones(.float32, [100, 3])
    let predict = try compile(inputs: [x], outputs: [y])
    #expect(try predict(input).identical(to: input))
    let train = try compile(
      inputs: [x], outputs: [y], options: CompileOptions(training: true))
    let dropped = try train(input).doubles
    #expect(dropped.allSatisfy { $0 == 0 || $0 == 2 })
    #expect((100...200).contains(dropped.filter { $0 == 0 }.count))
  }

  @Test func `a sequence of layers is a model with a graph of its own`() throws {
    let model = Sequential([
      Dense(4, activation: .relu, inputShape: [3], name: "hidden"),
      Dropout(0.5), Dense(2, activation: "softmax", name: "out"),
    ])
    try model.build()
    #expect(model.outputs[0].shape == ["batch", 2])
    #expect(model.parameterCount == 3 * 4 + 4 + 4 * 2 + 2)
    #expect(
      model.trainableWeights.map(\.name) == [
        "hidden/kernel", "hidden/bias", "out/kernel", "out/bias",
      ])
    #expect(model.stateUpdates(training: true).count == 1)
    #expect(model.stateUpdates(training: false).isEmpty)
  }

  @Test func `a functional model computes the same on other inputs, with the same weights`() throws
  {
    let a = Input(shape: [3])
    let hidden = Dense(4, activation: .tanh)
    let model = Model(inputs: a, outputs: Dense(2)(hidden(a) * 2 + hidden(a + 1)))
    try model.validate()
    let y = model(x)
    #expect(model.layers.count == 2)
    let data = Tensor.uniform(.float32, [5, 3], seed: 1)
    let first = try evaluate(model.outputs[0], [a: data])
    #expect(try evaluate(y, [x: data]).identical(to: first))
    #expect(hidden.inboundNodes.count == 4)
  }

  @Test func `an unknown activation is reported with the nearest name`() {
    let error = #expect(throws: GnomonError.self) {
      try compile(inputs: [x], outputs: [Dense(2, activation: "rellu")(x)])
    }
    #expect(error?.diagnostics.first?.help?.contains("did you mean \"relu\"") == true)
  }

  @Test func `a mask is made by Embedding, travels through layers and operators, and stops`() throws
  {
    let words = Expr.input("words", .int32, ["batch", 4])
    let vectors = Embedding(10, 8, maskZero: true)(words)
    #expect(vectors.mask?.shape == ["batch", 4])
    #expect(Dense(3)(vectors * 2).mask?.shape == ["batch", 4])
    #expect(Flatten()(vectors).mask == nil)
  }
}
