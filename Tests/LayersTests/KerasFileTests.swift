import Foundation
import GnomonLayers
import GoldenFiles
import Testing

/// Files that Keras 3 wrote: `scripts/make-keras-files.py` makes them.
@Suite(.seeded) struct KerasFileTests {
  private static let folder = GoldenFile.root.appending(path: "Tests/LayersTests/Data/keras").path

  /// The same models, written with ours.
  static let models: [Named<@Sendable () -> Model>] = [
    Named("cnn") {
      Sequential([
        Conv2D(3, kernelSize: 3, padding: .same, activation: .relu, inputShape: [8, 8, 2]),
        BatchNormalization(), MaxPooling2D(poolSize: 2),
        DepthwiseConv2D(kernelSize: 3, padding: .same),
        Conv2DTranspose(2, kernelSize: 2, strides: 2), Dropout(0.25), Flatten(),
        Dense(5, activation: .tanh, useBias: false), LeakyReLU(negativeSlope: 0.1),
        Dense(3, activation: .softmax),
      ])
    },
    Named("sequences") {
      let words = Input(shape: [6], dtype: .int32)
      let extra = Input(shape: [6, 3])
      let x = Embedding(11, 4, maskZero: true)(words)
      let y = Bidirectional(LSTM(3, returnSequences: true))(x)
      let z = GRU(2, resetAfter: false, returnSequences: true)(extra)
      let both = Concatenate()(y, z)
      let a: Expr = MultiHeadAttention(heads: 2, keySize: 3)(both, both)
      let n = LayerNormalization(epsilon: 1e-5)(Add()(a, both))
      let shared = TimeDistributed(Dense(2, activation: .gelu))
      let s = RNN(StackedRNNCells([LSTMCell(3), SimpleRNNCell(2)]))(shared(n))
      let p = GlobalMaxPooling1D()(shared(n))
      return Model(
        inputs: [words, extra], outputs: [Dense(1, activation: .sigmoid)(s), p])
    },
    Named("nested") {
      let tower = Sequential([
        Dense(3, activation: .relu, inputShape: [4]), UnitNormalization(), Dense(2),
      ])
      let (a, b) = (Input(shape: [4]), Input(shape: [4]))
      return Model(inputs: [a, b], outputs: Dot(axes: 1)(tower(a), tower(b)))
    },
  ]

  private func expectSamples(_ model: Model, _ name: String) throws {
    let samples = try Tensor.readNPZDictionary("\(Self.folder)/samples.npz")
    let inputs = (0..<2).compactMap { samples["\(name)/x\($0)"] }
    let outputs = try model.predict(inputs)
    #expect(outputs.count == (0..<2).compactMap { samples["\(name)/y\($0)"] }.count)
    for (i, y) in outputs.enumerated() {
      let wanted = try #require(samples["\(name)/y\(i)"])
      #expect(y.allClose(wanted, rtol: 1e-4, atol: 1e-5), "\(name) \(i): \(y) is not \(wanted)")
    }
  }

  @Test(arguments: models, ["weights.h5", "keras"])
  func `weights of a file of Keras' go to the layers they belong to`(
    _ row: Named<@Sendable () -> Model>, _ suffix: String
  ) throws {
    let model = row.value()
    try model.loadWeights(from: "\(Self.folder)/\(row.name).\(suffix)")
    try expectSamples(model, row.name)
  }

  @Test(arguments: ["cnn", "sequences", "nested"])
  func `a whole model of Keras' says what it said there, and is saved and loaded as ours`(
    _ name: String
  ) throws {
    let model = try Model.load(from: "\(Self.folder)/\(name).keras")
    try expectSamples(model, name)
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.save(to: path)
    try expectSamples(try Model.load(from: path), name)
  }

  @Test func `a penalty on a weight comes with the model`() throws {
    let model = try Model.load(from: "\(Self.folder)/cnn.keras")
    #expect(model.regularizationLosses.count == 1)
    #expect(model.trainableWeights.first?.regularizer as? L1L2 == L1L2(l2: 0.01))
  }

  @Test func `a model of other layers is refused and left as it is`() throws {
    let model = Sequential([
      Conv2D(3, kernelSize: 3, inputShape: [8, 8, 2]), Flatten(), Dense(4), Dense(3),
    ])
    let before = model.weightValues
    let error = #expect(throws: GnomonError.self) {
      try model.loadWeights(from: "\(Self.folder)/cnn.weights.h5")
    }
    #expect(error?.diagnostics.map(\.code) == [.weightValues])
    for (a, b) in zip(before, model.weightValues) { #expect(a.identical(to: b)) }
  }

  @Test func `a damaged file is refused wherever it is cut or changed`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let whole = try Data(contentsOf: URL(filePath: "\(Self.folder)/nested.weights.h5"))
    #expect(try Tensor.readHDF5("\(Self.folder)/nested.weights.h5").count == 6)
    var refused = 0
    for count in stride(from: 0, to: whole.count, by: 397) {
      try whole.prefix(count).write(to: URL(filePath: path))
      do { _ = try Tensor.readHDF5(path) } catch { refused += 1 }
    }
    // The elements lie at the end: a cut there leaves less.
    #expect(refused >= whole.count / 397 - 4)
    // Bytes changed at random may be harmless; they must not stop the program.
    var random = [UInt8](whole)
    let draws = Tensor.uniform(.float64, [300, 2], seed: 5).doubles
    for i in 0..<300 {
      random = [UInt8](whole)
      for k in 0..<4 {
        random[Int(draws[2 * ((i + 71 * k) % 300)] * Double(random.count))] = UInt8(
          draws[2 * i + 1] * 256)
      }
      try Data(random).write(to: URL(filePath: path))
      _ = try? Tensor.readHDF5(path)
    }
  }

  // MARK: - Configurations

  /// Of other layers the configuration says less than they are: what holds layers is written by its model,
  /// statistics are no settings.
  private static let others = [
    "global_average_pooling1d_masked", "lstm_masked", "gru_masked",
    "bidirectional_sum_masked", "bidirectional_sequences_masked", "bidirectional_states_masked",
    "bidirectional_other_masked", "lstm_zeros_masked", "gru_last_zeros_masked",
    "gru_backwards_masked", "lstm_initial_masked",
  ]

  @Test(arguments: LayerCases.all.filter { !others.contains($0.name) })
  func `a layer is made again from its configuration`(_ row: LayerCase) throws {
    let layer = row.make()
    let copy = try Layer.make(from: layer.configuration)
    #expect(type(of: copy) == type(of: layer))
    #expect(copy.configuration == layer.configuration)
    let text = try JSONEncoder().encode(layer.configuration)
    let read = try JSONDecoder().decode(Configuration.self, from: text)
    #expect(try Layer.make(from: read).configuration == layer.configuration)
  }

  @Test func `what no layer is called is refused with the nearest name`() throws {
    let error = #expect(throws: GnomonError.self) {
      try Layer.make(from: .map(["type": .text("Dence"), "units": .int(3)]))
    }
    #expect("\(error!)".contains("Dense"))
  }
}
