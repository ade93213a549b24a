public import GnomonLayers
internal import Foundation

/// Prints a figure of what `evaluate` gave as `test accuracy: 0.9620`; then how the training step was
/// compiled: its optimized IR, nothing with `--quiet`, all its forms with `--dump`.
public func report(
  _ name: String, as title: String? = nil, _ scores: Logs, of model: Model
) throws {
  print(String(format: "\(title ?? "test \(name)"): %.4f", scores[name] ?? .nan))
  let options = CommandLine.arguments.dropFirst()
  let step = model.trainingStep
  if options.contains("--dump") {
    print("\n── IR\n\(step.ir)\n── optimized IR\n\(step.optimizedIR)")
    print("\n── loops\n\(step.loops)\n── C\n\(step.cSource)")
  } else if !options.contains("--quiet") {
    print("\n\(step.optimizedIR)")
  }
}
