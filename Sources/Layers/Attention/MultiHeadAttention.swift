public import Gnomon

/// Attention in several heads: `concat(softmax(q kᵀ / √d) v) Wo`, with q, k, v projections of the inputs.
///
///     let (query, value) = (Input(shape: [10, 16]), Input(shape: [20, 24]))
///     let y = MultiHeadAttention(heads: 8, keySize: 64)(query, value)  // [batch, 10, 16]
///
/// - Inputs: query `[batch, tq, n]`, value `[batch, tv, m]`, key (by default the value).
/// - Output: `[batch, tq, outputSize]`, by default n; with `returnScores` also `[batch, heads, tq, tv]`.
/// - Weights: `query/kernel` `[n, heads, keySize]`, `key/kernel`, `value/kernel` `[m, heads, valueSize]`,
///   `attention_output/kernel` `[heads, valueSize, outputSize]`, and biases.
/// - Mask: that of the value or key excludes values; that of the query passes on.
/// - See Vaswani and others, *Attention Is All You Need*, 2017.
public class MultiHeadAttention: Layer {
  public let heads: Int
  public let keySize: Int
  public let valueSize: Int
  public let dropoutRate: Double
  public let useBias: Bool
  public let outputSize: Int?
  public let isCausal: Bool
  public let returnScores: Bool
  private let seed: UInt64?
  private let initializer: any Initializer
  private var stream: RandomStream!
  private var projections: [String: (kernel: Expr, bias: Expr?)] = [:]

  /// - Parameters:
  ///   - heads: how many.
  ///   - keySize: the length of a head's queries and keys.
  ///   - valueSize: the length of a head's values; by default `keySize`.
  ///   - dropout: the share of weights to drop in training.
  ///   - isCausal: whether a step sees itself and earlier ones only.
  public init(
    heads: Int, keySize: Int, valueSize: Int? = nil, dropout: Double = 0, useBias: Bool = true,
    outputSize: Int? = nil, isCausal: Bool = false, returnScores: Bool = false,
    kernelInitializer: any Initializer = .glorotUniform, seed: UInt64? = nil, name: String? = nil
  ) {
    self.heads = heads
    self.keySize = keySize
    self.valueSize = valueSize ?? keySize
    dropoutRate = dropout
    self.useBias = useBias
    self.outputSize = outputSize
    self.isCausal = isCausal
    self.returnScores = returnScores
    initializer = kernelInitializer
    self.seed = seed
    super.init(name: name)
    inputSpec = InputSpec(count: 2...3, rank: 3)
  }

  /// How many heads keys and values have; heads of the query share them in groups.
  var keyHeads: Int { heads }

  public override func build(inputShapes: [[Dim]]) {
    let (query, value) = (inputShapes[0][2], inputShapes[1][2])
    let key = inputShapes.count == 3 ? inputShapes[2][2] : value
    project("query", [query, Dim(heads), Dim(keySize)])
    project("key", [key, Dim(keyHeads), Dim(keySize)])
    project("value", [value, Dim(keyHeads), Dim(valueSize)])
    let out = outputSize.map { Dim($0) } ?? query
    project("attention_output", [Dim(heads), Dim(valueSize), out], biasRank: 1)
    if dropoutRate > 0 { stream = RandomStream(self, seed: seed) }
  }

  private func project(_ name: String, _ shape: [Dim], biasRank: Int = 2) {
    let kernel = addWeight("\(name)/kernel", shape: shape, initializer: initializer)
    let bias =
      useBias ? addWeight("\(name)/bias", shape: shape.suffix(biasRank), initializer: .zeros) : nil
    projections[name] = (kernel, bias)
  }

  /// The heads of an input: `[batch, steps, heads, size]`.
  private func projected(_ x: Expr, _ name: String) -> Expr {
    let (kernel, bias) = projections[name]!
    let y = einsum("btn,nhd->bthd", x, kernel)
    return bias.map { y + $0 } ?? y
  }

  public override func call(_ inputs: [Expr]) -> [Expr] {
    let query = projected(inputs[0], "query") * (1 / Double(keySize).squareRoot())
    let key = shared(projected(inputs[inputs.count - 1], "key"))
    let value = shared(projected(inputs[1], "value"))
    var fit = einsum("bqhd,bkhd->bhqk", query, key)
    if let visible = visibility(inputs, fit) { fit = select(visible, fit, -1e9) }
    var weights = softmax(fit)
    if dropoutRate > 0 {
      let (kept, key) = (weights, stream.next())
      weights = branch(
        .training, then: { dropout(kept, rate: dropoutRate, key: key) }, else: { kept })
    }
    let context = einsum("bhqk,bkhd->bqhd", weights, value)
    let (kernel, bias) = projections["attention_output"]!
    let y = einsum("bqhd,hdo->bqo", context, kernel)
    let output = bias.map { y + $0 } ?? y
    return returnScores ? [output, weights] : [output]
  }

  /// Keys or values for every head of the query.
  private func shared(_ x: Expr) -> Expr {
    keyHeads == heads ? x : x.repeated(heads / keyHeads, axis: 2)
  }

  /// Which values each step of the query may see; nil for all.
  private func visibility(_ inputs: [Expr], _ fit: Expr) -> Expr? {
    var visible = inputs[1].mask.map { $0.expanded(axis: 1).expanded(axis: 1) }
    if inputs.count == 3, let key = inputs[2].mask {
      let seen = key.expanded(axis: 1).expanded(axis: 1)
      visible = visible.map { $0 .& seen } ?? seen
    }
    guard isCausal else { return visible }
    let causal = Expr.causal(fit.shape[2], fit.shape[3])
    return visible.map { $0 .& causal } ?? causal
  }

  public override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? { masks[0] }
}

/// Attention whose heads share keys and values in groups, which costs fewer weights and less memory:
/// `concat(softmax(q kᵀ / √d) v) Wo`.
///
///     let x = Input(shape: [10, 32])
///     let y = GroupedQueryAttention(headSize: 8, queryHeads: 4, keyHeads: 2)(x, x)  // [batch, 10, 32]
///
/// - Inputs and output: as `MultiHeadAttention`; `key/kernel` and `value/kernel` have `keyHeads` heads.
/// - See Ainslie and others, *GQA: Training Generalized Multi-Query Transformer Models*, 2023.
public final class GroupedQueryAttention: MultiHeadAttention {
  private let groups: Int

  /// - Parameters:
  ///   - headSize: the length of a head's queries, keys and values.
  ///   - queryHeads: how many heads the query has.
  ///   - keyHeads: how many heads keys and values have; a divisor of `queryHeads`.
  public init(
    headSize: Int, queryHeads: Int, keyHeads: Int, dropout: Double = 0, useBias: Bool = true,
    isCausal: Bool = false, returnScores: Bool = false,
    kernelInitializer: any Initializer = .glorotUniform, seed: UInt64? = nil, name: String? = nil
  ) {
    groups = keyHeads
    super.init(
      heads: queryHeads, keySize: headSize, dropout: dropout, useBias: useBias, isCausal: isCausal,
      returnScores: returnScores, kernelInitializer: kernelInitializer, seed: seed, name: name)
  }

  override var keyHeads: Int { groups }

  public override func call(_ inputs: [Expr]) -> [Expr] {
    guard groups > 0, heads % groups == 0 else {
      return [
        refused(
          .layerInput, "\(groups) heads of keys do not divide \(heads) heads of queries", inputs,
          at: .here())
      ]
    }
    return super.call(inputs)
  }
}
