import Foundation
import Testing

@testable import GnomonLayers

@Suite(.serialized, .seeded) struct BackupTests {
  private struct Crash: Error {}

  /// Ends the program, as it were, after an epoch.
  private final class Crashing: Callback {
    private let epoch: Int
    init(after epoch: Int) { self.epoch = epoch }
    override func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
      if epoch == self.epoch { throw Crash() }
    }
  }

  /// The same program each time: layers, dropout, shuffling and Adam's state.
  private func train(_ callbacks: [Callback]) throws -> (weights: [Tensor], history: History) {
    try RandomSeeds.starting(at: 11) {
      let model = Sequential([
        Dense(8, activation: .tanh, inputShape: [2], name: "a"), Dropout(0.3, name: "drop"),
        BatchNormalization(name: "norm"), Dense(1, name: "b"),
      ])
      try model.compile(
        optimizer: .adam(learningRate: 0.05), loss: .meanSquaredError,
        options: CompileOptions(interpreted: true))
      let history = try model.fit(
        Tensor.normal(.float32, [40, 2], seed: 1), Tensor.normal(.float32, [40, 1], seed: 2),
        batchSize: 16, epochs: 5, verbose: .silent, callbacks: callbacks)
      return (model.weightValues, history)
    }
  }

  @Test func `training that was interrupted goes on to the same bits`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let whole = try train([])
    #expect(throws: Crash.self) {
      try train([BackupAndRestore(path), Crashing(after: 2)])
    }
    #expect(FileManager.default.fileExists(atPath: path))
    let restoring = BackupAndRestore(path)
    let rest = try train([restoring])
    #expect(restoring.restoredEpoch == 3)
    #expect(rest.history.epochs == [3, 4])
    for (a, b) in zip(whole.weights, rest.weights) { #expect(a.identical(to: b)) }
    #expect(rest.history["loss"] == Array(whole.history["loss"].suffix(2)))
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a file that holds no training is refused`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Tensor.writeSafetensors([("a", Tensor(1))], to: path)
    #expect(throws: TensorError.self) { try train([BackupAndRestore(path)]) }
  }

  // MARK: - Event files

  @Test func `the checksum is that of the standard`() {
    // The check value of CRC-32C, and one of RFC 3720.
    #expect(EventFile.crc32c(Array("123456789".utf8)) == 0xE306_9283)
    #expect(EventFile.crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
  }

  @Test func `event files hold the figures of every epoch`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let history = try train([TensorBoard(folder)]).history
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/train")
    #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents."))
    let file = try Data(contentsOf: URL(filePath: "\(folder)/train/\(names[0])"))
    let events = try records([UInt8](file))
    #expect(events.count == 6)
    #expect(events[0].suffix(13) == Array("brain.Event:2".utf8)[...])
    for (i, event) in events.dropFirst().enumerated() {
      // step, then summary { value { tag, simple_value } }
      #expect(Array(event[9...10]) == [0x10, UInt8(i)])
      let tag = Array("epoch_loss".utf8)
      #expect(Array(event[15..<(17 + tag.count)]) == [0x0A, UInt8(tag.count)] + tag)
      let loss = Float(history["loss"][i])
      #expect(Array(event.suffix(5)) == [0x15] + EventFile.littleEndian(loss.bitPattern))
    }
  }

  /// The records of a file, their checksums compared.
  private func records(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var (found, at) = ([[UInt8]](), 0)
    while at < bytes.count {
      let length = bytes[at..<(at + 8)].reversed().reduce(0) { $0 << 8 | Int($1) }
      let head = Array(bytes[at..<(at + 8)])
      #expect(
        Array(bytes[(at + 8)..<(at + 12)]) == EventFile.littleEndian(EventFile.checksum(head)))
      let event = Array(bytes[(at + 12)..<(at + 12 + length)])
      let end = at + 12 + length
      #expect(Array(bytes[end..<(end + 4)]) == EventFile.littleEndian(EventFile.checksum(event)))
      found.append(event)
      at = end + 4
    }
    return found
  }
}
