internal import Gnomon
internal import GnomonIR

extension Layer {
  /// A layer like the one whose `configuration` this is, without its weights.
  ///
  ///     let copy = try Layer.make(from: Dense(8, activation: .relu).configuration)
  ///
  /// The `config` of a layer in a file of Keras' serves too. Layers of your own, and functions of your own in
  /// layers, cannot be made of text.
  ///
  /// - Throws: `GnomonError` for a class that is no layer of the library, and where a setting is missing.
  public static func make(from configuration: Configuration) throws -> Layer {
    try make(LayerSettings(configuration))
  }

  static func make(_ settings: LayerSettings) throws -> Layer {
    guard let make = LayerTable.makers[settings.type] else {
      throw GnomonError([
        .unknownName(
          settings.type, "layer", known: Array(LayerTable.makers.keys), at: .unknown)
      ])
    }
    let layer = try make(settings)
    layer.trainable = settings.bool("trainable", true)
    return layer
  }
}

/// How each layer is made from its settings.
enum LayerTable {
  typealias Maker = @Sendable (LayerSettings) throws -> Layer

  static let makers: [String: Maker] = [core, shaping, merging, regularization, normalization]
    .reduce(into: spatial.merging(recurrent) { a, _ in a }) { all, part in
      all.merge(part) { a, _ in a }
    }

  private static let core: [String: Maker] = [
    "Dense": { s in
      Dense(
        try s.int("units"), activation: s.activation("activation"),
        useBias: s.bool("use_bias", true), kernelInitializer: s.initializer("kernel_initializer"),
        biasInitializer: s.initializer("bias_initializer", .zeros),
        kernelRegularizer: try s.regularizer("kernel_regularizer"),
        biasRegularizer: try s.regularizer("bias_regularizer"),
        kernelConstraint: try s.constraint("kernel_constraint"),
        biasConstraint: try s.constraint("bias_constraint"), name: s.name)
    },
    "Embedding": { s in
      Embedding(
        try s.int("input_dim"), try s.int("output_dim"), maskZero: s.bool("mask_zero", false),
        embeddingsInitializer: s.initializer(
          "embeddings_initializer", s.initializer("initializer", .randomUniform())),
        embeddingsRegularizer: try s.regularizer("embeddings_regularizer")
          ?? s.regularizer("regularizer"),
        embeddingsConstraint: try s.constraint("embeddings_constraint")
          ?? s.constraint("constraint"), name: s.name)
    },
    "EinsumDense": { s in
      guard let equation = s.text("equation"), let shape = s["output_shape"] else {
        throw s.missing("equation")
      }
      return EinsumDense(
        equation, outputShape: (shape.list ?? [shape]).map { $0.number.map { Int($0) } ?? -1 },
        activation: s.activation("activation"), biasAxes: s.text("bias_axes") ?? "",
        kernelInitializer: s.initializer("kernel_initializer"),
        biasInitializer: s.initializer("bias_initializer", .zeros),
        kernelRegularizer: try s.regularizer("kernel_regularizer"),
        biasRegularizer: try s.regularizer("bias_regularizer"),
        kernelConstraint: try s.constraint("kernel_constraint"),
        biasConstraint: try s.constraint("bias_constraint"), name: s.name)
    },
    "Activation": { s in
      Activation(s.activation("activation") ?? s.activation("function") ?? .linear, name: s.name)
    },
    "Identity": { s in Identity(name: s.name) },
    "Masking": { s in Masking(maskValue: s.double("mask_value", 0), name: s.name) },
    "ReLU": { s in
      ReLU(
        maximumValue: (s["max_value"] ?? s["maximum_value"])?.number,
        negativeSlope: s.double("negative_slope", 0), threshold: s.double("threshold", 0),
        name: s.name)
    },
    "LeakyReLU": { s in
      LeakyReLU(negativeSlope: s.double("negative_slope", 0.3), name: s.name)
    },
    "ELU": { s in ELU(alpha: s.double("alpha", 1), name: s.name) },
    "PReLU": { s in
      PReLU(
        alphaInitializer: s.initializer(
          "alpha_initializer", s.initializer("initializer", .zeros)),
        alphaRegularizer: try s.regularizer("alpha_regularizer") ?? s.regularizer("regularizer"),
        alphaConstraint: try s.constraint("alpha_constraint") ?? s.constraint("constraint"),
        sharedAxes: s.ints("shared_axes") ?? [], name: s.name)
    },
    "Softmax": { s in Softmax(axis: s.int("axis", -1), name: s.name) },
    "Rescaling": { s in
      Rescaling(
        try s.double(required: "scale"), offset: s.double("offset", 0), name: s.name)
    },
    "Discretization": { s in
      guard let list = (s["bin_boundaries"] ?? s["boundaries"])?.list else {
        throw s.missing("bin_boundaries")
      }
      return Discretization(boundaries: list.compactMap(\.number), name: s.name)
    },
    "CategoryEncoding": { s in
      let modes: [String: CategoryEncoding.Output] = [
        "one_hot": .oneHot, "oneHot": .oneHot, "count": .count,
      ]
      let mode = s.text("output_mode") ?? s.text("mode") ?? ""
      return CategoryEncoding(
        try s.int("num_tokens", "count"), output: modes[mode] ?? .multiHot, name: s.name)
    },
    "IntegerLookup": { s in
      IntegerLookup(vocabulary: s.ints("vocabulary") ?? [], name: s.name)
    },
    "Attention": { s in
      Attention(
        useScale: s.bool("use_scale", false), isCausal: s.bool("is_causal", false),
        dropout: s.dropout, returnScores: s.bool("return_scores", false), name: s.name)
    },
    "AdditiveAttention": { s in
      AdditiveAttention(
        useScale: s.bool("use_scale", true), isCausal: s.bool("is_causal", false),
        dropout: s.dropout, returnScores: s.bool("return_scores", false), name: s.name)
    },
    "MultiHeadAttention": { s in
      MultiHeadAttention(
        heads: try s.int("num_heads", "heads"), keySize: try s.int("key_dim", "key_size"),
        valueSize: try s.int("value_dim", "value_size"), dropout: s.dropout,
        useBias: s.bool("use_bias", true),
        outputSize: s.ints("output_shape", "output_size")?.first,
        isCausal: s.bool("is_causal", false), returnScores: s.bool("return_scores", false),
        name: s.name)
    },
    "GroupQueryAttention": groupedQuery, "GroupedQueryAttention": groupedQuery,
  ]

  private static let groupedQuery: Maker = { s in
    GroupedQueryAttention(
      headSize: try s.int("head_dim", "key_size"),
      queryHeads: try s.int("num_query_heads", "heads"),
      keyHeads: try s.int("num_key_value_heads", "groups"), dropout: s.dropout,
      useBias: s.bool("use_bias", true), isCausal: s.bool("is_causal", false),
      returnScores: s.bool("return_scores", false), name: s.name)
  }

  private static let shaping: [String: Maker] = [
    "Flatten": { s in Flatten(name: s.name) },
    "Reshape": { s in
      guard let shape = s.ints("target_shape") else { throw s.missing("target_shape") }
      return Reshape(shape.map { Dim($0) }, name: s.name)
    },
    "Permute": { s in
      guard let axes = s.ints("dims", "axes") else { throw s.missing("dims") }
      return Permute(axes, name: s.name)
    },
    "RepeatVector": { s in RepeatVector(try s.int("n", "count"), name: s.name) },
  ]

  private static let merging: [String: Maker] = [
    "Add": { s in Add(name: s.name) }, "Subtract": { s in Subtract(name: s.name) },
    "Multiply": { s in Multiply(name: s.name) }, "Average": { s in Average(name: s.name) },
    "Maximum": { s in Maximum(name: s.name) }, "Minimum": { s in Minimum(name: s.name) },
    "Concatenate": { s in Concatenate(axis: s.int("axis", -1), name: s.name) },
    "Dot": { s in
      guard let axes = s.ints("axes"), let first = axes.first, let last = axes.last else {
        throw s.missing("axes")
      }
      return Dot(axes: first, last, normalize: s.bool("normalize", false), name: s.name)
    },
  ]

  private static let regularization: [String: Maker] = [
    "Dropout": { s in Dropout(try s.double(required: "rate"), name: s.name) },
    "SpatialDropout1D": { s in SpatialDropout1D(try s.double(required: "rate"), name: s.name) },
    "SpatialDropout2D": { s in SpatialDropout2D(try s.double(required: "rate"), name: s.name) },
    "SpatialDropout3D": { s in SpatialDropout3D(try s.double(required: "rate"), name: s.name) },
    "AlphaDropout": { s in AlphaDropout(try s.double(required: "rate"), name: s.name) },
    "GaussianDropout": { s in GaussianDropout(try s.double(required: "rate"), name: s.name) },
    "GaussianNoise": { s in
      guard let deviation = s["stddev", "standard_deviation"]?.number else {
        throw s.missing("stddev")
      }
      return GaussianNoise(deviation, name: s.name)
    },
    "ActivityRegularization": { s in
      ActivityRegularization(l1: s.double("l1", 0), l2: s.double("l2", 0), name: s.name)
    },
  ]

  private static let normalization: [String: Maker] = [
    "BatchNormalization": { s in
      BatchNormalization(
        axis: s.int("axis", -1), momentum: s.double("momentum", 0.99),
        epsilon: s.double("epsilon", 1e-3), center: s.bool("center", true),
        scale: s.bool("scale", true), betaInitializer: s.initializer("beta_initializer", .zeros),
        gammaInitializer: s.initializer("gamma_initializer", .ones),
        betaRegularizer: try s.regularizer("beta_regularizer"),
        gammaRegularizer: try s.regularizer("gamma_regularizer"),
        betaConstraint: try s.constraint("beta_constraint"),
        gammaConstraint: try s.constraint("gamma_constraint"), name: s.name)
    },
    "LayerNormalization": { s in
      LayerNormalization(
        axes: s.ints("axis", "axes") ?? [-1], epsilon: s.double("epsilon", 1e-3),
        center: s.bool("center", true),
        scale: s.bool("scale", true), betaInitializer: s.initializer("beta_initializer", .zeros),
        gammaInitializer: s.initializer("gamma_initializer", .ones),
        betaRegularizer: try s.regularizer("beta_regularizer"),
        gammaRegularizer: try s.regularizer("gamma_regularizer"),
        betaConstraint: try s.constraint("beta_constraint"),
        gammaConstraint: try s.constraint("gamma_constraint"), name: s.name)
    },
    "GroupNormalization": { s in
      GroupNormalization(
        groups: s.int("groups", 32), epsilon: s.double("epsilon", 1e-3),
        center: s.bool("center", true), scale: s.bool("scale", true), name: s.name)
    },
    "RMSNormalization": { s in
      RMSNormalization(axis: s.int("axis", -1), epsilon: s.double("epsilon", 1e-6), name: s.name)
    },
    "UnitNormalization": { s in
      UnitNormalization(axes: s.ints("axis", "axes") ?? [-1], name: s.name)
    },
    "SpectralNormalization": { s in
      SpectralNormalization(
        try s.layer("layer"), powerIterations: s.int("power_iterations", 1), name: s.name)
    },
  ]
}
