internal import Gnomon

extension LayerTable {
  static let recurrent: [String: Maker] = [
    "SimpleRNNCell": { s in try simpleCell(s, s.name) },
    "LSTMCell": { s in try lstmCell(s, s.name) },
    "GRUCell": { s in try gruCell(s, s.name) },
    "StackedRNNCells": { s in
      StackedRNNCells(try (s["cells"]?.list ?? []).map { try s.cell($0) }, name: s.name)
    },
    "SimpleRNN": { s in
      if case .map? = s["cell"] { return SimpleRNN(try s.cell(s["cell"]), loop: LoopOptions(s)) }
      return SimpleRNN(try simpleCell(s, nil), loop: LoopOptions(s))
    },
    "LSTM": { s in
      if case .map? = s["cell"] { return LSTM(try s.cell(s["cell"]), loop: LoopOptions(s)) }
      return LSTM(try lstmCell(s, nil), loop: LoopOptions(s))
    },
    "GRU": { s in
      if case .map? = s["cell"] { return GRU(try s.cell(s["cell"]), loop: LoopOptions(s)) }
      return GRU(try gruCell(s, nil), loop: LoopOptions(s))
    },
    "RNN": { s in RNN(try s.cell(s["cell"]), loop: LoopOptions(s)) },
    "TimeDistributed": { s in TimeDistributed(try s.layer("layer"), name: s.name) },
    "Bidirectional": bidirectional,
  ]

  private static let bidirectional: Maker = { s in
    func direction(_ name: String, isMirrored: Bool = false) throws -> RNN? {
      try s[name].map {
        let own = isMirrored ? $0.unnamed : $0
        guard let layer = try Layer.make(from: own) as? RNN else { throw s.missing("layer") }
        return layer
      }
    }
    // Keras writes the layer once, and the other direction only where it is not its mirror image.
    guard let forward = try direction("layer") ?? direction("forward"),
      let backward = try direction("backward_layer")
        ?? direction("layer", isMirrored: true) ?? direction("backward")
    else { throw s.missing("layer") }
    let merges: [String: Bidirectional.Merge] = [
      "concat": .concatenate, "concatenate": .concatenate, "sum": .sum, "mul": .product,
      "product": .product, "ave": .average, "average": .average,
    ]
    let mode = s.text("merge_mode") ?? s.text("merge")
    let merge = mode.flatMap { merges[$0] } ?? Bidirectional.Merge.none
    return Bidirectional(forward, backward: backward, merge: merge, name: s.name)
  }

  private static func simpleCell(_ s: LayerSettings, _ name: String?) throws -> SimpleRNNCell {
    SimpleRNNCell(
      try s.int("units"), activation: s.activation("activation") ?? .linear,
      useBias: s.bool("use_bias", true),
      kernelInitializer: s.initializer("kernel_initializer"),
      recurrentInitializer: s.initializer("recurrent_initializer", .orthogonal()),
      biasInitializer: s.initializer("bias_initializer", .zeros),
      kernelRegularizer: try s.regularizer("kernel_regularizer"),
      recurrentRegularizer: try s.regularizer("recurrent_regularizer"),
      biasRegularizer: try s.regularizer("bias_regularizer"),
      kernelConstraint: try s.constraint("kernel_constraint"),
      recurrentConstraint: try s.constraint("recurrent_constraint"),
      biasConstraint: try s.constraint("bias_constraint"), dropout: s.double("dropout", 0),
      recurrentDropout: s.double("recurrent_dropout", 0), name: name)
  }

  private static func lstmCell(_ s: LayerSettings, _ name: String?) throws -> LSTMCell {
    LSTMCell(
      try s.int("units"), activation: s.activation("activation") ?? .linear,
      recurrentActivation: s.activation("recurrent_activation") ?? .linear,
      useBias: s.bool("use_bias", true),
      kernelInitializer: s.initializer("kernel_initializer"),
      recurrentInitializer: s.initializer("recurrent_initializer", .orthogonal()),
      biasInitializer: s.initializer("bias_initializer", .zeros),
      unitForgetBias: s.bool("unit_forget_bias", true),
      kernelRegularizer: try s.regularizer("kernel_regularizer"),
      recurrentRegularizer: try s.regularizer("recurrent_regularizer"),
      biasRegularizer: try s.regularizer("bias_regularizer"),
      kernelConstraint: try s.constraint("kernel_constraint"),
      recurrentConstraint: try s.constraint("recurrent_constraint"),
      biasConstraint: try s.constraint("bias_constraint"), dropout: s.double("dropout", 0),
      recurrentDropout: s.double("recurrent_dropout", 0), name: name)
  }

  private static func gruCell(_ s: LayerSettings, _ name: String?) throws -> GRUCell {
    GRUCell(
      try s.int("units"), activation: s.activation("activation") ?? .linear,
      recurrentActivation: s.activation("recurrent_activation") ?? .linear,
      useBias: s.bool("use_bias", true),
      kernelInitializer: s.initializer("kernel_initializer"),
      recurrentInitializer: s.initializer("recurrent_initializer", .orthogonal()),
      biasInitializer: s.initializer("bias_initializer", .zeros),
      resetAfter: s.bool("reset_after", true),
      kernelRegularizer: try s.regularizer("kernel_regularizer"),
      recurrentRegularizer: try s.regularizer("recurrent_regularizer"),
      biasRegularizer: try s.regularizer("bias_regularizer"),
      kernelConstraint: try s.constraint("kernel_constraint"),
      recurrentConstraint: try s.constraint("recurrent_constraint"),
      biasConstraint: try s.constraint("bias_constraint"), dropout: s.double("dropout", 0),
      recurrentDropout: s.double("recurrent_dropout", 0), name: name)
  }
}

extension LoopOptions {
  init(_ s: LayerSettings) {
    self.init(
      returnSequences: s.bool("return_sequences", false),
      returnState: s.bool("return_state", false),
      goBackwards: s.bool("go_backwards", false), stateful: s.bool("stateful", false),
      zeroOutputForMask: s.bool("zero_output_for_mask", false), name: s.name)
  }
}

extension Configuration {
  /// The same layer's, which will get a name of its own.
  fileprivate var unnamed: Configuration {
    guard case .map(var outer) = self else { return self }
    outer["name"] = nil
    if case .map(var config)? = outer["config"] {
      config["name"] = nil
      outer["config"] = .map(config)
    }
    return .map(outer)
  }
}
