public import GnomonIR
internal import GnomonTensors

extension Expr {
  /// Whether the function is for training: the reserved bool scalar on which dropout, batch
  /// normalization and your own layers `branch`.
  ///
  ///     let y = branch(.training, then: { dropout(x, rate: 0.5, key: key) }, else: { x })
  ///
  /// It need not be listed among a function's inputs: `compile` replaces it by the constant that
  /// `CompileOptions.training` says, false unless told otherwise, and the branch not taken vanishes.
  public static let training = Expr(
    node: Node(
      .parameter(Parameter(.input, name: "training")), types: [TensorType(.bool, [])],
      location: .unknown))
}
