internal import GnomonIR
internal import GnomonTensors

extension Expr {
  /// Numbers made from uniform ones in the open interval (0, 1): a formula of a source of them,
  /// which is
  /// asked with a different number for each. Half floats are computed in float32.
  static func draw(
    _ name: String, _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ at: Location,
    _ formula: (_ u: (Int) -> Expr) -> Expr
  ) -> Expr {
    guard dtype.isFloat else {
      return .refused(
        Refusal(
          .dtypeNotSupported, "not defined for \(dtype); it needs a floating-point dtype"), name,
        [key.expr], at: at)
    }
    return at.serving(name) {
      formula { openInterval(key.folded($0), shape, dtype.computeType) }.cast(to: dtype)
    }
  }

  /// As `draw`, with parameters that broadcast to the shape: they have one floating-point dtype,
  /// which the numbers get.
  static func draw(
    _ name: String, _ key: RandomKey, _ parameters: [Expr], _ shape: [Dim]?, _ at: Location,
    _ formula: (_ parameters: [Expr], _ shape: [Dim], _ u: (Int, [Dim]) -> Expr) -> Expr
  ) -> Expr {
    let dtype = parameters.first { $0.literalValue == nil }?.dtype ?? .float32
    let x = parameters.map { $0.settled(dtype) }
    func refused(_ refusal: Refusal) -> Expr { .refused(refusal, name, x, at: at) }
    if x.contains(where: \.isInvalid) { return refused(Refusal(.dtypeNotSupported, "")) }
    for p in x { if let bad = floatsOnly(p, name, at) { return bad } }
    do throws(Refusal) {
      var context = TypeContext(operands: x.map(\.type))
      let target: [Dim]
      if let shape { target = shape } else { target = try broadcastShape(&context) }
      let compute = dtype.computeType
      return at.serving(name) {
        // No derivative passes through a draw.
        let values = x.map { stopGradient($0).cast(to: compute).broadcast(to: target) }
        return formula(values, target) { openInterval(key.folded($0), $1, compute) }
          .cast(to: dtype)
      }
    } catch {
      return refused(error)
    }
  }
}

/// Odd multiples of 2^-(bits + 1), which are neither 0 nor 1 and exact: 23 bits in float32, 32 in
/// float64.
func openInterval(_ key: RandomKey, _ shape: [Dim], _ dtype: DType) -> Expr {
  let words = Expr.make(RandomBits(shape: shape), [key.expr], at: .here())
  if dtype == .float64 {
    return (words.cast(to: .float64) + 0.5) * 0x1p-32
  }
  return ((words / Expr(512)).cast(to: .float32) + 0.5) * 0x1p-23
}

/// The candidate of the first trial that was accepted, along the first axis; the last one if none
/// was.
func firstAccepted(_ candidates: Expr, _ accepted: Expr, trials: Int) -> Expr {
  var along = [Dim](repeating: 1, count: candidates.rank)
  along[0] = Dim(trials)
  let number = Expr.iota(Dim(trials), .int32).reshaped(along)
  let first = min(select(accepted, number, Expr(Double(trials - 1))), axes: [0], keepDims: true)
  return sum(select(number .== first, candidates, 0), axes: [0])
}
