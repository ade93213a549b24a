internal import Foundation
internal import Gnomon
internal import GnomonIR
internal import GnomonTensors

/// Makes a model of what a file of Keras' says: a `Sequential`, or a graph of layers.
struct KerasModel {
  private let path: String
  private let layers: [(settings: LayerSettings, calls: [Configuration])]

  /// Reads a `.keras` file: its layers, connected as there, with its weights.
  static func load(_ path: String) throws -> Model {
    let (text, weights) = try Tensor.readKerasArchive(path)
    guard let config = try? JSONDecoder().decode(Configuration.self, from: Data(text.utf8)) else {
      throw TensorError.unsupported(path: path, reason: "its description is no JSON")
    }
    let model = try make(config, path: path)
    var keras = KerasWeights(weights, path: path)
    try keras.assign(to: model)
    return model
  }

  /// A model from its description.
  static func make(_ config: Configuration, path: String) throws -> Model {
    let settings = try LayerSettings(config)
    let parts = try KerasModel(settings, path: path)
    switch settings.type {
    case "Sequential": return try parts.sequential(settings)
    case "Functional", "Model": return try parts.functional(settings)
    default:
      throw TensorError.unsupported(
        path: path, reason: "the class \(settings.type) is code that the file does not have")
    }
  }

  private init(_ settings: LayerSettings, path: String) throws {
    self.path = path
    layers = try (settings["layers"]?.list ?? []).map { layer in
      var calls: [Configuration] = []
      if case .map(let object) = layer, let list = object["inbound_nodes"]?.list { calls = list }
      return (try LayerSettings(layer), calls)
    }
  }

  private func malformed(_ what: String) -> TensorError {
    .unsupported(path: path, reason: "its description is not understood: \(what)")
  }

  private func layer(_ settings: LayerSettings) throws -> Layer {
    ["Sequential", "Functional", "Model"].contains(settings.type)
      ? try KerasModel.make(settings.whole, path: path) : try Layer.make(settings)
  }

  /// The shape of an input without the batch, and its dtype.
  private func input(_ settings: LayerSettings) throws -> (shape: [Dim], dtype: DType) {
    guard let sizes = (settings["batch_shape"] ?? settings["batch_input_shape"])?.list else {
      throw malformed("an input without a shape")
    }
    let axes = sizes.dropFirst().enumerated().map { i, size in
      size.number.map { Dim(Int($0)) } ?? Dim(stringLiteral: "axis_\(i + 1)")
    }
    let name = settings.text("dtype") ?? "float32"
    return (axes, DType.allCases.first { $0.description == name } ?? .float32)
  }

  private func sequential(_ settings: LayerSettings) throws -> Model {
    var list: [Layer] = []
    for (own, _) in layers {
      if own.type == "InputLayer" {
        let (shape, dtype) = try input(own)
        list.append(InputLayer(shape: shape, dtype: dtype, name: own.name))
      } else {
        list.append(try layer(own))
      }
    }
    return Sequential(list, name: settings.name)
  }

  // MARK: - Graphs

  private func functional(_ settings: LayerSettings) throws -> Model {
    var graph = KerasGraph(path: path)
    for (own, calls) in layers {
      guard let name = own.name else { throw malformed("a layer without a name") }
      if own.type == "InputLayer" {
        let (shape, dtype) = try input(own)
        graph.inputs[name] = Input(shape: shape, dtype: dtype, name: name)
      } else {
        graph.calls[name] = calls
        // Operations that Keras makes of masks are layers to it; nothing that is computed needs them.
        graph.makers[name] = { try layer(own) }
      }
    }
    let inputs = try graph.ends(settings["input_layers"]).map { try graph.value($0) }
    let outputs = try graph.ends(settings["output_layers"]).map { try graph.value($0) }
    let model = Model(inputs: inputs, outputs: outputs, name: settings.name)
    // In the order of the file, which the names of its weights count by.
    model.order(layers.compactMap { $0.settings.name })
    try model.validate()
    return model
  }
}

/// The calls of a graph of layers, made as they are needed.
private struct KerasGraph {
  /// An output of a call of a layer: `["dense", 0, 0]`.
  struct End: Hashable {
    let layer: String
    let call: Int
    let output: Int
  }

  let path: String
  var inputs: [String: Expr] = [:]
  var makers: [String: () throws -> Layer] = [:]
  var calls: [String: [Configuration]] = [:]
  private var made: [String: Layer] = [:]
  private var values: [String: [Expr]] = [:]
  private var depth = 0

  init(path: String) { self.path = path }

  private func malformed(_ what: String) -> TensorError {
    .unsupported(path: path, reason: "its description is not understood: \(what)")
  }

  private func end(_ c: Configuration) -> End? {
    guard let list = c.list, list.count >= 3, case .text(let name) = list[0],
      let call = list[1].number, let output = list[2].number
    else { return nil }
    return End(layer: name, call: Int(call), output: Int(output))
  }

  /// One end, or a list of them.
  func ends(_ c: Configuration?) throws -> [End] {
    guard let c else { throw malformed("a model without inputs or outputs") }
    if let one = end(c) { return [one] }
    let all = c.list?.compactMap { end($0) } ?? []
    guard !all.isEmpty else { throw malformed("a model without inputs or outputs") }
    return all
  }

  mutating func value(_ end: End) throws -> Expr {
    if let input = inputs[end.layer] { return input }
    let key = "\(end.layer)/\(end.call)"
    if values[key] == nil {
      guard let make = makers[end.layer], let list = calls[end.layer],
        list.indices.contains(end.call), depth < 10_000
      else { throw malformed("no call of `\(end.layer)`") }
      depth += 1
      defer { depth -= 1 }
      let arguments = try tensors(list[end.call]).map { try value($0) }
      let layer = try made[end.layer] ?? make()
      made[end.layer] = layer
      values[key] = layer(arguments)
    }
    guard let all = values[key] else { throw malformed("a call of `\(end.layer)`") }
    if let bad = all.first(where: \.isInvalid) { return bad }
    guard all.indices.contains(end.output) else {
      throw malformed("`\(end.layer)` has no output \(end.output)")
    }
    return all[end.output]
  }

  /// The tensors among the arguments of a call, in order; masks travel with their values and are left out.
  private func tensors(_ call: Configuration) throws -> [End] {
    guard case .map(let parts) = call, let arguments = parts["args"] else {
      throw malformed("a call in the manner of another version of Keras")
    }
    func flat(_ c: Configuration) -> [End] {
      if case .map(let object) = c, case .map(let config)? = object["config"],
        let history = config["keras_history"]
      {
        return end(history).map { [$0] } ?? []
      }
      return c.list?.flatMap(flat) ?? []
    }
    var found = flat(arguments)
    if case .map(let named)? = parts["kwargs"] {
      for name in ["value", "key", "initial_state"] { found += named[name].map(flat) ?? [] }
    }
    return found
  }
}
