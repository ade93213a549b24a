public import Gnomon

/// Gradient descent, with momentum if asked for: `v ← momentum · v - rate · g`, `p ← p + v`.
///
/// Without momentum a step touches only the rows of an embedding whose indices occur, in however many
/// places it is looked up. With `nesterov`, `p ← p + momentum · v - rate · g`, with the new v.
/// Sutskever and others: *On the importance of initialization and momentum in deep learning* (2013).
public struct SGD: UpdateRule, Hashable, Codable {
  public var momentum: Double
  public var nesterov: Bool
  public var name: String { "sgd" }

  public init(momentum: Double = 0, nesterov: Bool = false) {
    self.momentum = momentum
    self.nesterov = nesterov
  }

  public func slots(for parameter: Expr) -> [Slot] {
    momentum == 0 ? [] : [Slot("momentum", like: parameter)]
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    guard momentum != 0 else { return ParameterUpdate(p.descended(along: g, rate: step.rate)) }
    let v = Expr(momentum) * slots[0] - step.rate * g
    return ParameterUpdate(nesterov ? p + Expr(momentum) * v - step.rate * g : p + v, slots: [v])
  }
}

extension Optimizer {
  /// Gradient descent, with momentum if asked for. See `SGD`.
  public static func sgd(
    learningRate: some LearningRate = 0.01, momentum: Double = 0, nesterov: Bool = false
  ) -> Optimizer {
    Optimizer(SGD(momentum: momentum, nesterov: nesterov), learningRate: learningRate)
  }
}
