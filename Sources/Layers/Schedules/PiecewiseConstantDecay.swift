public import Gnomon
internal import GnomonIR

/// One rate up to and with each boundary, and a last one after all of them.
public struct PiecewiseConstantDecay: LearningRate, Hashable, Codable {
  /// Numbers of steps, rising.
  public var boundaries: [Int]
  /// One rate more than there are boundaries.
  public var values: [Double]

  public init(boundaries: [Int], values: [Double]) {
    self.boundaries = boundaries
    self.values = values
  }

  public func rate(at step: Expr) -> Expr {
    guard values.count == boundaries.count + 1 else {
      return .invalid(
        Diagnostic(
          .invalidAttribute,
          "piecewiseConstantDecay: \(boundaries.count) boundaries take \(boundaries.count + 1) "
            + "values, not \(values.count)", at: .here()))
    }
    var rate = Expr.full(values[values.count - 1], .float32, [])
    for (boundary, value) in zip(boundaries, values).reversed() {
      rate = select(step .<= Expr(Double(boundary)), Expr(value), rate)
    }
    return rate
  }
}

extension LearningRate where Self == PiecewiseConstantDecay {
  /// One rate up to and with each boundary, and a last one after all of them.
  public static func piecewiseConstantDecay(
    boundaries: [Int], values: [Double]
  ) -> PiecewiseConstantDecay { PiecewiseConstantDecay(boundaries: boundaries, values: values) }
}
