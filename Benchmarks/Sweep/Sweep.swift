import Gnomon

/// How cost grows with size: the same computation over many sizes, and what a unit of its work costs.
struct Sweep {
  /// One computation over its sizes, from small to large.
  struct Family: Sendable {
    let name: String
    /// What the cost is of: "an element", say.
    let unit: String
    let sizes: [Size]

    init<Value>(
      _ name: String, unit: String, _ values: [Value], size: (Value) -> Size
    ) {
      self.name = name
      self.unit = unit
      sizes = values.map(size)
    }
  }

  struct Size: Sendable {
    let label: String
    /// The units of work in a call.
    let units: Double
    let workload: Workload

    init(
      _ label: String, units: Double, _ arguments: [Shape],
      _ body: @escaping @Sendable ([Expr]) -> Expr
    ) {
      self.label = label
      self.units = units
      workload = .call(
        label, arguments.map { Hashed.repeated($0) }, check: { _ in [] }, { [body($0)] })
    }
  }

  /// A size that costs this much more than both its neighbours is a cliff.
  static let cliff = 1.5

  private let bench: Bench
  private let families: [Family]
  private let limit: Double
  private let file: String?

  init(_ arguments: Arguments) throws {
    bench = Bench(budget: arguments.budget ?? 0.1)
    families = try allFamilies.filter { try arguments.selects($0.name) }
    limit = arguments.limit
    file = arguments.report
  }

  /// Prints a table for each family, and writes them all as Markdown where a file was asked for.
  func run() throws {
    // No family may use up the time of those behind it; what one leaves over they share.
    let end = now() + limit
    var markdown = ["# How cost grows"]
    for (index, family) in families.enumerated() {
      let share = (end - now()) / Double(families.count - index)
      let (table, remarks) = run(family, until: now() + share)
      markdown += ["## \(family.name)", table.markdown]
      if !remarks.isEmpty { markdown.append(remarks.joined(separator: "\n")) }
    }
    if let file { try write(markdown.joined(separator: "\n\n") + "\n", to: file) }
  }

  private func run(_ family: Family, until end: Double) -> (Table, remarks: [String]) {
    var table = Table([(family.name, 24), ("median", 10), ("for \(family.unit)", 26)])
    say("\n" + table.header)
    var costs: [(label: String, cost: Double)] = []
    var (remarks, skipped): ([String], [String]) = ([], [])
    for size in family.sizes {
      if now() > end {
        skipped.append(size.label)
        continue
      }
      do {
        let median = try bench.measure(size.workload).times.median
        costs.append((size.label, median / size.units))
        say(
          table.add([size.label, Shown.seconds(median), Shown.seconds(median / size.units)]))
      } catch {
        remarks.append("- \(size.label): \(error)")
      }
    }
    remarks += Sweep.cliffs(costs)
    if !skipped.isEmpty {
      remarks.append("- not measured for lack of time: \(skipped.joined(separator: ", "))")
    }
    for remark in remarks { say(remark) }
    return (table, remarks)
  }

  /// A remark for each size that costs too much more than both its neighbours.
  static func cliffs(_ costs: [(label: String, cost: Double)]) -> [String] {
    costs.indices.dropFirst().dropLast().compactMap { i in
      let excess = costs[i].cost / Swift.max(costs[i - 1].cost, costs[i + 1].cost)
      return excess > cliff
        ? "- CLIFF at \(costs[i].label): \(Shown.percent(excess)) of its dearer neighbour" : nil
    }
  }
}
