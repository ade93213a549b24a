internal import Gnomon
package import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

extension Layer {
  /// The shape of the output for an input of `shape`, found by calling the layer on a placeholder.
  package final func tracedOutputShape(_ shape: [Dim]) -> [Dim] {
    let x = Expr._input("\(name)_input", inputDType, shape, .unknown)
    let outputs = _apply([x], .unknown)
    return outputs[0].isInvalid ? [] : outputs[0].shape
  }

  /// The mistake that `call` returned another shape than `computeOutputShape` says.
  final func shapeMismatch(_ node: LayerNode, _ results: [Expr]) -> Expr? {
    guard node.inputs.count == 1, results.count == 1 else { return nil }
    isComparingShapes = true
    outputShapeIsGiven = true
    let promised = computeOutputShape(node.inputs[0].shape)
    isComparingShapes = false
    guard outputShapeIsGiven, promised != results[0].shape else { return nil }
    let text = TensorType(results[0].dtype, promised)
    return .invalid(
      Diagnostic(
        .outputShapeMismatch,
        "layer \(name): `call` returns another shape than `computeOutputShape` says",
        at: node.location,
        evidence: [
          Diagnostic.Evidence(label: "call", type: results[0].type),
          Diagnostic.Evidence(label: "computeOutputShape", type: text),
        ], help: "leave computeOutputShape out: it is inferred from `call`"))
  }

  /// An invalid expression for a mistake in how this layer is used.
  package final func refused(
    _ code: DiagnosticCode, _ message: String, _ inputs: [Expr], marks: [Refusal.Mark] = [],
    help: String? = nil, at: Location
  ) -> Expr {
    .refused(
      Refusal(code, message, marks: marks, help: help), "layer \(name)", inputs, at: at)
  }

  final func missingCall(_ inputs: [Expr]) -> Expr {
    refused(
      .layerInput, "\(type(of: self)) has no formula", inputs,
      help: "override call(_ x: Expr) -> Expr", at: .here())
  }

  final func tooManyInputs(_ inputs: [Expr]) -> Expr {
    refused(
      .layerInput, "the layer takes one input, not \(inputs.count)", inputs,
      help: "layers of several inputs override call(_ inputs: [Expr]) -> [Expr]", at: .here())
  }

  final func wrongCount(_ inputs: [Expr], _ allowed: ClosedRange<Int>, _ at: Location) -> Expr {
    let asked =
      if allowed.count == 1 { "\(allowed.lowerBound)" } else if allowed.upperBound == .max {
        "\(allowed.lowerBound) or more"
      } else { "\(allowed.lowerBound) to \(allowed.upperBound)" }
    return refused(
      .layerInput, "the layer takes \(asked) inputs, not \(inputs.count)", inputs,
      help: allowed.lowerBound > 1 ? "call it on a list: layer([a, b])" : nil, at: at)
  }

  final func warnOfDroppedMask() {
    Warnings.once(
      "layer \(name) (\(type(of: self))) drops the mask of its input: what follows sees padding as"
        + " data. Override supportsMasking or computeMask to hand it on.")
  }
}
