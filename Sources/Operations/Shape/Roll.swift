public import GnomonIR
internal import GnomonTensors

extension Expr {
  /// The tensor with its elements moved along an axis; what leaves one end enters at the other.
  ///
  /// - Parameters:
  ///   - count: by how many places; negative ones move towards the start.
  ///   - axis: a negative one counts from the end.
  @_transparent public func rolled(by count: Int, axis: Int) -> Expr {
    _rolled(count, axis, .here())
  }

  @usableFromInline func _rolled(_ count: Int, _ axis: Int, _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    do throws(Refusal) {
      let axis = try normalizedAxes([axis], rank: x.rank)[0]
      if count == 0 { return x }
      return at.serving("rolled") {
        // For a named size, by a gather at the positions modulo it.
        guard let n = x.shape[axis].constant, n > 0 else {
          let places = Expr.iota(x.shape[axis]) - Double(count)
          return .make(Gather(axis: axis), [x, places % size(of: x, axis: axis)], at: .here())
        }
        let shift = ((count % n) + n) % n
        if shift == 0 { return x }
        let parts = x.split(sizes: [Dim(n - shift), Dim(shift)], axis: axis)
        return concatenate([parts[1], parts[0]], axis: axis)
      }
    } catch {
      return .refused(error, "rolled", [x], at: at)
    }
  }

  /// The tensor turned by quarters in the plane of two axes, from the first towards the second.
  ///
  /// - Parameters:
  ///   - times: how many quarters.
  ///   - axes: the plane.
  @_transparent public func rotated90(_ times: Int = 1, axes: (Int, Int) = (0, 1)) -> Expr {
    _rotated90(times, axes, .here())
  }

  @usableFromInline func _rotated90(_ times: Int, _ axes: (Int, Int), _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    do throws(Refusal) {
      let (a, b) = (
        try normalizedAxes([axes.0], rank: x.rank)[0], try normalizedAxes([axes.1], rank: x.rank)[0]
      )
      guard a != b else { throw Refusal(.duplicateAxis, "axis \(a) is given twice") }
      return at.serving("rotated90") {
        switch ((times % 4) + 4) % 4 {
        case 1: x.flipped(axes: b).swapAxes(a, b)
        case 2: x.flipped(axes: a, b)
        case 3: x.swapAxes(a, b).flipped(axes: b)
        default: x
        }
      }
    } catch {
      return .refused(error, "rotated90", [x], at: at)
    }
  }
}
