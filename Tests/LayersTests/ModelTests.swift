import Foundation
import GnomonLayers
import GoldenFiles
import Testing

@Suite(.seeded) struct ModelTests {
  private func towers() -> Model {
    let (a, b) = (Input(shape: [4], name: "a"), Input(shape: [4], name: "b"))
    let tower = Dense(3, activation: .relu, name: "tower")
    let joint = Concatenate(name: "joint")(tower(a), tower(b) * 2)
    return Model(
      inputs: [a, b], outputs: [Dense(1, name: "score")(joint), Dense(2, name: "kind")(joint)],
      name: "towers")
  }

  @Test func `the summary of a list of layers is a golden`() throws {
    let model = Sequential(
      [
        Conv2D(8, kernelSize: 3, activation: .relu, inputShape: [28, 28, 1], name: "conv"),
        MaxPooling2D(name: "pool"), BatchNormalization(name: "norm"), Dropout(0.5, name: "drop"),
        Flatten(name: "flat"), Dense(10, activation: .softmax, name: "out"),
      ], name: "digits")
    try GoldenFile.check("Tests/LayersTests/Goldens/sequential.txt", equals: model.summary() + "\n")
  }

  @Test func `the summary and the drawings of a graph of layers are goldens`() throws {
    let model = towers()
    try GoldenFile.check("Tests/LayersTests/Goldens/towers.txt", equals: model.summary() + "\n")
    try GoldenFile.check("Tests/LayersTests/Goldens/towers.dot", equals: model.dot())
    try GoldenFile.check("Tests/LayersTests/Goldens/towers.svg", equals: model.svg())
  }

  @Test func `nodes tell which layers a layer stands between`() throws {
    let model = towers()
    let tower = try #require(model.layer(named: "tower"))
    let joint = try #require(model.layer(named: "joint"))
    #expect(tower.inboundNodes.count == 2)
    #expect(tower.outboundNodes.map(\.layer.name) == ["joint"])
    #expect(joint.inboundNodes[0].inboundLayers.map(\.name) == ["tower"])
    #expect(joint.outboundNodes.map(\.layer.name) == ["score", "kind"])
    #expect(joint.inboundNodes[0].outputShapes == [["batch", 6]])
  }

  @Test func `a model ends where another's layer does`() throws {
    let model = towers()
    let joint = try #require(model.layer(named: "joint")?.output)
    let part = Model(inputs: model.inputs, outputs: joint)
    try part.validate()
    #expect(part.outputs[0].shape == ["batch", 6])
    #expect(part.weights.count == 2)
  }

  private final class Classifier: Model {
    let hidden = Dense(4, activation: .relu)
    let final = Dense(2)
    override func call(_ x: Expr) -> Expr {
      addLoss(mean(square(x)))
      return final(hidden(x))
    }
  }

  @Test func `a model of a subclass finds the layers and losses of its call`() throws {
    let model = Classifier()
    try model.build(for: [TensorType(.float32, ["batch", 3])])
    #expect(model.layers.count == 2)
    #expect(model.weights.count == 4)
    #expect(model.losses.count == 1)
    #expect(model.outputs[0].shape == ["batch", 2])
  }

  @Test func `models that are dropped are released`() throws {
    weak var dense: Layer?
    weak var model: Model?
    do {
      let layer = Dense(2)
      let made = Sequential([layer, Dense(3)])
      try made.build(for: [TensorType(.float32, ["batch", 3])])
      let other = Classifier()
      try other.build(for: [TensorType(.float32, ["batch", 3])])
      (dense, model) = (layer, other)
      #expect(dense != nil && model != nil)
    }
    #expect(dense == nil)
    #expect(model == nil)
  }

  @Test func `a long chain of layers is released on a small stack`() throws {
    let thread = Thread {
      var x = Expr.input("x", .float32, ["batch", 2])
      let activation = Activation(.relu)
      for _ in 0..<20_000 { x = activation(x) }
    }
    thread.stackSize = 512 << 10
    thread.start()
    while !thread.isFinished { Thread.sleep(forTimeInterval: 0.01) }
  }

  @Test
  func `weights of layers that are not trainable are left out, and batch normalization rests`()
    throws
  {
    let norm = BatchNormalization()
    let frozen = Dense(2)
    let model = Sequential([frozen, norm, Dense(1)])
    frozen.trainable = false
    norm.trainable = false
    try model.build(for: [TensorType(.float32, ["batch", 3])])
    #expect(model.trainableWeights.count == 2)
    #expect(model.nonTrainableWeights.count == 6)
    #expect(model.stateUpdates(training: true).isEmpty)
  }

  @Test func `a shared batch normalization moves its averages once for each call`() throws {
    let norm = BatchNormalization(momentum: 0.5)
    let (a, b) = (Input(shape: [1], name: "a"), Input(shape: [1], name: "b"))
    let model = Model(inputs: [a, b], outputs: norm(a) + norm(b))
    let updates = model.stateUpdates(training: true)
    #expect(updates.count == 2)
    let step = try compile(
      inputs: [a, b], outputs: model.outputs, updates: updates.map { ($0.variable, $0.becomes) },
      options: CompileOptions(training: true))
    _ = try step(Tensor([[Float(4)], [4]]), Tensor([[Float(8)], [8]]))
    // 0 → 0.5 · 0 + 0.5 · 4 = 2 → 0.5 · 2 + 0.5 · 8 = 5.
    #expect(try norm.weights[2].variable.value.item() == 5)
  }
}
