import Foundation
import Gnomon

/// Runs workloads as every peer does and prints a line for each.
struct Bench {
  let budget: Double

  func run(_ workload: Workload) {
    var record = Record(workload.name)
    do {
      switch workload.prepare() {
      case .call(let call): try run(call, &record)
      case .training(let training): try run(training, &record)
      }
    } catch {
      record.set("error", String("\(error)".prefix(600)))
    }
    record.emit()
  }

  private func run(_ call: Workload.Call, _ record: inout Record) throws {
    let start = now()
    let function = try call.build()
    let results = try function.outputs(call.arguments)
    record.set("compile_s", now() - start)
    record.check(try call.check(results))
    try time(&record, asWritten(function, call.arguments, outputs: results.count))
  }

  /// A call as a user writes it: with one to three arguments and one output, by its own overload.
  private func asWritten(
    _ f: CompiledFunction, _ arguments: [Tensor], outputs: Int
  ) -> () throws -> Void {
    guard outputs == 1 else { return { _ = try f.outputs(arguments) } }
    switch arguments.count {
    case 1:
      let a = arguments[0]
      return { _ = try f(a) as Tensor }
    case 2:
      let (a, b) = (arguments[0], arguments[1])
      return { _ = try f(a, b) as Tensor }
    case 3:
      let (a, b, c) = (arguments[0], arguments[1], arguments[2])
      return { _ = try f(a, b, c) as Tensor }
    default: return { _ = try f.outputs(arguments) }
    }
  }

  private func run(_ training: Workload.Training, _ record: inout Record) throws {
    let start = now()
    let (step, shown) = try training.build()
    var losses = [try loss(step, training.arguments)]
    record.set("compile_s", now() - start)
    for _ in 1..<training.steps { losses.append(try loss(step, training.arguments)) }
    if training.isChecked {
      // Read by a function, as the shown variables are part of no output.
      let state = try shown.flatMap { try compile(outputs: [$0]).outputs([]) }
      record.check([losses[0], losses[losses.count - 1]] + summaries(state))
    } else {
      record.check([])
    }
    try time(&record) { _ = try step.outputs(training.arguments) }
  }

  private func loss(_ step: CompiledFunction, _ arguments: [Tensor]) throws -> Double {
    try step.outputs(arguments)[0].item()
  }

  /// Repeats for the budget and at least five times; short calls in groups that last about 1 ms.
  private func time(_ record: inout Record, _ call: () throws -> Void) throws {
    try call()
    let start = now()
    try call()
    let once = now() - start
    let group = once > 1e-3 ? 1 : max(1, Int(1e-3 / max(once, 1e-7)))
    var times: [Double] = []
    var total = 0.0
    let end = now() + budget
    while times.count < 5 || (now() < end && times.count < 2000) {
      let start = now()
      for _ in 0..<group { try call() }
      let elapsed = now() - start
      times.append(elapsed / Double(group))
      total += elapsed
      if total > 12 { break }
    }
    times.sort()
    let middle = times.count / 2
    record.set(
      "median_s", times.count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2)
    record.set("min_s", times[0])
    record.set("p90_s", times[min(times.count - 1, Int(Double(times.count) * 0.9))])
    record.set("reps", times.count)
    record.set("inner", group)
  }
}

/// Seconds of a clock that never steps back.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
