internal import GnomonIR

extension Optimizer: ExpressibleByStringLiteral {
  /// An optimizer by Keras' name, with Keras' settings: `"adam"`, `"rmsprop"`, `"SGD"`.
  ///
  /// A name that no optimizer has is found out when the model is compiled.
  public convenience init(stringLiteral name: String) {
    if let known = Optimizer.named(name) {
      self.init(known, options: known.options)
    } else {
      self.init(SGD(), learningRate: 0.01)
      unknownName = name
    }
  }

  /// Keras' names.
  static let names = table.keys.sorted()

  /// The optimizer of a name, however it is spelled, with its usual settings.
  public static func named(_ name: String) -> Optimizer? { table[canonicalName(name)]?() }

  private static let table: [String: @Sendable () -> Optimizer] = [
    "sgd": { .sgd() }, "rmsprop": { .rmsprop() }, "adam": { .adam() }, "adamw": { .adamW() },
    "adamax": { .adamax() }, "nadam": { .nadam() }, "adagrad": { .adagrad() },
    "adadelta": { .adadelta() }, "adafactor": { .adafactor() }, "ftrl": { .ftrl() },
    "lion": { .lion() }, "lamb": { .lamb() }, "muon": { .muon() },
    "schedulefreeadamw": { .scheduleFreeAdamW() },
    "lossscale": { .adam().dynamicLossScale() },
  ]
}
