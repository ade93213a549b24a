public import GnomonIR

// Operators between tensors and numbers in variables, `rate * gradient`: the number is weak, as a
// literal is. Disfavored, so that literals keep choosing the operators on two tensors and expressions
// such as `2 * x + 1` stay fast to type-check.
extension Expr {
  /// The sum of each element and a number, which takes the tensor's dtype.
  @_disfavoredOverload @_transparent
  public static func + (x: Expr, y: Double) -> Expr { _add(x, _literal(y, .here()), .here()) }
  /// The sum of a number and each element.
  @_disfavoredOverload @_transparent
  public static func + (x: Double, y: Expr) -> Expr { _add(_literal(x, .here()), y, .here()) }
  /// The difference of each element and a number, which takes the tensor's dtype.
  @_disfavoredOverload @_transparent
  public static func - (x: Expr, y: Double) -> Expr { _subtract(x, _literal(y, .here()), .here()) }
  /// The difference of a number and each element.
  @_disfavoredOverload @_transparent
  public static func - (x: Double, y: Expr) -> Expr { _subtract(_literal(x, .here()), y, .here()) }
  /// The product of each element and a number, which takes the tensor's dtype.
  @_disfavoredOverload @_transparent
  public static func * (x: Expr, y: Double) -> Expr { _multiply(x, _literal(y, .here()), .here()) }
  /// The product of a number and each element.
  @_disfavoredOverload @_transparent
  public static func * (x: Double, y: Expr) -> Expr { _multiply(_literal(x, .here()), y, .here()) }
  /// The quotient of each element and a number, which takes the tensor's dtype.
  @_disfavoredOverload @_transparent
  public static func / (x: Expr, y: Double) -> Expr { _divide(x, _literal(y, .here()), .here()) }
  /// The quotient of a number and each element.
  @_disfavoredOverload @_transparent
  public static func / (x: Double, y: Expr) -> Expr { _divide(_literal(x, .here()), y, .here()) }
}
