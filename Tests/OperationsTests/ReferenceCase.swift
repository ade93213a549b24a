import Foundation
import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// One line of `Fixtures/reference.json`, which `scripts/reference_values.py` writes.
struct ReferenceCase: Decodable, Sendable, CustomTestStringConvertible {
  let op: String
  let attributes: [String: [Int]]
  let operands: [String]
  let result: String
  /// How many units in the last place the result may be off; 0 means bit for bit, NaN payloads aside.
  let ulp: Double

  enum CodingKeys: String, CodingKey {
    case op, attributes = "a", operands = "x", result = "y", ulp = "u"
  }

  var testDescription: String {
    "\(op) \(attributes) of \(operands.map { $0.prefix { $0 != "|" } }.joined(separator: ", "))"
  }

  func first(_ name: String) throws -> Int { try #require(attributes[name]?.first) }
  func all(_ name: String) throws -> [Int] { try #require(attributes[name]) }
  func dtype(_ name: String = "dtype") throws -> DType { DType.allCases[try first(name)] }

  /// All cases, by op.
  static let byOp: [String: [ReferenceCase]] = {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/reference.json")
    guard let data = try? Data(contentsOf: path),
      let all = try? JSONDecoder().decode([ReferenceCase].self, from: data)
    else { return [:] }
    return Dictionary(grouping: all, by: \.op)
  }()

  /// A tensor from `dtype|sizes|bits`.
  static func tensor(_ text: String) throws -> Tensor {
    let parts = text.split(separator: "|", omittingEmptySubsequences: false)
    let dtype = try #require(DType.allCases.first { $0.description == parts[0] })
    let shape = parts[1].split(separator: ",").map { Int($0)! }
    let width = 2 * dtype.byteCount
    let digits = Array(parts[2].utf8)
    let bits = stride(from: 0, to: digits.count, by: width).map { i in
      UInt64(String(decoding: digits[i..<(i + width)], as: UTF8.self), radix: 16)!
    }
    return Tensor(dtype: dtype, shape: Shape(shape), bits: bits)
  }

  /// Runs the op in the interpreter and compares.
  func check(_ build: (_ x: [Expr], _ c: ReferenceCase) throws -> Expr) throws {
    let tensors = try operands.map(Self.tensor)
    let inputs = tensors.enumerated().map { i, t in
      Expr.input("x\(i)", t.dtype, t.shape.map { Dim($0) })
    }
    let found = try Reference.run(try build(inputs, self), Array(zip(inputs, tensors)))
    let expected = try Self.tensor(result)
    try #require(found.dtype == expected.dtype && found.shape == expected.shape)
    if ulp > 0 || !found.dtype.isFloat {
      let distance = found.ulpDistance(to: expected)
      #expect(distance <= ulp, "\(found.doubles)\nNumPy: \(expected.doubles)")
      return
    }
    let same = zip(zip(found.bits, expected.bits), zip(found.doubles, expected.doubles))
      .allSatisfy { bits, values in bits.0 == bits.1 || (values.0.isNaN && values.1.isNaN) }
    #expect(same, "\(found.doubles)\nNumPy: \(expected.doubles)")
  }
}
