public import Gnomon

/// Adam without momentum that remembers, of the squares of a matrix's gradients, only the means of rows
/// and columns; steps are relative to the size of the parameter.
///
/// Shazeer, Stern: *Adafactor: Adaptive Learning Rates with Sublinear Memory Cost* (2018).
public struct Adafactor: UpdateRule, Hashable, Codable {
  public var beta2Decay: Double
  public var epsilon1: Double
  public var epsilon2: Double
  public var clipThreshold: Double
  public var name: String { "adafactor" }

  public init(
    beta2Decay: Double = -0.8, epsilon1: Double = 1e-30, epsilon2: Double = 0.001,
    clipThreshold: Double = 1
  ) {
    self.beta2Decay = beta2Decay
    self.epsilon1 = epsilon1
    self.epsilon2 = epsilon2
    self.clipThreshold = clipThreshold
  }

  public func slots(for parameter: Expr) -> [Slot] {
    let sizes = parameter.shape.map { $0.constant ?? 1 }
    guard sizes.count >= 2 else { return [Slot("velocity", like: parameter)] }
    let columns = Array(sizes.dropLast(2)) + [sizes[sizes.count - 1]]
    return [
      Slot("rows", .zeros(parameter.dtype, Array(sizes.dropLast()))),
      Slot("columns", .zeros(parameter.dtype, columns)),
    ]
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    let rate = minimum(step.rate, rsqrt(step.number))
    let alpha = maximum(Expr(epsilon2), rms(p)) * rate
    let squares = square(g) + Expr(epsilon1)
    let beta2 = 1 - power(step.number, Expr(beta2Decay))
    func mixed(_ old: Expr, _ new: Expr) -> Expr { beta2 * old + (1 - beta2) * new }
    var new: [Expr]
    let velocity: Expr
    if p.rank >= 2 {
      let rows = mixed(slots[0], mean(squares, axes: -1))
      let columns = mixed(slots[1], mean(squares, axes: -2))
      velocity =
        (rows / mean(rows, axes: -1, keepDims: true)).expanded(axis: -1)
        * columns.expanded(axis: -2)
      new = [rows, columns]
    } else {
      velocity = mixed(slots[0], squares)
      new = [velocity]
    }
    let u = g / sqrt(velocity)
    let clipped = u / maximum(1, rms(u) / Expr(clipThreshold))
    return ParameterUpdate(p - alpha * clipped, slots: new)
  }

  private func rms(_ x: Expr) -> Expr { sqrt(mean(square(x))) }
}

extension Optimizer {
  /// Adaptive steps with little memory. See `Adafactor`.
  public static func adafactor(
    learningRate: some LearningRate = 0.001, beta2Decay: Double = -0.8, epsilon1: Double = 1e-30,
    epsilon2: Double = 0.001, clipThreshold: Double = 1
  ) -> Optimizer {
    Optimizer(
      Adafactor(
        beta2Decay: beta2Decay, epsilon1: epsilon1, epsilon2: epsilon2,
        clipThreshold: clipThreshold), learningRate: learningRate)
  }
}
