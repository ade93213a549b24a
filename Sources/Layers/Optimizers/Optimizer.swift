public import Gnomon
internal import GnomonIR

/// What changes parameters so that a loss becomes smaller.
///
///     try model.compile(optimizer: .adam(learningRate: 0.01).clipping(globalNorm: 1), loss: "mse")
///
///     let optimizer = Optimizer.sgd(learningRate: 0.1, momentum: 0.9)       // without a model
///     let step = try compile(
///       inputs: [x, y], outputs: [loss], updates: optimizer.updates(of: [w, b], loss: loss))
///
/// The rule is a value; the optimizer keeps the number of steps, the rate and what the rule remembers, as
/// variables, which the compiled step changes in place: the update of a parameter is one kernel.
public final class Optimizer {
  /// The name of the rule.
  public var name: String { rule.name }
  /// The formula.
  public let rule: any UpdateRule
  /// What happens around the formula.
  public internal(set) var options: Options
  /// The number of steps made, int64.
  public let iterations: Expr
  /// The rate, float32, where it follows no schedule.
  let rateVariable: Expr
  let schedule: any LearningRate
  /// The optimizers of parameters with certain names.
  public let parts: [Part]
  /// What names of variables begin with.
  private let label: String
  /// A text that was to name an optimizer and does not.
  var unknownName: String?

  var shared: [Expr] = []
  var states: [ParameterState] = []
  var scale: LossScaleState?

  /// An optimizer of a rule of one's own.
  public convenience init(_ rule: some UpdateRule, learningRate: some LearningRate) {
    self.init(
      rule, learningRate, rate: learningRate.constant ?? 0, options: Options(), parts: [],
      label: rule.name)
  }

  /// A new optimizer of the same rule and rate, with other options and nothing remembered.
  convenience init(
    _ other: Optimizer, options: Options, parts: [Part]? = nil, label: String? = nil
  ) {
    let rate = (try? other.rateVariable.value.item()) ?? 0
    self.init(
      other.rule, other.schedule, rate: rate, options: options,
      parts: parts ?? other.parts.map { Part($0, label: $0.optimizer.label) },
      label: label ?? other.label)
    unknownName = other.unknownName
  }

  private init(
    _ rule: any UpdateRule, _ schedule: any LearningRate, rate: Double, options: Options,
    parts: [Part], label: String
  ) {
    self.rule = rule
    self.schedule = schedule
    self.options = options
    self.parts = parts
    self.label = label
    iterations = .variable("\(label)/iteration", Tensor(0, dtype: .int64))
    rateVariable = .variable("\(label)/learning_rate", Tensor(rate, dtype: .float32))
    shared = rule.sharedSlots.map { .variable("\(label)/\($0.name)", $0.initial) }
  }

  /// The rate of the next step.
  ///
  /// Setting it takes effect at once, without compiling anything. The rate of an optimizer with a schedule
  /// cannot be set: the value is ignored, and a message goes to standard error.
  public var learningRate: Double {
    get {
      if schedule.constant != nil { return (try? rateVariable.value.item()) ?? .nan }
      let step = Expr.constant(iterations.value).cast(to: .float32)
      return (try? evaluate(schedule.rate(at: step)).item()) ?? .nan
    }
    set {
      guard schedule.constant != nil else {
        return report(
          Diagnostic(
            .scheduledRate, "learningRate: the rate of this optimizer follows a schedule",
            at: .unknown, help: "give the optimizer a number as its rate, and set that"))
      }
      rateVariable.value = Tensor(newValue, dtype: .float32)
    }
  }

  /// Whether the rate follows a schedule.
  public var isScheduled: Bool { schedule.constant == nil }

  /// Everything that is remembered: the number of steps, the rate, and the state of the parameters that
  /// the optimizer has been `prepare`d for.
  public var variables: [Expr] {
    [iterations, rateVariable] + shared + states.flatMap(\.all)
      + (scale.map { [$0.factor, $0.goodSteps] } ?? []) + parts.flatMap(\.optimizer.variables)
  }

  /// Makes the state of parameters, as far as it is not there yet.
  public func prepare(for parameters: [Expr]) {
    for p in parameters {
      if let part = part(of: p) {
        part.prepare(for: [p])
      } else if state(of: p) == nil {
        states.append(ParameterState(p, rule, options))
      }
    }
    if let dynamic = options.dynamicScale, scale == nil {
      scale = LossScaleState(label, initial: dynamic.initial)
    }
  }

  func state(of parameter: Expr) -> ParameterState? {
    states.first { $0.parameter.id == parameter.id }
  }

  /// Puts the averages of the parameters in the parameters' place, if averages are taken.
  public func finishAveraging() {
    for state in states {
      if let average = state.average { state.parameter.value = average.value }
    }
    for part in parts { part.optimizer.finishAveraging() }
  }

  /// Exchanges the parameters and their averages, if averages are taken.
  public func swapAverages() {
    for state in states {
      guard let average = state.average else { continue }
      (state.parameter.value, average.value) = (average.value, state.parameter.value)
    }
    for part in parts { part.optimizer.swapAverages() }
  }
}

/// What an optimizer remembers of one parameter.
struct ParameterState {
  let parameter: Expr
  let slots: [Expr]
  let average: Expr?
  let accumulated: Expr?

  init(_ parameter: Expr, _ rule: any UpdateRule, _ options: Optimizer.Options) {
    self.parameter = parameter
    let base = "\(rule.name)/\(parameter.name ?? "parameter")"
    slots = rule.slots(for: parameter).map { .variable("\(base)/\($0.name)", $0.initial) }
    func zeros(_ name: String) -> Expr {
      let slot = Slot(name, like: parameter)
      return .variable("\(base)/\(name)", slot.initial)
    }
    average = options.averaging == nil ? nil : zeros("average")
    accumulated = options.accumulationSteps > 1 ? zeros("accumulated_gradient") : nil
  }

  var all: [Expr] { slots + [average, accumulated].compactMap { $0 } }
}

/// A factor of the loss that follows what the gradients bear.
struct LossScaleState {
  let factor: Expr
  let goodSteps: Expr

  init(_ rule: String, initial: Double) {
    factor = .variable("\(rule)/loss_scale", Tensor(initial, dtype: .float32))
    goodSteps = .variable("\(rule)/good_steps", Tensor(0, dtype: .int64))
  }
}
