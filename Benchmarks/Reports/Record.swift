import Foundation
import Gnomon

/// One line of JSON: a workload, its times and its check, as every peer prints it.
struct Record {
  let workload: String
  private var fields: [(String, String)] = []

  init(_ workload: String) {
    self.workload = workload
    fields = [("peer", Record.quoted("gnomon")), ("workload", Record.quoted(workload))]
  }

  init(_ workload: String, _ measured: Measurement, _ floor: Floor?) {
    self.init(workload)
    set("compile_s", measured.compile)
    check(measured.check)
    set("median_s", measured.times.median)
    set("min_s", measured.times.least)
    set("p90_s", measured.times.ninetieth)
    set("reps", measured.times.repetitions)
    set("inner", measured.times.group)
    set("flops", measured.work.flops)
    set("bytes", measured.work.bytes)
    if let floor {
      set("floor_s", floor.seconds)
      set("fraction", floor.seconds / measured.times.median)
      set("bound", floor.bound)
    }
  }

  init(_ workload: String, failed error: any Error) {
    self.init(workload)
    set("error", String("\(error)".prefix(600)))
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

  var json: String {
    "{" + fields.map { "\(Record.quoted($0)): \($1)" }.joined(separator: ", ") + "}"
  }

  static func quoted(_ text: String) -> String {
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
