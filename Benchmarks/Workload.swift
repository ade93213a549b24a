import Gnomon

/// What is measured: a name, and how to prepare it, which is not timed.
struct Workload: Sendable {
  let name: String
  let prepare: @Sendable () -> Program

  enum Program: Sendable {
    case call(Call)
    case training(Training)
  }

  /// A function with its arguments.
  struct Call: Sendable {
    let arguments: [Tensor]
    let build: @Sendable () throws -> CompiledFunction
    /// The numbers that peers must agree on, from the results of the first call.
    let check: @Sendable ([Tensor]) throws -> [Double]
    /// Whether calls write into a tensor that the caller has, of at most three arguments.
    var isGivenResult = false
  }

  /// A training step on fixed data, whose state is in variables.
  struct Training: Sendable {
    let arguments: [Tensor]
    /// Steps before the check; the time is measured from the state they leave.
    let steps: Int
    /// The step, and the variables whose summaries follow the first and last loss in the check.
    let build: @Sendable () throws -> (step: CompiledFunction, shown: [Expr])
    /// Whether peers can agree on numbers; they cannot with each its own random draws.
    var isChecked = true
    /// The bytes that a step cannot avoid to move, where it leaves most of a variable alone.
    var touchedBytes: Int?
  }

  /// A function of inputs of the types of its arguments.
  static func call(
    _ name: String, _ arguments: @autoclosure @escaping @Sendable () -> [Tensor],
    isGivenResult: Bool = false,
    check: @escaping @Sendable ([Tensor]) throws -> [Double] = summaries,
    _ body: @escaping @Sendable ([Expr]) -> [Expr]
  ) -> Workload {
    Workload(name: name) {
      let arguments = arguments()
      return .call(
        Call(
          arguments: arguments,
          build: {
            let inputs = inputs(like: arguments)
            return try compile(inputs: inputs, outputs: body(inputs))
          }, check: check, isGivenResult: isGivenResult))
    }
  }

  /// The compiled function, or the step of a training.
  func function() throws -> CompiledFunction {
    switch prepare() {
    case .call(let call): try call.build()
    case .training(let training): try training.build().step
    }
  }

  static func training(_ name: String, _ prepare: @escaping @Sendable () -> Training) -> Workload {
    Workload(name: name) { .training(prepare()) }
  }
}

/// Inputs of the types of some tensors, named x0, x1, ….
func inputs(like tensors: [Tensor]) -> [Expr] {
  tensors.enumerated().map { i, t in .input("x\(i)", t.dtype, t.shape.map { Dim($0) }) }
}

/// Variables that start with some tensors, named p0, p1, ….
func variables(_ tensors: [Tensor]) -> [Expr] {
  tensors.enumerated().map { i, t in .variable("p\(i)", t) }
}

func zeros(_ shape: Shape) -> Tensor { .zeros(.float32, shape) }

/// The summaries of all results, one after the other.
func summaries(_ results: [Tensor]) -> [Double] { results.flatMap(summary) }

/// Of a loss and its gradients, the summaries of the gradients.
func summariesButFirst(_ results: [Tensor]) -> [Double] { summaries(Array(results.dropFirst())) }

/// [sum of magnitudes in double, first, middle, last element].
func summary(_ tensor: Tensor) -> [Double] {
  let all = tensor.doubles
  guard let first = all.first, let last = all.last else { return [0] }
  return [all.reduce(0) { $0 + abs($1) }, first, all[all.count / 2], last]
}
