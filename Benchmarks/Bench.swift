import Foundation
import Gnomon

/// Measures workloads as every peer does.
struct Bench {
  /// Seconds of timed repetitions for each workload.
  let budget: Double

  func measure(_ workload: Workload) throws -> Measurement {
    switch workload.prepare() {
    case .call(let call): try measure(call)
    case .training(let training): try measure(training)
    }
  }

  private func measure(_ call: Workload.Call) throws -> Measurement {
    let start = now()
    let function = try call.build()
    let results = try function.outputs(call.arguments)
    let compile = now() - start
    let times =
      call.isGivenResult
      ? try into(results[0], function, call.arguments)
      : try Times(budget: budget, asWritten(function, call.arguments, outputs: results.count))
    return Measurement(
      compile: compile, check: try call.check(results), times: times, work: Work(function.plan))
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

  /// The times of calls that write into a tensor.
  private func into(
    _ result: Tensor, _ f: CompiledFunction, _ arguments: [Tensor]
  ) throws -> Times {
    var result = result
    let a = arguments[0]
    let b = arguments[min(1, arguments.count - 1)]
    let c = arguments[min(2, arguments.count - 1)]
    switch arguments.count {
    case 1: return try Times(budget: budget) { try f(a, into: &result) }
    case 2: return try Times(budget: budget) { try f(a, b, into: &result) }
    default: return try Times(budget: budget) { try f(a, b, c, into: &result) }
    }
  }

  private func measure(_ training: Workload.Training) throws -> Measurement {
    let start = now()
    let (step, shown) = try training.build()
    var losses = [try loss(step, training.arguments)]
    let compile = now() - start
    for _ in 1..<training.steps { losses.append(try loss(step, training.arguments)) }
    var check: [Double] = []
    if training.isChecked {
      // Read by a function, as the shown variables are part of no output.
      let state = try shown.flatMap { try Gnomon.compile(outputs: [$0]).outputs([]) }
      check = [losses[0], losses[losses.count - 1]] + summaries(state)
    }
    return Measurement(
      compile: compile, check: check,
      times: try Times(budget: budget) { _ = try step.outputs(training.arguments) },
      work: Work(step.plan, touched: training.touchedBytes))
  }

  private func loss(_ step: CompiledFunction, _ arguments: [Tensor]) throws -> Double {
    try step.outputs(arguments)[0].item()
  }
}

extension CompiledFunction {
  /// One of the forms that the function went through.
  func text(_ form: String) throws -> String {
    switch form {
    case "fusion": return fusionTrace
    case "ir": return optimizedIR
    case "loops": return loops
    case "c": return cSource
    default: throw BenchmarkError("--show takes fusion, ir, loops or c, not \(form)")
    }
  }
}

/// Seconds of a clock that never steps back.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
