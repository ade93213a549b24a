internal import Foundation
public import GnomonIR
public import GnomonTensors

extension Expr {
  /// The tensor that a variable holds now.
  ///
  ///     print(w.value)
  ///     w.value = .zeros(.float32, [784, 10])
  ///
  /// Reading waits for a step that is under way and gives the state between two whole steps; a tensor
  /// that was read does not change afterwards. A setter cannot throw: setting a tensor of another
  /// dtype or shape, or setting what is no variable, leaves everything as it was and writes the
  /// diagnostic to standard error; `assign(_:)` throws it instead. Reading what is no variable gives an
  /// empty tensor and the same message.
  public var value: Tensor {
    get {
      if let storage = variable { return storage.value }
      report(GnomonError([.noVariable(self)]))
      return Tensor.zeros(dtype, [0])
    }
    nonmutating set {
      do { try assign(newValue) } catch { report(error) }
    }
  }

  /// Replaces the tensor that a variable holds; waits for a step that is under way.
  ///
  /// - Throws: `GnomonError` if this is no variable, or the tensor has another dtype or shape than the
  ///   variable; its value is then unchanged.
  public func assign(_ new: Tensor) throws(GnomonError) {
    guard let storage = variable else { throw GnomonError([.noVariable(self)]) }
    let type = TensorType(new.dtype, new.shape.map { Dim($0) })
    guard type == storage.type else { throw GnomonError([.otherValue(self, type)]) }
    storage.publish(new)
  }

  private var variable: VariableStorage? {
    guard case .parameter(let p) = node.origin, case .variable(let s) = p.kind else { return nil }
    return s
  }

  private func report(_ error: GnomonError) {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
  }
}

extension Diagnostic {
  fileprivate static func noVariable(_ e: Expr) -> Diagnostic {
    Diagnostic(
      .variableValue, "value: only variables have one", at: e.node.location,
      evidence: e.isInvalid ? [] : [Evidence(label: e.label, type: e.type)],
      help: "evaluate(e) computes the value of an expression; Expr.variable makes a variable")
  }

  fileprivate static func otherValue(_ e: Expr, _ type: TensorType) -> Diagnostic {
    Diagnostic(
      .variableValue, "value: the variable `\(e.label)` holds another dtype or shape",
      at: e.node.location,
      evidence: [
        Evidence(label: "variable", type: e.type), Evidence(label: "new value", type: type),
      ])
  }
}
