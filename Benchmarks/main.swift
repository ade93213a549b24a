// The workloads that other libraries run too, one JSON line each on standard output.
//
//     swift run -c release gnomon-bench [--budget SECONDS] [--only REGEX] [--skip REGEX]
//     swift run -c release gnomon-bench --cold mlp | --startup
//
// BENCH_THREADS is how many threads a call may use; BENCH_CACHE_DIR is where compiled code is kept;
// BENCH_T0 is when the process was launched, in seconds since 1970.
import Foundation
import Gnomon

let environment = ProcessInfo.processInfo.environment
if let threads = environment["BENCH_THREADS"] { setenv("GNOMON_THREADS", threads, 1) }
if let cache = environment["BENCH_CACHE_DIR"] { setenv("GNOMON_CACHE_DIR", cache, 1) }

let workloads =
  elementwise + rows + pairs + products + logisticRegression + mlp + cnn + lstm + linkPrediction
  + transformer + secondDerivatives

do {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  if arguments.startup {
    try Once.run("startup_mlp_infer", workloads.named("mlp_infer_b128"))
  } else if let cold = arguments.cold {
    guard let name = Once.cold[cold] else {
      throw BenchmarkError("--cold takes \(Once.cold.keys.sorted().joined(separator: ", "))")
    }
    try Once.run("cold_\(cold)", workloads.named(name))
  } else {
    try Hashed.verify()
    let bench = Bench(budget: arguments.budget)
    for workload in workloads where try arguments.selects(workload.name) {
      if arguments.list { print(workload.name) } else { bench.run(workload) }
    }
  }
} catch {
  FileHandle.standardError.write(Data("gnomon-bench: \(error)\n".utf8))
  exit(1)
}
