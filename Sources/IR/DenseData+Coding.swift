internal import Foundation
internal import GnomonTensors

extension DenseData {
  private enum Key: CodingKey { case dtype, shape, base64 }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let name = try container.decode(String.self, forKey: .dtype)
    let shape = try container.decode([Int].self, forKey: .shape)
    let text = try container.decode(String.self, forKey: .base64)
    guard let dtype = DType(irName: name), let bytes = Foundation.Data(base64Encoded: text) else {
      throw DecodingError.dataCorruptedError(
        forKey: .base64, in: container, debugDescription: "a dense constant needs dtype and base64")
    }
    var count = dtype.byteCount
    for size in shape {
      let (p, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { count = -1; break }
      count = p
    }
    guard count == bytes.count, shape.count <= Graph.rankLimit else {
      throw DecodingError.dataCorruptedError(
        forKey: .shape, in: container,
        debugDescription: "\(bytes.count) bytes do not fill \(dtype.irName)\(shape)")
    }
    guard dtype != .bool || bytes.allSatisfy({ $0 <= 1 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .base64, in: container, debugDescription: "a bool is a byte 0 or 1")
    }
    var tensor = Tensor(uninitialized: dtype, Shape(shape))
    tensor.withUnsafeMutableBytes { target in _ = bytes.copyBytes(to: target) }
    self.init(tensor)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(tensor.dtype.irName, forKey: .dtype)
    try container.encode(Array(tensor.shape), forKey: .shape)
    let text = tensor.withUnsafeBytes { Foundation.Data($0).base64EncodedString() }
    try container.encode(text, forKey: .base64)
  }
}
