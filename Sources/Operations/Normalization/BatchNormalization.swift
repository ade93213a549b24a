public import GnomonIR
internal import GnomonTensors

/// Elements less the mean of their channel, divided by its standard deviation:
/// `(x - mean) / √(variance + epsilon) · scale + offset`.
///
/// In training mean and variance are those of the batch (`moments`), in use averages kept from
/// training. See Ioffe
/// and Szegedy, *Batch Normalization*, 2015.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - mean: a number for each channel, of the dtype of `x`.
///   - variance: as `mean`.
///   - scale: a factor for each channel, or nil.
///   - offset: what is added to each channel, or nil.
///   - axis: the axis of the channels; a negative one counts from the end.
///   - epsilon: what keeps a constant channel finite.
@_transparent public func batchNormalization(
  _ x: Expr, mean: Expr, variance: Expr, scale: Expr? = nil, offset: Expr? = nil, axis: Int = -1,
  epsilon: Double = 1e-3
) -> Expr { _batchNormalization(x, mean, variance, scale, offset, axis, epsilon, .here()) }

@usableFromInline func _batchNormalization(
  _ x: Expr, _ mean: Expr, _ variance: Expr, _ scale: Expr?, _ offset: Expr?, _ axis: Int,
  _ epsilon: Double, _ at: Location
) -> Expr {
  .normalized("batchNormalization", x, [mean, variance, scale, offset], axis, at) { x, v in
    let factor = rsqrt(v[1]! + Expr(epsilon)) * (v[2] ?? 1)
    let y = (x - v[0]!) * factor
    return v[3].map { y + $0 } ?? y
  }
}

extension Expr {
  /// A formula of a tensor and of vectors along one of its axes, which broadcast to it. Half floats
  /// are computed in float32.
  static func normalized(
    _ name: String, _ x: Expr, _ vectors: [Expr?], _ axis: Int, _ at: Location,
    _ formula: (Expr, [Expr?]) -> Expr
  ) -> Expr {
    let x = x.settled()
    let vectors = vectors.map { $0.map { $0.settled(x.dtype) } }
    let all = [x] + vectors.compactMap { $0 }
    func refused(_ refusal: Refusal) -> Expr { .refused(refusal, name, all, at: at) }
    if all.contains(where: \.isInvalid) { return refused(Refusal(.dtypeNotSupported, "")) }
    if let bad = floatsOnly(x, name, at) { return bad }
    do throws(Refusal) {
      let axis = try normalizedAxes([axis], rank: x.rank)[0]
      for (i, v) in all.enumerated().dropFirst() {
        guard v.dtype == x.dtype else {
          throw Refusal(
            .dtypeMismatch, "the operands have different dtypes: \(x.dtype) and \(v.dtype)",
            marks: [Refusal.Mark(0), Refusal.Mark(i)], help: "cast it: {\(i)}.cast(to: .\(x.dtype))"
          )
        }
        guard v.rank == 0 || (v.rank == 1 && (v.shape[0] == x.shape[axis] || v.shape[0] == 1))
        else {
          throw Refusal(
            .shapeMismatch,
            "axis \(axis) has \(x.shape[axis]) channels, a vector the shape \(v.type)",
            marks: [Refusal.Mark(0, [axis]), Refusal.Mark(i)],
            help: "give one number for each channel: [\(x.shape[axis])]")
        }
      }
      let compute = x.dtype.computeType
      return at.serving(name) {
        var shape = [Dim](repeating: 1, count: x.rank)
        let placed = vectors.map { v in
          v.map { v -> Expr in
            if v.rank == 0 { return v.cast(to: compute) }
            shape[axis] = v.shape[0]
            return v.cast(to: compute).reshaped(shape)
          }
        }
        return formula(x.cast(to: compute), placed).cast(to: x.dtype)
      }
    } catch {
      return refused(error)
    }
  }
}
