public import GnomonIR
public import GnomonTensors

extension Expr {
  /// An argument of compiled functions.
  ///
  ///     let x = Expr.input("x", .float32, ["batch", 784])
  ///
  /// - Parameters:
  ///   - name: the name in messages and dumps; any text.
  ///   - shape: sizes, or names of sizes. A name means one size throughout a function.
  @_transparent public static func input(_ name: String, _ dtype: DType, _ shape: [Dim]) -> Expr {
    _input(name, dtype, shape, .here())
  }

  @usableFromInline package static func _input(
    _ name: String, _ dtype: DType, _ shape: [Dim], _ at: Location
  ) -> Expr {
    if let d = shape.first(where: { ($0.constant ?? 0) < 0 }) {
      return .invalid(
        Diagnostic(.invalidShape, "input `\(name)`: the size \(d) is negative", at: at))
    }
    if let overflow = shape.compactMap(\.constant).reduce(1, { $0 * Double(max($1, 1)) }) > 0x1p48
      ? shape : nil
    {
      return .invalid(
        Diagnostic(
          .sizeOverflow,
          "input `\(name)`: the shape \(TensorType(dtype, overflow)) has more than 2^48 elements",
          at: at))
    }
    return Expr(
      node: Node(
        .parameter(Parameter(.input, name: name)), types: [TensorType(dtype, shape)], location: at))
  }

  /// State that compiled functions read and, by `updates:`, change.
  ///
  ///     let w = Expr.variable("w", .zeros(.float32, [784, 10]))
  ///     w.value        // the current tensor
  @_transparent public static func variable(_ name: String, _ initial: Tensor) -> Expr {
    _variable(name, initial, .here())
  }

  @usableFromInline package static func _variable(
    _ name: String, _ initial: Tensor, _ at: Location
  ) -> Expr {
    let storage = VariableStorage(name: name, initial: initial)
    return Expr(
      node: Node(
        .parameter(Parameter(.variable(storage), name: name)), types: [storage.type], location: at))
  }

  /// A constant with the elements of `tensor`.
  @_transparent public static func constant(_ tensor: Tensor) -> Expr { _constant(tensor, .here()) }

  @usableFromInline package static func _constant(_ tensor: Tensor, _ at: Location) -> Expr {
    tensor.rank == 0
      ? .make(Constant(ScalarValue(tensor.dtype, bits: tensor.bits[0])), [], at: at)
      : .make(DenseConstant(tensor), [], at: at)
  }
}
