public import Gnomon

/// Cells one above the other as one cell, `h₂ = cell₂(cell₁(x, h₁), h₂)`: the output of each is the input of the next.
///
///     let x = Input(shape: [20, 8])
///     let y = RNN(StackedRNNCells([LSTMCell(32), LSTMCell(16)]))(x)  // [batch, 16]
///
/// - States: those of the first cell, then those of the second…
/// - Inputs: `[batch, features]` and the states; output that of the last cell, then the next states.
/// - Weights: those of the cells.
public final class StackedRNNCells: RNNCell {
  public let cells: [RNNCell]

  public init(_ cells: [RNNCell], name: String? = nil) {
    self.cells = cells
    super.init(name: name)
  }

  public override var stateSizes: [Int] { cells.flatMap(\.stateSizes) }
  public override var outputSize: Int { cells.last?.outputSize ?? 0 }

  public override func build(inputShape: [Dim]) {
    var width = inputShape[inputShape.count - 1]
    for cell in cells {
      adopt(cell)
      cell.buildOnce([.placeholder([inputShape[0], width], weightDType)])
      mistakes += cell.mistakes
      width = Dim(cell.outputSize)
    }
  }

  public override func begin(_ x: Expr) {
    var width = x.shape[x.rank - 1]
    for cell in cells {
      cell.begin(.placeholder([x.shape[0], width], x.dtype))
      width = Dim(cell.outputSize)
    }
  }

  public override func prepare(_ x: Expr) -> Expr { cells.first?.prepare(x) ?? x }

  public override func step(_ x: Expr, _ states: [Expr]) -> (output: Expr, states: [Expr]) {
    var (y, next, at) = (x, [Expr](), 0)
    for (i, cell) in cells.enumerated() {
      let own = Array(states[at..<(at + cell.stateSizes.count)])
      at += own.count
      let (output, states) = cell.step(i == 0 ? y : cell.prepare(y), own)
      y = output
      next += states
    }
    return (y, next)
  }

  package override var runsUserCode: Bool { cells.contains(where: \.runsUserCode) }
}

extension Expr {
  /// Something of a shape, for what asks for shapes alone.
  fileprivate static func placeholder(_ shape: [Dim], _ dtype: DType) -> Expr {
    ._input("placeholder", dtype, shape, .unknown)
  }
}
