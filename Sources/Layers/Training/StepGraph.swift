internal import Gnomon
internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// The arguments of a step and what they stand for in the model's graph.
///
/// A model's inputs keep their dtype: data of another one are converted within the step. So images may
/// stay bytes in memory.
struct StepGraph {
  let model: Model
  /// The inputs of the step: those of the model, targets, weights.
  let arguments: [Expr]
  private let givens: [(Expr, Expr)]
  let targets: [Expr]
  let weights: Expr?
  private let at: Location

  init(_ model: Model, _ batch: Batch, _ at: Location) {
    self.model = model
    self.at = at
    var arguments: [Expr] = []
    var givens: [(Expr, Expr)] = []
    for (input, data) in zip(model.inputs, batch.inputs) {
      guard data.dtype != input.dtype else {
        arguments.append(input)
        continue
      }
      let own = Expr._input("\(input.name ?? "input")_data", data.dtype, input.shape, at)
      arguments.append(own)
      givens.append((input, at.serving("fit") { own.cast(to: input.dtype) }))
    }
    func argument(_ name: String, _ data: Tensor, like output: Expr) -> Expr {
      let shape = data.shape.enumerated().map { i, size -> Dim in
        guard i < output.rank else { return Dim(size) }
        // Sizes that the model leaves open are the same ones.
        return output.shape[i].constant == nil && (i == 0 || data.rank <= output.rank)
          ? output.shape[i] : Dim(size)
      }
      let made = Expr._input(name, data.dtype, shape, at)
      arguments.append(made)
      return made
    }
    let single = batch.targets.count == 1
    targets = zip(model.outputs, batch.targets).enumerated().map { i, pair in
      argument(single ? "targets" : "targets_\(i)", pair.1, like: pair.0)
    }
    weights = batch.sampleWeights.flatMap { data in
      model.outputs.first.map { argument("sample_weights", data, like: $0) }
    }
    self.arguments = arguments
    self.givens = givens
  }

  /// The loss of all outputs with the penalties, and those of the outputs alone.
  func loss(_ trainer: Trainer) -> (total: Expr, parts: [Expr]) {
    let parts = zip(zip(trainer.losses, targets), model.outputs).map { pair, output in
      let (loss, target) = pair
      let weights = weights.map { $0.dtype.isFloat ? $0 : $0.cast(to: .float32) }
      let value = loss._value(target, output, weights, output.mask, at)
      return at.serving(loss.name) { value.rank > 0 && !value.isInvalid ? mean(value) : value }
    }
    return at.serving("loss") {
      let weighted = zip(parts, trainer.lossWeights).map { part, w in w == 1 ? part : Expr(w) * part
      }
      let extra = (model.losses + model.regularizationLosses).map { term in
        term.rank > 0 && !term.isInvalid ? sum(term) : term
      }
      let dtype = weighted.first?.dtype ?? .float32
      let all = weighted + extra.map { $0.isInvalid ? $0 : $0.cast(to: dtype) }
      let total = all.dropFirst().reduce(all.first ?? .zeros(.float32, [])) { $0 + $1 }
      return (total, parts)
    }
  }

  /// What the optimizer changes, with each weight brought to what its constraint allows.
  func optimizerUpdates(_ optimizer: Optimizer, _ total: Expr) -> [(Expr, Expr)] {
    let weights = model.trainableWeights
    guard !weights.isEmpty, !total.isInvalid else { return [] }
    let updates = optimizer._updates(of: weights.map(\.variable), loss: total, at)
    let constraints = weights.compactMap { w in w.constraint.map { (w.variable.id, $0) } }
    return updates.map { variable, becomes in
      guard let constraint = constraints.first(where: { $0.0 == variable.id })?.1 else {
        return (variable, becomes)
      }
      return (variable, at.serving("constraint") { constraint(becomes) })
    }
  }

  /// Refuses variables that the loss depends on and that nobody owns: a loss of the user's may bring some.
  func checkVariables(of total: Expr, _ optimizer: Optimizer) throws {
    guard !total.isInvalid else { return }
    let found = model.unowned([total], besides: optimizer.variables, givens: givens)
    guard found.isEmpty else { throw GnomonError(found) }
  }

  func compiled(
    outputs: [Expr], updates: [(Expr, Expr)], _ name: String, _ options: CompileOptions
  ) throws -> CompiledFunction {
    var options = options
    options.name = name
    options.training = name == "train"
    return try compile(
      inputs: arguments, outputs: outputs, updates: updates, givens: givens, options: options)
  }
}
