import Foundation

extension MachineLimits: CustomStringConvertible {
  private var machine: String {
    let known = Memory.allCases.compactMap { level in
      caches[level].map { "\(level.rawValue) \(Shown.bytes($0))" }
    }
    return ([cpu] + known).joined(separator: ", ")
  }

  private var emptyTable: Table {
    let titles = rates.map { $0.threads == 1 ? "1 thread" : "\($0.threads) threads" }
    return Table([("limit", 24)] + titles.map { ($0, 16) })
  }

  /// A row for each limit, a column for each number of threads.
  private var table: Table {
    var table = emptyTable
    func add(_ name: String, _ unit: String, _ rate: (Rates) -> Double?) {
      let cells = rates.map { rate($0).map { Shown.billions($0, unit) } ?? "-" }
      _ = table.add([name] + cells)
    }
    add("float32 multiply-add", "Gflop/s") { $0.flops }
    add("exp", "G/s") { $0.exponentials }
    for memory in Memory.allCases where ours.bandwidth[memory] != nil {
      add("bandwidth of \(memory.rawValue)", "GB/s") { $0.bandwidth[memory] }
    }
    return table
  }

  var description: String {
    var table = emptyTable
    let lines = self.table.rows.map { table.add($0) }
    return ([machine, compiler, "", table.header] + lines).joined(separator: "\n")
  }

  var markdown: String { "\(machine); \(compiler)\n\n\(table.markdown)" }

  var json: String {
    let each = rates.map { r in
      let bandwidth = Memory.allCases.compactMap { m in
        r.bandwidth[m].map { "\"\(m.rawValue)\": \($0)" }
      }
      return """
        {"threads": \(r.threads), "flops": \(r.flops), "exp": \(r.exponentials), \
        "bytes": {\(bandwidth.joined(separator: ", "))}}
        """
    }
    return """
      {"cpu": \(Record.quoted(cpu)), "compiler": \(Record.quoted(compiler)), \
      "limits": [\(each.joined(separator: ", "))]}
      """
  }
}
