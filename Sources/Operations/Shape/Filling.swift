public import GnomonIR
public import GnomonTensors

// Tensors made from their shape alone. Sizes may be named: the value is made when it is needed.
extension Expr {
  /// All elements 0.
  @_transparent public static func zeros(_ dtype: DType, _ shape: [Dim]) -> Expr {
    _full(0, dtype, shape, .here())
  }

  /// All elements 1.
  @_transparent public static func ones(_ dtype: DType, _ shape: [Dim]) -> Expr {
    _full(1, dtype, shape, .here())
  }

  /// All elements the value of `dtype` nearest to `value`.
  @_transparent public static func full(_ value: Double, _ dtype: DType, _ shape: [Dim]) -> Expr {
    _full(value, dtype, shape, .here())
  }

  @usableFromInline static func _full(
    _ value: Double, _ dtype: DType, _ shape: [Dim], _ at: Location
  ) -> Expr {
    Expr.constant(value, dtype, at: at)._broadcast(shape, at)
  }

  /// The numbers `start`, `start + step`, … up to and without `end`.
  ///
  /// - Throws: nothing; a step of 0 or a number that is not finite gives an invalid expression.
  @_transparent public static func range(
    _ start: Double, _ end: Double, step: Double = 1, _ dtype: DType = .float32
  ) -> Expr { _range(start, end, step, dtype, .here()) }

  @usableFromInline static func _range(
    _ start: Double, _ end: Double, _ step: Double, _ dtype: DType, _ at: Location
  ) -> Expr {
    do {
      return ._constant(try Tensor.range(start, end, step: step, dtype), at)
    } catch {
      return .refused(
        Refusal(.invalidAttribute, "\(start) to \(end) by \(step) is not a range"), "range", [],
        at: at)
    }
  }

  /// `count` numbers at equal distances from `start` to `end`, both included.
  @_transparent public static func linspace(
    _ start: Double, _ end: Double, count: Int, _ dtype: DType = .float32
  ) -> Expr { _constant(Tensor.linspace(start, end, count: count, dtype), .here()) }

  /// The identity matrix: 1 on the diagonal, 0 elsewhere; square unless `columns` is given.
  @_transparent public static func eye(
    _ rows: Dim, columns: Dim? = nil, _ dtype: DType = .float32
  ) -> Expr { _eye(rows, columns ?? rows, dtype, .here()) }

  @usableFromInline static func _eye(
    _ rows: Dim, _ columns: Dim, _ dtype: DType, _ at: Location
  ) -> Expr {
    at.serving("eye") { (iota(rows).expanded(axis: 1) .== iota(columns)).cast(to: dtype) }
  }
}
