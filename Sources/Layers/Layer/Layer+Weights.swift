public import Gnomon
package import GnomonIR
internal import GnomonOperations
public import GnomonTensors

extension Layer {
  /// Makes a weight; `build` calls it.
  ///
  ///     kernel = addWeight("kernel", shape: [inputShape[1], 10])
  ///
  /// - Parameters:
  ///   - name: unique within the layer.
  ///   - shape: sizes, none of them named: a weight has memory of one size.
  ///   - initializer: gives the first value.
  ///   - dtype: by default that of the layer.
  ///   - regularizer: adds a penalty to the loss.
  ///   - constraint: maps the weight to an allowed one after each step.
  ///   - trainable: whether gradients reach it.
  /// - Returns: the variable, to compute with.
  @_transparent @discardableResult public final func addWeight(
    _ name: String, shape: [Dim], initializer: any Initializer = .glorotUniform,
    dtype: DType? = nil, regularizer: (any Regularizer)? = nil,
    constraint: (any Constraint)? = nil, trainable: Bool = true
  ) -> Expr {
    _addWeight(
      name, shape, initializer, dtype, regularizer, constraint, trainable, .here())
  }

  @usableFromInline final func _addWeight(
    _ name: String, _ shape: [Dim], _ initializer: any Initializer, _ dtype: DType?,
    _ regularizer: (any Regularizer)?, _ constraint: (any Constraint)?, _ trainable: Bool,
    _ at: Location
  ) -> Expr {
    let type = TensorType(dtype ?? weightDType, shape)
    let full = "\(path)/\(name)"
    func mistake(_ code: DiagnosticCode, _ message: String, _ axes: [Int], _ help: String) -> Expr {
      let bad = Expr.invalid(
        Diagnostic(
          code, message, at: at,
          evidence: [Diagnostic.Evidence(label: full, type: type, markedAxes: axes)], help: help))
      mistakes.append(bad)
      return bad
    }
    let open = shape.indices.filter { shape[$0].constant == nil }
    guard open.isEmpty else {
      return mistake(
        .weightShape,
        "layer \(self.name): the weight `\(name)` has an axis whose size is not known",
        open,
        "\(shape[open[0]]) is the size of an input's axis that differs from call to call;"
          + " a weight can depend on the other axes only, such as inputShape.last")
    }
    guard shape.allSatisfy({ $0.constant! >= 0 }) else {
      return mistake(
        .weightShape, "layer \(self.name): the weight `\(name)` has a negative size",
        shape.indices.filter { shape[$0].constant! < 0 }, "sizes are 0 or more")
    }
    guard !ownWeights.contains(where: { $0.name == full }) else {
      return mistake(
        .duplicateName, "layer \(self.name): two weights are called `\(name)`", [],
        "give each a name of its own")
    }
    do {
      let initial = try initializer(
        shape: shape.map { $0.constant! }, dtype: type.dtype, seed: RandomSeeds.next())
      let variable = Expr._variable(full, initial, at)
      ownWeights.append(
        Weight(
          name: full, variable: variable, regularizer: regularizer, constraint: constraint,
          trainable: trainable))
      return variable
    } catch {
      return mistake(
        .weightShape, "layer \(self.name): the weight `\(name)`: \(error)", [],
        "choose another initializer, or another shape")
    }
  }

  /// Makes a state: a variable that is neither trained nor counted among the weights, such as the state of
  /// a random stream or of a stateful RNN. Files keep it.
  public final func addState(_ name: String, _ initial: Tensor) -> Expr {
    let full = "\(path)/\(name)"
    let variable = Expr._variable(full, initial, .here())
    ownStates.append(
      Weight(name: full, variable: variable, regularizer: nil, constraint: nil, trainable: false))
    return variable
  }

  /// Adds a scalar to the loss of the models that contain this call, beside the loss of their outputs.
  ///
  ///     override func call(_ x: Expr) -> Expr {
  ///       addLoss(0.01 * mean(square(x)))
  ///       return x
  ///     }
  public final func addLoss(_ loss: Expr) {
    CallContext.current?.node.losses.append(loss)
  }

  /// Asks that `weight` become something else after each training step: a moving average, a counter.
  ///
  ///     addUpdate(movingMean) { old in 0.99 * old + 0.01 * mean(x, axes: 0) }
  ///
  /// - Parameters:
  ///   - weight: a weight of the layer that is not trainable.
  ///   - inTrainingOnly: false where inference changes the state too, as in a stateful RNN.
  ///   - becomes: the new value from the old one.
  public final func addUpdate(
    _ weight: Expr, inTrainingOnly: Bool = true, _ becomes: @escaping (Expr) -> Expr
  ) {
    CallContext.current?.node.updates.append(
      StateUpdate(variable: weight, inTrainingOnly: inTrainingOnly, becomes: becomes))
  }

  // MARK: - Lists

  /// All weights: the layer's own, the trainable first, then those of the layers inside.
  public final var weights: [Weight] {
    if keepsWeightOrder { return ownWeights }
    return unique(
      ownWeights.filter(\.trainable) + ownWeights.filter { !$0.trainable }
        + sublayers.flatMap(\.weights))
  }

  /// The weights that training changes; none if the layer is not `trainable`.
  public final var trainableWeights: [Weight] {
    guard trainable else { return [] }
    return unique(ownWeights.filter(\.trainable) + sublayers.flatMap(\.trainableWeights))
  }

  /// The other weights.
  public final var nonTrainableWeights: [Weight] {
    let trained = Set(trainableWeights.map { ObjectIdentifier($0) })
    return weights.filter { !trained.contains(ObjectIdentifier($0)) }
  }

  /// The states, of this layer and those inside.
  public final var states: [Weight] { unique(ownStates + sublayers.flatMap(\.states)) }

  /// The number of elements of all weights.
  public final var parameterCount: Int { weights.reduce(0) { $0 + $1.elementCount } }

  /// The tensors of all weights, in the order of `weights`.
  public final var weightValues: [Tensor] { weights.map(\.variable.value) }

  /// Sets the tensors of all weights, in the order of `weights`.
  ///
  /// - Throws: `GnomonError` if there are more or fewer, or one has another dtype or shape; nothing is
  ///   changed then.
  public final func setWeights(_ tensors: [Tensor]) throws {
    let all = weights
    guard tensors.count == all.count else {
      throw GnomonError([
        Diagnostic(
          .weightValues,
          "setWeights: layer \(name) has \(all.count) weights, not \(tensors.count)", at: .unknown,
          help: isBuilt ? nil : "the layer is not built; call it first")
      ])
    }
    for (w, t) in zip(all, tensors) {
      let type = TensorType(t.dtype, t.shape.map { Dim($0) })
      guard type == w.variable.type else {
        throw GnomonError([
          Diagnostic(
            .weightValues, "setWeights: `\(w.name)` has another dtype or shape", at: .unknown,
            evidence: [
              Diagnostic.Evidence(label: "weight", type: w.variable.type),
              Diagnostic.Evidence(label: "tensor", type: type),
            ])
        ])
      }
    }
    for (w, t) in zip(all, tensors) { try w.variable.assign(t) }
  }

  private func unique(_ weights: [Weight]) -> [Weight] {
    var seen: Set<ObjectIdentifier> = []
    return weights.filter { seen.insert(ObjectIdentifier($0)).inserted }
  }
}
