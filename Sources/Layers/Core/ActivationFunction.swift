public import Gnomon

/// A function applied to what a layer computed, by value or by Keras' name.
///
///     Dense(64, activation: .relu)
///     Dense(64, activation: "relu")
///     Dense(64, activation: ActivationFunction("cube") { $0 * $0 * $0 })
public struct ActivationFunction: ExpressibleByStringLiteral, Sendable {
  /// Keras' name, or that of a function of your own.
  public let name: String
  private let function: @Sendable (Expr) -> Expr

  public init(_ name: String, _ function: @escaping @Sendable (Expr) -> Expr) {
    self.name = name
    self.function = function
  }

  /// The activation with one of Keras' names; an unknown name is a mistake that its use reports.
  public init(stringLiteral name: String) { self.init(name: name) }

  /// The activation with one of Keras' names; an unknown name is a mistake that its use reports.
  public init(name: String) {
    self =
      ActivationFunction.named[name]
      ?? ActivationFunction(name) { x in
        .unknownName(name, "activation", known: Array(ActivationFunction.named.keys), x)
      }
  }

  /// The function's value.
  public func callAsFunction(_ x: Expr) -> Expr { function(x) }

  private static let named: [String: ActivationFunction] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) })
}

extension ActivationFunction {
  /// x.
  public static let linear = ActivationFunction("linear") { $0 }
  /// max(x, 0).
  public static let relu = ActivationFunction("relu") { Gnomon.relu($0) }
  /// 1 / (1 + exp(-x)).
  public static let sigmoid = ActivationFunction("sigmoid") { Gnomon.sigmoid($0) }
  public static let tanh = ActivationFunction("tanh") { Gnomon.tanh($0) }
  /// exp(x) / Σ exp(x) over the last axis.
  public static let softmax = ActivationFunction("softmax") { Gnomon.softmax($0) }
  /// x - log Σ exp(x) over the last axis.
  public static let logSoftmax = ActivationFunction("log_softmax") { Gnomon.logSoftmax($0) }
  /// x Φ(x), exactly.
  public static let gelu = ActivationFunction("gelu") { Gnomon.gelu($0) }
  /// log(1 + exp(x)).
  public static let softplus = ActivationFunction("softplus") { Gnomon.softplus($0) }
  /// x / (1 + |x|).
  public static let softsign = ActivationFunction("softsign") { $0 / (1 + abs($0)) }
  /// x sigmoid(x).
  public static let silu = ActivationFunction("silu") { $0 * Gnomon.sigmoid($0) }
  public static let swish = ActivationFunction("swish") { $0 * Gnomon.sigmoid($0) }
  /// x for x > 0, else exp(x) - 1.
  public static let elu = ActivationFunction("elu") { select($0 .> 0, $0, expm1(minimum($0, 0))) }
  /// 1.0507 times: x for x > 0, else 1.6733 (exp(x) - 1).
  public static let selu = ActivationFunction("selu") {
    1.0507009873554805
      * select($0 .> 0, $0, 1.6732632423543772 * expm1(minimum($0, 0)))
  }
  public static let exponential = ActivationFunction("exponential") { exp($0) }
  /// min(max(x, 0), 6).
  public static let relu6 = ActivationFunction("relu6") { clip($0, 0, 6) }
  /// x for x > 0, else 0.2 x.
  public static let leakyRelu = ActivationFunction("leaky_relu") { select($0 .> 0, $0, 0.2 * $0) }
  /// min(max(x / 6 + 0.5, 0), 1).
  public static let hardSigmoid = ActivationFunction("hard_sigmoid") {
    clip($0 / 6.0 + 0.5, 0, 1)
  }
  /// x hardSigmoid(x).
  public static let hardSilu = ActivationFunction("hard_silu") { $0 * clip($0 / 6.0 + 0.5, 0, 1) }
  public static let hardSwish = ActivationFunction("hard_swish") { $0 * clip($0 / 6.0 + 0.5, 0, 1) }
  /// min(max(x, -1), 1).
  public static let hardTanh = ActivationFunction("hard_tanh") { clip($0, -1, 1) }
  /// x for |x| > 0.5, else 0.
  public static let hardShrink = ActivationFunction("hard_shrink") { select(abs($0) .> 0.5, $0, 0) }
  /// sign(x) max(|x| - 0.5, 0).
  public static let softShrink = ActivationFunction("soft_shrink") {
    sign($0) * maximum(abs($0) - 0.5, 0)
  }
  /// x - tanh(x).
  public static let tanhShrink = ActivationFunction("tanh_shrink") { $0 - Gnomon.tanh($0) }
  /// x for x > 1, else 0.
  public static let threshold = ActivationFunction("threshold") { select($0 .> 1, $0, 0) }
  /// x tanh(softplus(x)).
  public static let mish = ActivationFunction("mish") { $0 * Gnomon.tanh(Gnomon.softplus($0)) }
  /// max(x, 0) + min(α (exp(x / α) - 1), 0) with α = 1.
  public static let celu = ActivationFunction("celu") {
    maximum($0, 0) + minimum(expm1($0), 0)
  }
  /// log sigmoid(x).
  public static let logSigmoid = ActivationFunction("log_sigmoid") { -Gnomon.softplus(-$0) }
  /// (x + √(x² + 4)) / 2.
  public static let squareplus = ActivationFunction("squareplus") {
    ($0 + sqrt(square($0) + 4)) / 2.0
  }
  /// 0 below -1, x above 1, (x + 1)² / 4 between.
  public static let sparsePlus = ActivationFunction("sparse_plus") {
    select($0 .<= -1, 0, select($0 .< 1, square($0 + 1) / 4.0, $0))
  }
  /// The first half of the last axis times the sigmoid of the second.
  public static let glu = ActivationFunction("glu") {
    let halves = $0.split(parts: 2, axis: -1)
    return halves.count == 2 ? halves[0] * Gnomon.sigmoid(halves[1]) : halves[0]
  }

  static let all: [ActivationFunction] = [
    linear, relu, sigmoid, tanh, softmax, logSoftmax, gelu, softplus, softsign, silu, swish, elu,
    selu, exponential, relu6, leakyRelu, hardSigmoid, hardSilu, hardSwish, hardTanh, hardShrink,
    softShrink, tanhShrink, threshold, mish, celu, logSigmoid, squareplus, sparsePlus, glu,
  ]
}

extension Expr {
  /// The activation's value, or the expression itself if there is none.
  package func activated(by activation: ActivationFunction?) -> Expr {
    activation.map { $0(self) } ?? self
  }
}
