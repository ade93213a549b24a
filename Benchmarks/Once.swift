import Foundation
import Gnomon

/// Runs in a fresh process: a workload from its inputs to its first result.
enum Once {
  /// The workloads whose compile time is measured.
  static let cold = [
    "mlp": "mlp_train_b128", "cnn": "cnn_train_b128", "lstm": "lstm_train",
    "chain": "chain_of_50000",
  ]

  static func run(_ name: String, _ workload: Workload) throws {
    let start = now()
    let result: Tensor
    switch workload.prepare() {
    case .call(let call): result = try call.build().outputs(call.arguments)[0]
    case .training(let training):
      result = try training.build().step.outputs(training.arguments)[0]
    }
    let first = result.doubles[0]
    var record = Record(name)
    record.set("median_s", now() - start)
    record.set("reps", 1)
    if let launch = ProcessInfo.processInfo.environment["BENCH_T0"].flatMap(Double.init) {
      record.set("process_s", Date().timeIntervalSince1970 - launch)
    }
    record.set("maxrss_mib", peakMemory(.own))
    record.set("maxrss_children_mib", peakMemory(.children))
    record.check([first])
    say(record.json)
  }

  private enum Whose: CInt {
    case own = 0
    case children = -1
  }

  /// The most memory resident at once, in MiB.
  private static func peakMemory(_ whose: Whose) -> Double {
    var usage = rusage()
    getrusage(whose.rawValue, &usage)
    #if canImport(Darwin)
      return Double(usage.ru_maxrss) / 1_048_576
    #else
      return Double(usage.ru_maxrss) / 1024
    #endif
  }
}

extension [Workload] {
  func named(_ name: String) throws -> Workload {
    guard let found = first(where: { $0.name == name }) else {
      throw BenchmarkError("there is no workload \(name)")
    }
    return found
  }
}
