import Foundation
import GnomonLayers
import Testing

@testable import GnomonLayers

@Suite(.serialized, .seeded) struct CallbackTests {
  private let x = Tensor([[1], [2], [3], [4]] as [[Float]])
  private let y = Tensor([[2], [4], [6], [8]] as [[Float]])

  private func line(_ optimizer: Optimizer = .sgd(learningRate: 0.01)) throws -> Sequential {
    let model = Sequential([
      Dense(1, useBias: false, kernelInitializer: .ones, inputShape: [1], name: "line")
    ])
    try model.compile(
      optimizer: optimizer, loss: "mse",
      options: CompileOptions(interpreted: true))
    return model
  }

  @Test func `early stopping ends training and restores the best weights`() throws {
    // A rate so large that the loss grows from the first step on.
    let model = try line(.sgd(learningRate: 1))
    let stopping = EarlyStopping(monitor: "loss", patience: 2, restoresBestWeights: true)
    let history = try model.fit(x, y, batchSize: 4, epochs: 20, verbose: 0, callbacks: [stopping])
    #expect(history.epochs == [0, 1, 2])
    #expect(stopping.stoppedEpoch == 2)
    #expect(stopping.bestEpoch == 0)
  }

  @Test func `a plateau lowers the rate`() throws {
    let model = try line(.sgd(learningRate: 1))
    let plateau = ReduceLROnPlateau(
      monitor: "loss", factor: 0.1, patience: 1, minimumRate: 0.05)
    let history = try model.fit(x, y, batchSize: 4, epochs: 4, verbose: 0, callbacks: [plateau])
    #expect(
      history["learning_rate"].map { ($0 * 1000).rounded() }
        == [1000, 1000, 100, 50].map(Double.init))
  }

  @Test func `a schedule of epochs sets the rate`() throws {
    let model = try line()
    let schedule = LearningRateScheduler { epoch, rate in epoch == 0 ? 0.5 : rate / 2 }
    let history = try model.fit(x, y, epochs: 3, verbose: 0, callbacks: [schedule])
    #expect(history["learning_rate"] == [0.5, 0.25, 0.125])
  }

  @Test func `a loss that is not a number ends training`() throws {
    let model = try line(.sgd(learningRate: 1e30))
    let guardian = TerminateOnNaN()
    let history = try model.fit(x, y, batchSize: 1, epochs: 9, verbose: 0, callbacks: [guardian])
    #expect(guardian.stoppedBatch != nil)
    #expect(history.epochs.count == 1)
  }

  @Test func `figures are written to a file, a line an epoch`() throws {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "gnomon-\(UUID().uuidString).csv").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try line(.sgd(learningRate: 0))
    try model.fit(x, y, epochs: 2, verbose: 0, callbacks: [CSVLogger(path)])
    try model.fit(
      x, y, epochs: 3, verbose: 0, callbacks: [CSVLogger(path, appends: true)], initialEpoch: 2)
    let table = try CSVFile(contentsOf: path)
    #expect(table.header == ["epoch", "loss"])
    #expect(try table.tensor().doubles == [0, 7.5, 1, 7.5, 2, 7.5])
  }

  @Test func `a checkpoint is written when the figure is better, under a name made of the figures`()
    throws
  {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "gnomon-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let model = try line(.sgd(learningRate: 1))
    let path = folder.appending(path: "w-{epoch:02d}-{loss:.1f}.npz").path
    try model.fit(
      x, y, batchSize: 4, epochs: 3, verbose: 0,
      callbacks: [ModelCheckpoint(path, monitor: "loss", savesBestOnly: true)])
    // The loss grows from the first epoch on.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["w-01-7.5.npz"])
    let kept = try Tensor.readNPZDictionary(folder.appending(path: "w-01-7.5.npz").path)
    #expect(kept.keys.sorted() == ["line/kernel"])
  }

  @Test func `closures are told of epochs and batches`() throws {
    let model = try line()
    var told: [String] = []
    let lambda = LambdaCallback(
      onEpochBegin: { told.append("begin \($0)") },
      onEpochEnd: { epoch, logs in told.append("end \(epoch) \(logs.names)") },
      onTrainBatchEnd: { batch, logs in told.append("batch \(batch) \(try logs().names)") })
    try model.fit(x, y, batchSize: 2, verbose: 0, callbacks: [lambda])
    #expect(
      told == ["begin 0", "batch 0 [\"loss\"]", "batch 1 [\"loss\"]", "end 0 [\"loss\"]"])
  }

  @Test func `averages are evaluated, and the weights trained on`() throws {
    func losses(_ callbacks: [Callback]) throws -> (validation: Double, averages: Double) {
      let model = try line(.sgd(learningRate: 0.01).averaging(momentum: 0.5))
      let history = try model.fit(
        x, y, batchSize: 4, epochs: 3, verbose: 0, callbacks: callbacks, validationData: (x, y))
      // The averages are the weights now.
      let after = try #require(try model.evaluate(x, y, verbose: 0)["loss"])
      return (history["val_loss"][2], after)
    }
    let (swapped, averages) = try losses([SwapEMAWeights()])
    #expect(abs(swapped - averages) < 1e-6)
    let (plain, same) = try losses([])
    #expect(abs(same - averages) < 1e-6)
    #expect(abs(plain - averages) > 0.01)
  }

  @Test func `averages take the weights' place when training ends`() throws {
    let model = try line(.sgd(learningRate: 0.01).averaging(momentum: 0.5))
    try model.fit(x, y, epochs: 2, verbose: 0)
    let average = try #require(
      model.optimizer?.variables.first { $0.name?.hasSuffix("average") == true })
    #expect(model.weightValues[0].identical(to: average.value))
  }

  // MARK: - What is printed

  @Test func `the bar shows steps, time and figures`() throws {
    var text = ""
    var clock = 0.0
    let bar = ProgressBar(.bar, write: { text += $0 }, now: { clock })
    bar.parameters = Callback.Parameters(epochs: 2, steps: 4, verbosity: .bar)
    bar.onTrainBegin()
    bar.onEpochBegin(0)
    for i in 0..<4 {
      clock += 2
      try bar.onTrainBatchEnd(i) { Logs([("loss", Tensor(0.5)), ("accuracy", Tensor(0.25))]) }
    }
    bar.onEpochEnd(0, Logs([("loss", Tensor(0.5)), ("val_loss", Tensor(0.00012))]))
    let frames = text.split(separator: "\r").map(String.init)
    #expect(frames[0] == "Epoch 1/2\n")
    #expect(
      frames[1]
        == "1/4 ━━━━━───────────────  6s 2s/step - accuracy: 0.2500 - loss: 0.5000"
        .replacingOccurrences(of: "  ", with: " "))
    #expect(
      frames[4].hasPrefix(
        "4/4 ━━━━━━━━━━━━━━━━━━━━ 8s 2s/step - loss: 0.5000 - val_loss: 1.2000e-04"))
    #expect(text.hasSuffix("\n"))
  }

  @Test func `without a terminal an epoch is a line`() throws {
    var text = ""
    let bar = ProgressBar(.line, write: { text += $0 }, now: { 0 })
    bar.parameters = Callback.Parameters(epochs: 1, steps: 1, verbosity: .line)
    bar.onTrainBegin()
    bar.onEpochBegin(0)
    try bar.onTrainBatchEnd(0) { Logs() }
    bar.onEpochEnd(0, Logs([("loss", Tensor(0.5))]))
    #expect(text == "1/1 - 0s - 0s/step - loss: 0.5000\n")
  }
}

@Suite(.seeded) struct CurvesTests {
  private func history() -> History {
    let history = History()
    history.onTrainBegin()
    for epoch in 0..<5 {
      let loss = 1 / Double(epoch + 1)
      history.onEpochEnd(
        epoch,
        Logs([("loss", Tensor(loss)), ("val_loss", Tensor(loss + 0.1)), ("a<b", Tensor(1.0))]))
    }
    return history
  }

  @Test func `curves have a chart for each figure, with the validation in it`() {
    let svg = history().svg
    #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"240\""))
    #expect(svg.contains(">loss</text>") && svg.contains(">val_loss</text>"))
    #expect(svg.contains(">a&lt;b</text>"))
    // The training begins at the left edge, at eight ninths of the range.
    #expect(svg.contains("points=\"64.0,48.0 "))
    #expect(svg.hasSuffix("</svg>\n"))
  }

  @Test func `a PNG has its signature, header, and pixels of the right number`() throws {
    let png = Curves(history()).drawing.png
    #expect(Array(png[..<8]) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    #expect(Array(png[12..<16]) == Array("IHDR".utf8))
    #expect(Array(png[16..<24]) == [0, 0, 2, 0xD0, 0, 0, 0, 0xF0])
    #expect(Array(png.suffix(8).prefix(4)) == Array("IEND".utf8))
  }

  @Test func `the file is there after each epoch`() throws {
    for name in ["svg", "png"] {
      let path = FileManager.default.temporaryDirectory
        .appending(path: "gnomon-\(UUID().uuidString).\(name)").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      let curves = TrainingCurves(path)
      curves.onTrainBegin()
      try curves.onEpochEnd(0, Logs([("loss", Tensor(1.0))]))
      #expect(FileManager.default.fileExists(atPath: path))
    }
    #expect(throws: TensorError.self) {
      try TrainingCurves("/no/such/folder/x.svg").onEpochEnd(0, Logs())
    }
  }
}
