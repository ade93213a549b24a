extension Loss {
  /// Keras' names of the losses that need no argument.
  static let names: [String] = table.map(\.name)

  /// The loss of a name, however it is spelled.
  public static func named(_ name: String) -> Loss? {
    let wanted = canonicalName(name)
    let full = aliases[wanted] ?? wanted
    return table.first { canonicalName($0.name) == full }
  }

  private static let table: [Loss] = [
    .meanSquaredError, .meanAbsoluteError, .meanAbsolutePercentageError,
    .meanSquaredLogarithmicError, .cosineSimilarity, .huber, .logCosh, .poisson, .klDivergence,
    .hinge, .squaredHinge, .categoricalHinge, .binaryCrossEntropy, .binaryFocalCrossEntropy,
    .categoricalCrossEntropy, .categoricalFocalCrossEntropy, .sparseCategoricalCrossEntropy,
    .categoricalGeneralizedCrossEntropy, .dice, .tversky, .circle, .ctc,
  ]

  private static let aliases = [
    "mse": "meansquarederror", "mae": "meanabsoluteerror", "mape": "meanabsolutepercentageerror",
    "msle": "meansquaredlogarithmicerror", "bce": "binarycrossentropy", "kld": "kldivergence",
    "kullbackleiblerdivergence": "kldivergence", "huberloss": "huber",
  ]
}
