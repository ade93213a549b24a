import Foundation
import GnomonLayers

/// What layers and `fit` cost beside the expressions they stand for.
enum LayerOverheads {
  /// A line for each model: its step with layers, that of the workload, and their ratio; then what `fit` adds
  /// to the step of a batch.
  ///
  /// - Parameter workloads: those whose steps are written with expressions.
  static func run(_ workloads: [Workload], _ arguments: Arguments) throws {
    if let form = arguments.show {
      for step in LayerStep.all where try arguments.selects(step.name) {
        say(try step.function().step.text(form))
      }
      return
    }
    say("step                  layers       expressions  ratio")
    for step in LayerStep.all where try arguments.selects(step.name) {
      let (layers, expressions) = try times(step, workloads, arguments)
      say(line(step.name, layers * 1e3, expressions * 1e3, layers / expressions))
    }
    if try arguments.selects("fit") {
      say(String(format: "fit: %.1f us a batch beside its step", try fitOverhead() * 1e6))
    }
  }

  /// The median seconds of both steps, which take turns, so that what else the machine does meets both.
  private static func times(
    _ own: LayerStep, _ workloads: [Workload], _ arguments: Arguments
  ) throws -> (layers: Double, expressions: Double) {
    let (step, data, model) = try own.function()
    let (other, others) = try counterpart(own, workloads, data)
    return try withExtendedLifetime(model) {
      var (a, b): ([Double], [Double]) = ([], [])
      func time(_ f: CompiledFunction, _ x: [Tensor]) throws -> Double {
        let start = now()
        _ = try f.outputs(x)
        return now() - start
      }
      let end = now() + 2 * (arguments.budget ?? 0.5)
      while a.count < 7 || now() < end {
        a.append(try time(step, data))
        b.append(try time(other, others))
      }
      return (median(a), median(b))
    }
  }

  /// The step written with expressions, and its arguments.
  private static func counterpart(
    _ own: LayerStep, _ workloads: [Workload], _ data: [Tensor]
  ) throws -> (CompiledFunction, [Tensor]) {
    if let expressions = own.expressions { return (try expressions(), data) }
    let workload = try workloads.named(own.name)
    guard case .training(let training) = workload.prepare() else {
      throw BenchmarkError("\(workload.name) is no training")
    }
    return (try training.build().0, training.arguments)
  }

  /// Seconds that `fit` adds to a batch: shuffling, cutting and copying 32 samples, and the callbacks.
  private static func fitOverhead() throws -> Double {
    let (rows, batch) = (64_000, 32)
    let x = Tensor.uniform(.float32, [rows, 16], seed: 1)
    let y = Tensor.uniform(.float32, [rows, 1], seed: 2)
    let model = Sequential([Dense(1, inputShape: [16])])
    try model.compile(optimizer: .sgd(), loss: .meanSquaredError)
    func epoch() throws -> Double {
      let start = now()
      try model.fit(x, y, batchSize: batch, epochs: 1, verbose: .silent)
      return (now() - start) / Double(rows / batch)
    }
    _ = try epoch()
    guard let step = model.trainingStep.function else { return .nan }
    let one = [
      Tensor.uniform(.float32, [batch, 16], seed: 1),
      Tensor.uniform(.float32, [batch, 1], seed: 2),
    ]
    func steps() throws -> Double {
      let start = now()
      for _ in 0..<(rows / batch) { _ = try step.outputs(one) }
      return (now() - start) / Double(rows / batch)
    }
    var differences: [Double] = []
    for _ in 0..<5 { differences.append(try epoch() - steps()) }
    return median(differences)
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private static func line(_ name: String, _ a: Double, _ b: Double, _ ratio: Double) -> String {
    name.padding(toLength: 22, withPad: " ", startingAt: 0)
      + String(format: "%8.3f ms  %8.3f ms  %.3f", a, b, ratio)
  }
}
