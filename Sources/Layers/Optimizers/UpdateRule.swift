public import Gnomon

/// The formula of an optimizer: what a parameter becomes, given its gradient and what is remembered of
/// earlier steps.
///
///     struct SignDescent: UpdateRule {
///       let name = "sign_descent"
///       func update(_ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep) -> ParameterUpdate {
///         ParameterUpdate(p - step.rate * sign(g))
///       }
///     }
///     try model.compile(optimizer: Optimizer(SignDescent(), learningRate: 0.01), loss: "mse")
///
/// Clipping, weight decay, averaging, gradient accumulation and loss scales are the `Optimizer`'s.
public protocol UpdateRule: Sendable {
  /// The name, in snake case, of which names of state are made.
  var name: String { get }

  /// What is remembered of a parameter: names and first values.
  func slots(for parameter: Expr) -> [Slot]

  /// What is remembered of the whole, scalars: names and first values.
  var sharedSlots: [Slot] { get }

  /// What the shared slots become in a step.
  func sharedUpdate(_ slots: [Expr], _ step: UpdateStep) -> [Expr]

  /// What a parameter and its slots become.
  ///
  /// - Parameters:
  ///   - p: the parameter.
  ///   - g: its gradient, of the same type.
  ///   - slots: the values of its slots, in order.
  ///   - step: the rate and the number of the step.
  func update(_ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep) -> ParameterUpdate

  /// The weight decay of a parameter, if the rule has one of its own, which goes before the optimizer's.
  func weightDecay(for parameter: Expr) -> Double?
}

extension UpdateRule {
  public func slots(for parameter: Expr) -> [Slot] { [] }
  public var sharedSlots: [Slot] { [] }
  public func sharedUpdate(_ slots: [Expr], _ step: UpdateStep) -> [Expr] { [] }
  public func weightDecay(for parameter: Expr) -> Double? { nil }
}

/// A tensor that an optimizer remembers from step to step.
public struct Slot: Sendable {
  public var name: String
  public var initial: Tensor

  public init(_ name: String, _ initial: Tensor) {
    self.name = name
    self.initial = initial
  }

  /// A slot of the parameter's shape and dtype, filled with a value.
  public init(_ name: String, like parameter: Expr, filledWith value: Double = 0) {
    let sizes = parameter.shape.map { $0.constant ?? 1 }
    self.init(name, .full(value, parameter.dtype, sizes))
  }
}

/// What a parameter and its slots become in a step.
public struct ParameterUpdate: Sendable {
  public var parameter: Expr
  public var slots: [Expr]

  public init(_ parameter: Expr, slots: [Expr] = []) {
    self.parameter = parameter
    self.slots = slots
  }
}

/// What a rule may know of the step.
public struct UpdateStep: Sendable {
  /// The learning rate, a scalar of the parameter's dtype.
  public let rate: Expr
  /// The number of the step, from 1, a scalar of the parameter's dtype.
  public let number: Expr
  /// What the shared slots become in this step.
  public let shared: [Expr]
  /// Whether the rate follows a schedule.
  public let isScheduled: Bool

  /// The same for parameters of another dtype.
  func cast(to dtype: DType) -> UpdateStep {
    UpdateStep(
      rate: rate.cast(to: dtype), number: number.cast(to: dtype),
      shared: shared.map { $0.cast(to: dtype) }, isScheduled: isScheduled)
  }
}
