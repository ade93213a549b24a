internal import Foundation
public import Gnomon

/// Runs `step` over shuffled batches of the digits and prints a line an epoch: the mean loss of its
/// steps and its time.
public func train(
  _ step: CompiledFunction, on digits: Digits, epochs: Int, batchSize: Int = 64
) throws {
  for epoch in 1...epochs {
    let clock = ContinuousClock()
    let start = clock.now
    var losses: [Double] = []
    for rows in digits.batches(of: batchSize, seed: UInt64(epoch)) {
      let batch = try digits[rows]
      let loss: Tensor = try step(batch.images, batch.labels)
      losses.append(try loss.item())
    }
    let mean = losses.reduce(0, +) / Double(losses.count)
    let seconds = (clock.now - start) / .seconds(1)
    print("epoch \(epoch): " + String(format: "loss %.4f, %.2f s", mean, seconds))
  }
}

/// Prints how well a function of images and labels that returns the accuracy does on `digits`; then
/// how `step` was compiled: its optimized IR, nothing with `--quiet`, all its forms with `--dump`.
public func report(_ accuracy: CompiledFunction, on digits: Digits, step: CompiledFunction) throws {
  let share: Tensor = try accuracy(digits.images, digits.labels)
  print(String(format: "test accuracy: %.4f", try share.item()))
  let options = CommandLine.arguments.dropFirst()
  if options.contains("--dump") {
    print("\n── IR\n\(step.ir)\n── optimized IR\n\(step.optimizedIR)")
    print("\n── loops\n\(step.loops)\n── C\n\(step.cSource)")
  } else if !options.contains("--quiet") {
    print("\n\(step.optimizedIR)")
  }
}
