public import Gnomon

/// Momentum whose matrices are brought near the orthogonal one next to them, by a few steps of Newton
/// and Schulz's iteration; parameters that are no matrices, and embeddings, take Adam's step.
///
/// Jordan and others: *Muon: An optimizer for hidden layers in neural networks* (2024).
public struct Muon: UpdateRule, Hashable, Codable {
  public var adam: Adam
  public var momentum: Double
  public var nesterov: Bool
  public var iterations: Int
  /// The coefficients of a, b and c of the iteration `x ← a x + (b A + c A²) x`, with `A = x xᵀ`.
  public var coefficients: [Double]
  /// What the root mean square of a step is made, times the rate; nil leaves it.
  public var rmsRate: Double?
  public var matrixWeightDecay: Double?
  public var adamWeightDecay: Double?
  public var name: String { "muon" }

  public init(
    momentum: Double = 0.95, nesterov: Bool = true, iterations: Int = 5,
    coefficients: [Double] = [3.4445, -4.775, 2.0315], rmsRate: Double? = 0.2,
    weightDecay: Double? = 0.004, adamBeta1: Double = 0.9, adamBeta2: Double = 0.999,
    adamWeightDecay: Double? = 0.004, epsilon: Double = 1e-7
  ) {
    adam = Adam(beta1: adamBeta1, beta2: adamBeta2, epsilon: epsilon)
    self.momentum = momentum
    self.nesterov = nesterov
    self.iterations = iterations
    self.coefficients = coefficients
    self.rmsRate = rmsRate
    matrixWeightDecay = weightDecay
    self.adamWeightDecay = adamWeightDecay
  }

  private func takesAdam(_ p: Expr) -> Bool {
    p.rank != 2 || (p.name ?? "").lowercased().contains("embedding")
  }

  public func weightDecay(for parameter: Expr) -> Double? {
    takesAdam(parameter) ? adamWeightDecay : matrixWeightDecay
  }

  public func slots(for parameter: Expr) -> [Slot] {
    takesAdam(parameter) ? adam.slots(for: parameter) : [Slot("momentum", like: parameter)]
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    if takesAdam(p) { return adam.update(p, gradient: g, slots: slots, step) }
    let m = Expr(momentum) * slots[0] + g
    let direction = orthogonalized(nesterov ? g + Expr(momentum) * m : m)
    var change = step.rate * direction
    if let rmsRate {
      let longest = Double(p.shape.map { $0.constant ?? 1 }.max() ?? 1)
      change = change * Expr(longest.squareRoot() * rmsRate)
    }
    return ParameterUpdate(p - change, slots: [m])
  }

  private func orthogonalized(_ g: Expr) -> Expr {
    let isTall = (g.shape[0].constant ?? 1) > (g.shape[1].constant ?? 1)
    var x = isTall ? g.transposed() : g
    x = x / (sqrt(sum(square(x))) + 1e-7)
    for _ in 0..<iterations {
      let a = matmul(x, x.transposed())
      let b = Expr(coefficients[1]) * a + Expr(coefficients[2]) * matmul(a, a)
      x = Expr(coefficients[0]) * x + matmul(b, x)
    }
    return isTall ? x.transposed() : x
  }
}

extension Optimizer {
  /// Momentum made orthogonal. See `Muon`.
  public static func muon(
    learningRate: some LearningRate = 0.001, momentum: Double = 0.95, nesterov: Bool = true,
    iterations: Int = 5, rmsRate: Double? = 0.2, weightDecay: Double? = 0.004,
    adamWeightDecay: Double? = 0.004
  ) -> Optimizer {
    Optimizer(
      Muon(
        momentum: momentum, nesterov: nesterov, iterations: iterations, rmsRate: rmsRate,
        weightDecay: weightDecay, adamWeightDecay: adamWeightDecay), learningRate: learningRate)
  }
}
