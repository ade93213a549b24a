extension Metric: ExpressibleByStringLiteral {
  /// A metric by Keras' name: `"accuracy"`, `"mse"`, `"AUC"`, `"precision"`.
  ///
  /// A name that no metric has is found out when the model is compiled.
  public init(stringLiteral name: String) {
    if let known = Metric.named(name) {
      self = known
      // Shown as it was asked for, as Keras does.
      if Self.aliases[canonicalName(name)] != nil { self.name = name }
    } else {
      self = .mean(name) { _, p in p }
      isUnknown = true
    }
  }

  /// Keras' names of the metrics that need no argument.
  static let names = table.map(\.name) + ["accuracy"]

  /// The metric of a name, however it is spelled.
  public static func named(_ name: String) -> Metric? {
    let wanted = canonicalName(name)
    if wanted == "accuracy" || wanted == "acc" { return .accuracy }
    let full = aliases[wanted] ?? wanted
    return table.first { canonicalName($0.name) == full }
  }

  private static let table: [Metric] = [
    .binaryAccuracy, .categoricalAccuracy, .sparseCategoricalAccuracy, .topKCategoricalAccuracy,
    .sparseTopKCategoricalAccuracy, .meanSquaredError, .rootMeanSquaredError, .meanAbsoluteError,
    .meanAbsolutePercentageError, .meanSquaredLogarithmicError, .logCoshError, .klDivergence,
    .poisson, .hinge, .squaredHinge, .categoricalHinge, .binaryCrossEntropy(),
    .categoricalCrossEntropy(), .sparseCategoricalCrossEntropy(), .cosineSimilarity,
    .pearsonCorrelation, .concordanceCorrelation, .r2Score(), .truePositives(), .trueNegatives(),
    .falsePositives(), .falseNegatives(), .precision(), .recall(), .auc(), .f1Score(),
    .fBetaScore(), .binaryIoU(),
  ]

  private static let aliases = [
    "mse": "meansquarederror", "mae": "meanabsoluteerror", "mape": "meanabsolutepercentageerror",
    "msle": "meansquaredlogarithmicerror", "rmse": "rootmeansquarederror",
    "bce": "binarycrossentropy", "kld": "kldivergence", "acc": "accuracy",
  ]
}
