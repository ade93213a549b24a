import Foundation
import Gnomon

/// One line of output: a workload, its times and its check.
struct Record {
  let workload: String
  private(set) var fields: [(String, String)] = []

  init(_ workload: String) {
    self.workload = workload
    fields = [("peer", Record.quoted("gnomon")), ("workload", Record.quoted(workload))]
  }

  mutating func set(_ name: String, _ value: Double) { fields.append((name, "\(value)")) }
  mutating func set(_ name: String, _ value: Int) { fields.append((name, "\(value)")) }
  mutating func set(_ name: String, _ text: String) { fields.append((name, Record.quoted(text))) }

  /// The check's numbers, to seven digits.
  mutating func check(_ values: [Double]) {
    let text = values.map { v in
      v.isFinite
        ? String(format: "%.7g", v) : v.isNaN ? "NaN" : v < 0 ? "-Infinity" : "Infinity"
    }
    fields.append(("check", "[\(text.joined(separator: ", "))]"))
  }

  func emit() {
    let body = fields.map { "\(Record.quoted($0)): \($1)" }.joined(separator: ", ")
    FileHandle.standardOutput.write(Data("{\(body)}\n".utf8))
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20: result += String(format: "\\u%04x", scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
