import Foundation

/// What a run found, beside the machine's limits: a table as it goes, and files at the end.
struct Report {
  private let limits: MachineLimits
  private var table = Table([
    ("workload", 24), ("median", 10), ("least", 10), ("compile", 10), ("floor", 10),
    ("of limit", 8), ("limited by", 10),
  ])
  private var records: [Record] = []
  private var failures: [String] = []

  init(_ limits: MachineLimits) { self.limits = limits }

  /// The machine and the head of the table.
  var opening: String { ([limits.description, "", table.header]).joined(separator: "\n") }

  /// Keeps what was measured, and returns the table's line.
  mutating func add(_ name: String, _ measured: Measurement) -> String {
    let floor = Floor(measured.work, limits)
    records.append(Record(name, measured, floor))
    return table.add([
      name, Shown.seconds(measured.times.median), Shown.seconds(measured.times.least),
      Shown.seconds(measured.compile), Shown.seconds(floor.seconds),
      Shown.percent(floor.seconds / measured.times.median), floor.bound,
    ])
  }

  mutating func add(_ name: String, failed error: any Error) -> String {
    records.append(Record(name, failed: error))
    failures.append("- \(name): \(error)")
    return "\(name): \(error)"
  }

  var markdown: String {
    var parts = ["# Benchmarks", limits.markdown, "## Workloads", table.markdown]
    if !failures.isEmpty { parts += ["## Failures", failures.joined(separator: "\n")] }
    parts.append("docs/performance.md explains the columns.")
    return parts.joined(separator: "\n\n") + "\n"
  }

  var json: String {
    let rows = records.map { "    " + $0.json }.joined(separator: ",\n")
    return "{\n  \"machine\": \(limits.json),\n  \"rows\": [\n\(rows)\n  ]\n}\n"
  }
}

/// Prints a line at once, to a pipe too.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

/// Writes a text, and makes the folder that it is to be in.
func write(_ text: String, to path: String) throws {
  let file = URL(fileURLWithPath: path)
  try FileManager.default.createDirectory(
    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
  try Data(text.utf8).write(to: file)
}
