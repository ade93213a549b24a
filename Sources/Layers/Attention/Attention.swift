public import Gnomon

/// Dot-product attention: `softmax(scale · q kᵀ) v`.
///
///     let (query, value) = (Input(shape: [10, 16]), Input(shape: [20, 16]))
///     let y = Attention()(query, value)             // [batch, 10, 16]
///     let (z, weights): (Expr, Expr) = Attention(returnScores: true)(query, value)  // [batch, 10, 16], [batch, 10, 20]
///
/// - Inputs: query `[batch, tq, d]`, value `[batch, tv, e]`, key `[batch, tv, d]` (by default the value).
/// - Output: `[batch, tq, e]`, and with `returnScores` also the weights `[batch, tq, tv]`.
/// - Weights: `scale` with `useScale`.
/// - Mask: that of the value excludes values; that of the query passes on.
/// - See Luong and others, *Effective Approaches to Attention-based Neural Machine Translation*, 2015.
public class Attention: Layer {
  public let useScale: Bool
  public let isCausal: Bool
  public let dropoutRate: Double
  public let returnScores: Bool
  private let seed: UInt64?
  private var scale: Expr?
  private var stream: RandomStream!

  /// - Parameters:
  ///   - useScale: whether the scores are scaled by a learnt number, which begins as 1.
  ///   - isCausal: whether a step sees itself and earlier ones only.
  ///   - dropout: the share of weights to drop in training.
  public init(
    useScale: Bool = false, isCausal: Bool = false, dropout: Double = 0,
    returnScores: Bool = false, seed: UInt64? = nil, name: String? = nil
  ) {
    self.useScale = useScale
    self.isCausal = isCausal
    dropoutRate = dropout
    self.returnScores = returnScores
    self.seed = seed
    super.init(name: name)
    inputSpec = InputSpec(count: 2...3, rank: 3)
  }

  public override func build(inputShapes: [[Dim]]) {
    if useScale { scale = addWeight("scale", shape: scaleShape(inputShapes), initializer: .ones) }
    if dropoutRate > 0 { stream = RandomStream(self, seed: seed) }
  }

  func scaleShape(_ inputShapes: [[Dim]]) -> [Dim] { [] }

  /// How well each step of the query fits each of the key: `[batch, tq, tv]`.
  func scores(_ query: Expr, _ key: Expr, scale: Expr?) -> Expr {
    let product = matmul(query, key.swapAxes(1, 2))
    return scale.map { product * $0 } ?? product
  }

  public override func call(_ inputs: [Expr]) -> [Expr] {
    let (query, value, key) = (inputs[0], inputs[1], inputs.count == 3 ? inputs[2] : inputs[1])
    var fit = scores(query, key, scale: scale)
    if let visible = visibility(value, fit) { fit = select(visible, fit, -1e9) }
    var weights = softmax(fit)
    if dropoutRate > 0 {
      let (kept, stream) = (weights, stream.next())
      weights = branch(
        .training, then: { dropout(kept, rate: dropoutRate, key: stream) }, else: { kept })
    }
    let y = matmul(weights, value)
    return returnScores ? [y, weights] : [y]
  }

  /// Which values each step of the query may see; nil for all.
  private func visibility(_ value: Expr, _ fit: Expr) -> Expr? {
    let mask = value.mask.map { $0.expanded(axis: 1) }
    guard isCausal else { return mask }
    let causal = Expr.causal(fit.shape[1], fit.shape[2])
    return mask.map { $0 .& causal } ?? causal
  }

  public override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? { masks[0] }
}

/// Attention whose scores are `Σ scale · tanh(q + k)`.
///
///     let (query, value) = (Input(shape: [10, 16]), Input(shape: [20, 16]))
///     let y = AdditiveAttention()(query, value)     // [batch, 10, 16]
///
/// - Inputs and output: as `Attention`.
/// - Weights: `scale` `[d]`, unless `useScale` is false.
/// - See Bahdanau, Cho and Bengio, *Neural Machine Translation by Jointly Learning to Align and Translate*,
///   2015.
public final class AdditiveAttention: Attention {
  public override init(
    useScale: Bool = true, isCausal: Bool = false, dropout: Double = 0,
    returnScores: Bool = false, seed: UInt64? = nil, name: String? = nil
  ) {
    super.init(
      useScale: useScale, isCausal: isCausal, dropout: dropout, returnScores: returnScores,
      seed: seed, name: name)
  }

  override func scaleShape(_ inputShapes: [[Dim]]) -> [Dim] { [inputShapes[0][2]] }

  override func scores(_ query: Expr, _ key: Expr, scale: Expr?) -> Expr {
    let joint = tanh(query.expanded(axis: 2) + key.expanded(axis: 1))
    return sum(scale.map { joint * $0 } ?? joint, axes: -1)
  }
}

extension Expr {
  /// Which of `columns` steps each of `rows` steps may see: itself and earlier ones.
  package static func causal(_ rows: Dim, _ columns: Dim) -> Expr {
    Expr.iota(rows, .int64).expanded(axis: 1) .>= Expr.iota(columns, .int64)
  }
}
