internal import Foundation
internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// The text form of graphs: the files in `Faulty`, read as `gnomon verify` reads them.

let textCases: [Case] = [
  "syntax", "truncated", "unknown-operation", "unknown-value", "refused-operands", "wrong-type",
].map { name in
  Case("ir/\(name)") { () throws -> [Expr] in
    let file = "Tests/DiagnosticCases/Faulty/\(name).ir"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    _ = try Graph(parsing: text, operations: operationTable, file: file)
    return []
  }
}
