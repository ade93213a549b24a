// Measures workloads, most of which other libraries run too; `gnomon-bench --help` lists the ways.
import Foundation
import Gnomon

let environment = ProcessInfo.processInfo.environment
if let threads = environment["BENCH_THREADS"] { setenv("GNOMON_THREADS", threads, 1) }
if let cache = environment["BENCH_CACHE_DIR"] { setenv("GNOMON_CACHE_DIR", cache, 1) }

let workloads =
  elementwise + rows + pairs + products + logisticRegression + mlp + cnn + lstm + linkPrediction
  + transformer + scans + secondDerivatives

do {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  if arguments.help {
    say(Arguments.usage)
  } else if arguments.list {
    for workload in workloads where try arguments.selects(workload.name) { say(workload.name) }
  } else if arguments.layers {
    try LayerOverheads.run(workloads, arguments)
  } else if let form = arguments.show {
    for workload in workloads where try arguments.selects(workload.name) {
      say(try workload.function().text(form))
    }
  } else if arguments.startup {
    try Once.run("startup_mlp_infer", workloads.named("mlp_infer_b128"))
  } else if let cold = arguments.cold {
    guard let name = Once.cold[cold] else {
      throw BenchmarkError("--cold takes \(Once.cold.keys.sorted().joined(separator: ", "))")
    }
    try Once.run("cold_\(cold)", (workloads + [longChain]).named(name))
  } else if arguments.sweep {
    try Sweep(arguments).run()
  } else {
    try Hashed.verify()
    let chosen = try workloads.filter { try arguments.selects($0.name) }
    let bench = Bench(budget: arguments.budget ?? 0.5)
    try arguments.wantsReport ? bench.report(chosen, arguments) : bench.lines(chosen)
  }
} catch {
  FileHandle.standardError.write(Data("gnomon-bench: \(error)\n".utf8))
  exit(1)
}

extension Bench {
  /// Prints a line of JSON for each workload.
  fileprivate func lines(_ workloads: [Workload]) {
    for workload in workloads {
      do {
        say(Record(workload.name, try measure(workload), nil).json)
      } catch {
        say(Record(workload.name, failed: error).json)
      }
    }
  }

  /// Measures the machine too, prints a table and writes the files that were asked for.
  fileprivate func report(_ workloads: [Workload], _ arguments: Arguments) throws {
    var report = Report(try MachineLimits.measure())
    say(report.opening)
    for workload in workloads {
      do {
        say(report.add(workload.name, try measure(workload)))
      } catch {
        say(report.add(workload.name, failed: error))
      }
    }
    if let path = arguments.json { try write(report.json, to: path) }
    if let path = arguments.report { try write(report.markdown, to: path) }
  }
}
