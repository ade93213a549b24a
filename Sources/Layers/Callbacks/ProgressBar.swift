internal import Foundation

/// Prints the course of training as Keras does: on a terminal a bar that moves, elsewhere a line an epoch.
final class ProgressBar: Callback {
  private let style: Verbosity
  private let write: (String) -> Void
  private let now: () -> Double
  private var target: Int?
  private var seen = 0
  private var start = 0.0
  private var lastDrawn = -1.0
  private var drawnWidth = 0
  private var isTesting = false
  private var isTraining = false

  /// - Parameters:
  ///   - write: takes what is printed.
  ///   - now: a clock, in seconds.
  init(
    _ verbosity: Verbosity, write: @escaping (String) -> Void = ProgressBar.print,
    now: @escaping () -> Double = { ProcessInfo.processInfo.systemUptime }
  ) {
    style = verbosity == .auto ? (isatty(1) == 1 ? .bar : .line) : verbosity
    self.write = write
    self.now = now
  }

  private static func print(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  override func onTrainBegin() { isTraining = true }
  override func onTrainEnd(_ logs: Logs) { isTraining = false }

  override func onEpochBegin(_ epoch: Int) {
    begin()
    if parameters.epochs > 1 { write("Epoch \(epoch + 1)/\(parameters.epochs)\n") }
  }

  override func onTrainBatchEnd(_ batch: Int, _ logs: () throws -> Logs) throws {
    try advance(logs)
  }

  override func onEpochEnd(_ epoch: Int, _ logs: Logs) { finish(logs) }

  override func onTestBegin() {
    if !isTraining { begin() }
  }

  override func onTestBatchEnd(_ batch: Int, _ logs: () throws -> Logs) throws {
    if !isTraining { try advance(logs) }
  }

  override func onTestEnd(_ logs: Logs) {
    if !isTraining { finish(logs) }
  }

  override func onPredictBegin() { begin() }
  override func onPredictBatchEnd(_ batch: Int) throws { try advance { Logs() } }
  override func onPredictEnd() { finish(Logs()) }

  // MARK: - The line

  private func begin() {
    target = parameters.steps
    seen = 0
    start = now()
    lastDrawn = -1
    drawnWidth = 0
  }

  private func advance(_ logs: () throws -> Logs) throws {
    seen += 1
    guard style == .bar else { return }
    let time = now()
    // Twenty times a second is often enough; the last batch is drawn by `finish`.
    guard time - lastDrawn >= 0.05, seen != target else { return }
    lastDrawn = time
    draw(line(bar: true, time - start, try logs(), isDone: false))
  }

  private func finish(_ logs: Logs) {
    let text = line(bar: style == .bar, now() - start, logs, isDone: true)
    if style == .bar { draw(text) } else { write(text) }
    write("\n")
  }

  private func draw(_ text: String) {
    write("\r" + text + String(repeating: " ", count: max(0, drawnWidth - text.count)))
    drawnWidth = text.count
  }

  private func line(bar: Bool, _ elapsed: Double, _ logs: Logs, isDone: Bool) -> String {
    let total = isDone ? seen : target
    let digits = total.map { "\($0)".count } ?? 1
    let count = String(repeating: " ", count: max(0, digits - "\(seen)".count)) + "\(seen)"
    var parts = ["\(count)/\(total.map { "\($0)" } ?? "Unknown")"]
    let perStep = seen > 0 ? elapsed / Double(seen) : 0
    if bar {
      let filled = total.map { $0 > 0 ? 20 * seen / $0 : 20 } ?? 0
      parts[0] +=
        " " + String(repeating: "━", count: filled) + String(repeating: "─", count: 20 - filled)
      let remaining = total.map { perStep * Double(max(0, $0 - seen)) }
      let time = isDone ? elapsed : remaining ?? elapsed
      parts[0] += " \(timeText(time)) \(timeText(perStep))/step"
    } else {
      parts += [timeText(elapsed), "\(timeText(perStep))/step"]
    }
    if !logs.entries.isEmpty { parts.append("\(logs)") }
    return parts.joined(separator: " - ")
  }
}
