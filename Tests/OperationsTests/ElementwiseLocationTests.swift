import Foundation
import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ElementwiseLocationTests {
  @Test
  func `mistakes in subscripts, operators and derived functions are placed at the user's line`()
    throws
  {
    let x = Expr.input("x", .float32, [3, 4])
    let i = Expr.input("i", .int32, [3])
    let cases: [(Expr, Int)] = [
      (x[9, .all], #line), (x[.all, 1..<9], #line), (0.5 * x[0] + x[.all, 0], #line),
      (gelu(i), #line), (logSumExp(x, axes: 4), #line), (select(x .> i, x, 0), #line),
    ]
    for (e, line) in cases {
      let position = try diagnostic(of: e).location.resolved()
      #expect(position?.line == line)
      #expect(position?.file.hasSuffix("ElementwiseLocationTests.swift") == true)
    }
  }

  @Test func `what a derived function makes carries its name`() throws {
    let x = Expr.input("x", .float32, [3])
    #expect(gelu(x).node.location.scope?.path == ["gelu"])
    #expect(standardDeviation(x).node.location.scope?.path.first == "standardDeviation")
  }

  @Test func `every op declared in the folder is in the table`() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Operations")
    let files = try #require(
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    let known = Set(operationTable.map { $0.mnemonic })
    var found = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /static let mnemonic = "(\w+)"/) {
        found += 1
        #expect(known.contains(String(match.1)), "\(file.lastPathComponent): \(match.1)")
      }
    }
    #expect(found > 50)
  }
}
