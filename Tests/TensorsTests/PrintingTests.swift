import Foundation
import GnomonTensors
import Testing

/// The folder of the committed test files.
let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

private struct PrintingCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var tensor: Tensor
  var plain: String
  var commas: String

  init(_ text: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let head = lines[0].split(separator: " ", omittingEmptySubsequences: false)
    let dtype = try #require(DType.allCases.first { $0.description == head[0] })
    let bits = try lines[1].split(separator: " ").map { try #require(UInt64($0, radix: 16)) }
    tensor = Tensor(uninitialized: dtype, Shape(head[1].split(separator: ",").map { Int($0) ?? 0 }))
    tensor.withUnsafeMutableBytes { bytes in
      for (i, value) in bits.enumerated() {
        for byte in 0..<dtype.byteCount {
          bytes[i * dtype.byteCount + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
        }
      }
    }
    let middle = try #require(lines.firstIndex(of: "--"))
    plain = lines[2..<middle].joined(separator: "\n")
    commas = lines[(middle + 1)...].joined(separator: "\n")
    testDescription = "\(lines[0]): \(plain.prefix(40))"
  }

  static let all: [PrintingCase] = {
    let text = try? String(contentsOf: fixtures.appending(path: "printing.txt"), encoding: .utf8)
    return text?.components(separatedBy: "\n==\n").filter { !$0.isEmpty }
      .compactMap { try? PrintingCase($0) } ?? []
  }()
}

@Suite struct PrintingTests {
  @Test func `the cases made with NumPy are there`() { #expect(PrintingCase.all.count > 60) }

  @Test(arguments: PrintingCase.all)
  private func `prints as NumPy does`(_ c: PrintingCase) {
    #expect(c.tensor.description == c.plain)
    #expect(c.tensor.debugDescription.hasPrefix("Tensor(" + c.commas + ", dtype: "))
  }

  @Test func `bfloat16 prints the digits it needs`() {
    let x = Tensor([0.1, 1 / 3.0, 3.14159, 256, -2], dtype: .bfloat16)
    #expect(x.description == "[ 1.00e-01  3.34e-01  3.14e+00  2.56e+02 -2.00e+00]")
    #expect(Tensor([0.1, 0.25], dtype: .bfloat16).description == "[0.1  0.25]")
  }

  @Test func `the debug description names dtype, and shape where it is hidden`() {
    #expect(Tensor([1, 2], dtype: .int32).debugDescription == "Tensor([1, 2], dtype: int32)")
    #expect(
      Tensor.zeros(.bool, [0, 3]).debugDescription == "Tensor([], dtype: bool, shape: [0, 3])")
    #expect(Tensor.zeros(.float32, [2000]).debugDescription.hasSuffix(", shape: [2000])"))
  }
}
