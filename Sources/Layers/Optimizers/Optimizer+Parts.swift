internal import Gnomon

extension Optimizer {
  /// An optimizer for some of the parameters.
  public struct Part {
    /// It changes the parameters whose names contain one of these.
    public let names: [String]
    public let optimizer: Optimizer
  }

  /// Changes the parameters whose names contain one of `names` by another optimizer, with its rule, its rate and
  /// its options.
  ///
  ///     .sgd(learningRate: 0.01).using(.adam(), for: ["embeddings", "encoder/"])
  ///
  /// Of several parts that would take a parameter the first does. A loss scale is the whole's; `learningRate`
  /// is that of the other parameters, `parts` have their own.
  public func using(_ optimizer: Optimizer, for names: [String]) -> Optimizer {
    let part = Part(
      names: names,
      optimizer: Optimizer(
        optimizer, options: optimizer.options,
        label: "\(optimizer.rule.name)_\(parts.count + 1)"))
    let whole = Optimizer(self, options: options, parts: parts + [part])
    whole.unknownName = unknownName ?? optimizer.unknownName
    return whole
  }

  /// The optimizer of a part that takes a parameter; nil if it is the whole's.
  func part(of parameter: Expr) -> Optimizer? {
    let name = parameter.name ?? ""
    return parts.first { $0.names.contains { name.contains($0) } }?.optimizer
  }

  /// Pairs of parameters and gradients, those of the whole first, then those of each part.
  func divided(_ parameters: [Expr], _ gradients: [Expr]) -> [(Optimizer, [(Expr, Expr)])] {
    let owners = parameters.map { part(of: $0) }
    let pairs = Array(zip(parameters, gradients))
    return [(self, pairs.indices.filter { owners[$0] == nil }.map { pairs[$0] })]
      + parts.map { part in
        (part.optimizer, pairs.indices.filter { owners[$0] === part.optimizer }.map { pairs[$0] })
      }
  }
}

extension Optimizer.Part {
  /// The same with nothing remembered.
  init(_ other: Optimizer.Part, label: String) {
    names = other.names
    optimizer = Optimizer(other.optimizer, options: other.optimizer.options, label: label)
  }
}
