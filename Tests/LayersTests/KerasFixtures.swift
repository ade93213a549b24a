import Foundation
import GnomonLayers
import Testing

/// What Keras 3 made of the same operands: `scripts/make-training-fixtures.py` writes the file.
enum Keras {
  static let arrays: [String: Tensor] = {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Data/training.npz").path
    return (try? Tensor.readNPZDictionary(path)) ?? [:]
  }()

  static func array(_ name: String) throws -> Tensor {
    try #require(arrays[name], "no array \(name)")
  }

  /// Targets and predictions of a kind.
  static func operands(_ kind: String) throws -> (targets: Tensor, predictions: Tensor) {
    (try array("operands/\(kind)/t"), try array("operands/\(kind)/p"))
  }

  static func expect(
    _ found: Tensor, _ name: String, rtol: Double = 2e-5, atol: Double = 1e-6,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let wanted = try array(name)
    #expect(
      found.cast(to: .float64).allClose(wanted.cast(to: .float64), rtol: rtol, atol: atol),
      "\(name): \(found) in place of \(wanted)", sourceLocation: sourceLocation)
  }
}

/// A row of a table of tests, by the name it has in the file.
struct Named<Value: Sendable>: Sendable, CustomTestStringConvertible {
  let name: String
  let kind: String
  let value: Value
  var testDescription: String { name }

  init(_ name: String, _ kind: String = "", _ value: Value) {
    self.name = name
    self.kind = kind
    self.value = value
  }
}
