import Foundation
import GnomonLayers
import TestSupport
import Testing

@Suite(.seeded) struct SavingTests {
  private func temporary(_ name: String) -> String {
    FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString)-\(name)").path
  }

  /// A layer that a program without this class knows nothing of.
  private final class Cube: Layer {
    private var scale: Expr!
    override func build(inputShape: [Dim]) {
      scale = addWeight("scale", shape: [inputShape[1]], initializer: .randomUniform())
    }
    override func call(_ x: Expr) -> Expr { x * x * x * scale }
  }

  private func model() throws -> Model {
    let x = Input(shape: [4], name: "x")
    let y = Dropout(0.5, name: "drop")(BatchNormalization(name: "norm")(Cube(name: "cube")(x)))
    return Model(inputs: x, outputs: Dense(3, name: "out")(y + x), name: "mine")
  }

  @Test func `a model loads without the classes of its layers and predicts the same bits`() throws {
    let path = temporary("model.gnomon")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let original = try model()
    try original.save(to: path)
    let loaded = try Model.load(from: path)
    let data = Tensor.normal(.float32, [7, 4], seed: 3)
    let a = try compile(inputs: original.inputs, outputs: original.outputs)
    let b = try compile(inputs: loaded.inputs, outputs: loaded.outputs)
    #expect(try b(data).identical(to: try a(data)))
    #expect(loaded.weights.map(\.name) == original.weights.map(\.name))
    #expect(loaded.trainableWeights.map(\.name) == original.trainableWeights.map(\.name))
    #expect(loaded.stateUpdates(training: true).count == 3)
    #expect(loaded.summary() == original.summary())
  }

  @Test func `a loaded model trains and can be part of another model`() throws {
    let path = temporary("model.gnomon")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model().save(to: path)
    let loaded = try Model.load(from: path)
    let x = Input(shape: [4], name: "other")
    let whole = Model(inputs: x, outputs: Dense(1)(loaded(x)))
    try whole.validate()
    let loss = mean(square(whole.outputs[0]))
    let parameters = whole.trainableWeights.map(\.variable)
    #expect(parameters.count == 7)
    let derivatives = gradient(of: loss, withRespectTo: parameters)
    let step = try compile(
      inputs: [x], outputs: [loss],
      updates: zip(parameters, derivatives).map { ($0, $0 - 0.1 * $1) },
      options: CompileOptions(training: true))
    let data = Tensor.normal(.float32, [32, 4], seed: 3)
    let before = try step(data).item()
    for _ in 0..<20 { _ = try step(data) }
    #expect(try step(data).item() < before)
  }

  @Test func `weights are read by name, and nothing changes where one does not fit`() throws {
    let path = temporary("weights.safetensors")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let a = Sequential([Dense(3, inputShape: [2], name: "one"), Dense(1, name: "two")])
    let b = Sequential([Dense(3, inputShape: [2], name: "one"), Dense(1, name: "two")])
    try a.saveWeights(to: path)
    try b.loadWeights(from: path)
    for (x, y) in zip(a.weightValues, b.weightValues) { #expect(x.identical(to: y)) }
    let c = Sequential([Dense(3, inputShape: [2], name: "one"), Dense(2, name: "two")])
    let before = c.weightValues
    #expect(throws: GnomonError.self) { try c.loadWeights(from: path) }
    for (x, y) in zip(c.weightValues, before) { #expect(x.identical(to: y)) }
  }

  @Test func `a damaged file is refused wherever it is cut or changed`() throws {
    let path = temporary("model.gnomon")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Sequential([Dense(2, inputShape: [2], name: "d")], name: "m").save(to: path)
    let whole = try Data(contentsOf: URL(filePath: path))
    for count in Swift.stride(from: 0, to: whole.count, by: max(1, whole.count / 60)) {
      try whole.prefix(count).write(to: URL(filePath: path))
      #expect(throws: (any Error).self, "cut to \(count) bytes") { try Model.load(from: path) }
    }
    // Bytes changed at random may be harmless; they must not stop the program.
    let draws = Tensor.uniform(.float64, [60, 2], seed: 5).doubles
    for i in 0..<60 {
      var bytes = [UInt8](whole)
      bytes[Int(draws[2 * i] * Double(bytes.count))] = UInt8(draws[2 * i + 1] * 256)
      try Data(bytes).write(to: URL(filePath: path))
      _ = try? Model.load(from: path)
    }
  }

  @Test func `a file of a later version is refused with the reason`() throws {
    let path = temporary("model.gnomon")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Tensor.writeSafetensors(
      [], metadata: ["gnomon.model": "{\"format\":99}", "gnomon.graph": ""], to: path)
    let error = #expect(throws: TensorError.self) { try Model.load(from: path) }
    #expect("\(error!)".contains("later version"))
  }

  @Test func `a model saved here predicts the same bits in another process`() throws {
    let path = temporary("model.gnomon")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let original = try model()
    try original.compile(optimizer: .adam(), loss: .meanSquaredError)
    try original.fit(
      Tensor.normal(.float32, [64, 4], seed: 1), Tensor.normal(.float32, [64, 3], seed: 2),
      verbose: .silent)
    try original.save(to: path)
    let mine = try original.predict(Tensor.normal(.float32, [9, 4], seed: 11))
      .array(of: Float.self).map { String($0.bitPattern, radix: 16) }
    let other = try BuiltExecutable("save-stress").run(["predict", path])
    #expect(other.status == 0, "\(other.output)")
    #expect(other.output.split(whereSeparator: \.isWhitespace).map(String.init) == mine)
  }

  @Test func `a process that is killed while it saves loses no file`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "model.gnomon").path
    var random = SeededRandom(7)
    func unfinished() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".tmp") }
    }
    var halfway = 0
    for _ in 0..<25 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try BuiltExecutable("save-stress").path)
      process.arguments = ["save", path]
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      // Not before there is a file to lose, and then while the next one is being written.
      while process.isRunning, !FileManager.default.fileExists(atPath: path) { usleep(200) }
      while process.isRunning, try unfinished().isEmpty { usleep(100) }
      usleep(UInt32(random.below(2000)))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let left = try unfinished()
      if !left.isEmpty { halfway += 1 }
      for name in left { try FileManager.default.removeItem(at: folder.appending(path: name)) }
      // Whole, and all of one save.
      let weights = try Model.load(from: path).weightValues.flatMap(\.doubles)
      let value = try #require(weights.first)
      #expect(weights.count == 512 * 256 + 256 + 256 * 256 + 256)
      #expect(value >= 1 && weights.allSatisfy { $0 == value })
    }
    #expect(halfway > 0, "no kill fell within a save")
  }
}
