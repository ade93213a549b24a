internal import Gnomon
internal import GnomonIR
internal import GnomonTensors

/// The weights of a model and the datasets that a file of Keras' has for them.
///
/// Such a file names weights by the attributes that lead to them, `layers/lstm/cell/vars/0`: layers by their class,
/// with numbers for further ones of a class, weights by their places.
struct KerasWeights {
  private let path: String
  private let datasets: [String: Tensor]
  private var pairs: [(weight: Weight, tensor: Tensor)] = []

  init(_ datasets: [String: Tensor], path: String) {
    self.datasets = datasets
    self.path = path
  }

  /// Gives the weights of a model what the file has; changes nothing if that does not fit.
  ///
  /// - Throws: `GnomonError` for a weight that the file does not have, or has of another dtype or shape.
  mutating func assign(to model: Model) throws {
    try collect(model, "")
    for (weight, tensor) in pairs { try weight.variable.assign(tensor) }
  }

  /// The attributes in which Keras keeps what our layers hold, with the layers there.
  private mutating func collect(_ layer: Layer, _ group: String) throws {
    func inside(_ name: String) -> String { group.isEmpty ? name : "\(group)/\(name)" }
    switch layer {
    case let model as Model:
      try collectOwn(model, group)
      try collect(list: model.layers, inside("layers"))
    case let both as Bidirectional:
      try collect(both.forward, inside("forward_layer"))
      try collect(both.backward, inside("backward_layer"))
    case let loop as RNN:
      try collect(loop.cell, inside("cell"))
    case let stack as StackedRNNCells:
      try collect(list: stack.cells, inside("cells"))
    case let each as TimeDistributed:
      try collect(each.layer, inside("layer"))
    case let spectral as SpectralNormalization:
      try collectOwn(spectral, group)
      try collect(spectral.layer, inside("layer"))
    case let attention as MultiHeadAttention:
      for (ours, keras) in [
        ("query", "query_dense"), ("key", "key_dense"), ("value", "value_dense"),
        ("attention_output", "output_dense"),
      ] {
        let own = attention.ownWeights.filter { $0.name.hasPrefix("\(attention.path)/\(ours)/") }
        // An attribute of a name with an underscore before it is Keras' own affair.
        let hidden = "\(group)/_\(keras)"
        let isHidden = datasets["\(hidden)/vars/0"] != nil
        try collect(own, isHidden ? hidden : inside(keras))
      }
    default:
      guard layer.sublayers.isEmpty else {
        throw refused("\(layer) holds layers in ways that a file of Keras' does not tell")
      }
      try collectOwn(layer, group)
    }
  }

  private mutating func collect(list: [Layer], _ group: String) throws {
    var counts: [String: Int] = [:]
    for layer in list {
      let name = KerasWeights.groupName(layer)
      let count = counts[name, default: 0]
      counts[name] = count + 1
      try collect(layer, "\(group)/\(count == 0 ? name : "\(name)_\(count)")")
    }
  }

  private mutating func collectOwn(_ layer: Layer, _ group: String) throws {
    try collect(
      layer.ownWeights.filter(\.trainable) + layer.ownWeights.filter { !$0.trainable }, group)
  }

  private mutating func collect(_ weights: [Weight], _ group: String) throws {
    for (i, weight) in weights.enumerated() {
      let name = group.isEmpty ? "vars/\(i)" : "\(group)/vars/\(i)"
      guard let tensor = datasets[name] else {
        throw refused("there is no `\(name)` for `\(weight.name)`")
      }
      let type = TensorType(tensor.dtype, tensor.shape.map { Dim($0) })
      guard type == weight.variable.type else {
        throw GnomonError([
          Diagnostic(
            .weightValues,
            "loadWeights: `\(name)` of \(path) has another dtype or shape than `\(weight.name)`",
            at: .unknown,
            evidence: [
              Diagnostic.Evidence(label: "weight", type: weight.variable.type),
              Diagnostic.Evidence(label: "file", type: type),
            ],
            help: "layers of one class are paired in the order in which the model calls them")
        ])
      }
      pairs.append((weight, tensor))
    }
  }

  private func refused(_ reason: String) -> GnomonError {
    let names = datasets.keys.filter { $0.hasPrefix("layers/") }.sorted().prefix(8)
    return GnomonError([
      Diagnostic(
        .weightValues, "loadWeights: \(path): \(reason)", at: .unknown,
        help: "it has \(names.joined(separator: ", "))…")
    ])
  }

  /// Keras' class in snake case.
  static func groupName(_ layer: Layer) -> String {
    switch layer {
    case is Sequential: "sequential"
    case is GroupedQueryAttention: "group_query_attention"
    case let model as Model where model.isFunctional: "functional"
    default: LayerNames.snakeCase(String(describing: type(of: layer)))
    }
  }
}
