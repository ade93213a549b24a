internal import GnomonIR
internal import GnomonTensors

/// The steps that derivatives go through: the last ones that run, when the gradient is truncated.
struct StepWindow {
  private let op: Scan
  let count: Dim

  init(_ op: Scan) {
    self.op = op
    guard let k = op.truncation else {
      count = op.length
      return
    }
    count = .minimum(op.length, Dim(k))
  }

  private var isWhole: Bool { count == op.length }
  /// The first row of the window.
  private var start: Dim { op.isReversed ? 0 : op.length - count }

  /// The rows of a forward sequence that lie in the window.
  func cut(_ x: Expr) -> Expr {
    if isWhole { return x }
    let slice = Slice(
      starts: [start] + x.shape.dropFirst().map { _ in 0 }, sizes: [count] + x.shape.dropFirst(),
      steps: x.shape.map { _ in 1 })
    return .make(slice, [x], at: .here())
  }

  /// The rows of the window among zeros.
  func padded(_ x: Expr) -> Expr {
    if isWhole { return x }
    let pad = Pad(
      shape: [op.length] + x.shape.dropFirst(),
      starts: [start] + x.shape.dropFirst().map { _ in 0 },
      steps: x.shape.map { _ in 1 }, value: ScalarValue(0, x.dtype))
    return .make(pad, [x], at: .here())
  }

  /// The derivative of the initial carry: none arrives there from a window that begins later.
  func initial(_ d: Expr) -> Expr {
    if isWhole { return d }
    guard let length = op.length.constant else {
      let rows = Expr.make(Size(op.length), [], at: .here())
      return select(rows .<= Expr.constant(Double(op.truncation!), .int64, at: .here()), d, 0)
    }
    return length <= op.truncation! ? d : zeros(like: d)
  }
}
