public import GnomonIR
internal import GnomonTensors

// Tensors with some elements changed: at index arrays, or in a part that a subscript names. The
// tensor itself stays; in place is a matter of buffers.
extension Expr {
  /// The tensor with slices replaced at indices along an axis.
  ///
  /// - Parameters:
  ///   - updates: the dtype of the tensor, and its shape but for the axis, which has the length
  ///     of the indices;
  ///     broadcasts.
  ///   - indices: an integer vector; equal ones act one after the other.
  ///   - axis: a negative one counts from the end.
  ///   - outside: what an index that does not exist means.
  @_transparent public func setting(
    _ updates: Expr, at indices: Expr, axis: Int = 0, outside: OutOfRange = .error
  ) -> Expr { _settingAt(updates, indices, axis, outside, .here()) }

  @usableFromInline func _settingAt(
    _ updates: Expr, _ indices: Expr, _ axis: Int, _ outside: OutOfRange, _ at: Location
  ) -> Expr {
    scattering(
      "setting", { ScatterUpdate(axis: $0, combiner: nil) }, updates, indices, axis, outside, at)
  }

  /// The tensor with slices added at indices along an axis.
  ///
  /// - Parameters:
  ///   - updates: the dtype of the tensor, and its shape but for the axis, which has the length
  ///     of the indices;
  ///     broadcasts.
  ///   - indices: an integer vector; equal ones act one after the other.
  ///   - axis: a negative one counts from the end.
  ///   - outside: what an index that does not exist means.
  @_transparent public func adding(
    _ updates: Expr, at indices: Expr, axis: Int = 0, outside: OutOfRange = .error
  ) -> Expr { _addingAt(updates, indices, axis, outside, .here()) }

  @usableFromInline func _addingAt(
    _ updates: Expr, _ indices: Expr, _ axis: Int, _ outside: OutOfRange, _ at: Location
  ) -> Expr {
    scattering("adding", { ScatterAdd(axis: $0) }, updates, indices, axis, outside, at)
  }

  /// The tensor with slices multiplied in at indices along an axis.
  ///
  /// - Parameters:
  ///   - updates: the dtype of the tensor, and its shape but for the axis, which has the length
  ///     of the indices;
  ///     broadcasts.
  ///   - indices: an integer vector; equal ones act one after the other.
  ///   - axis: a negative one counts from the end.
  ///   - outside: what an index that does not exist means.
  @_transparent public func multiplying(
    _ updates: Expr, at indices: Expr, axis: Int = 0, outside: OutOfRange = .error
  ) -> Expr { _multiplyingAt(updates, indices, axis, outside, .here()) }

  @usableFromInline func _multiplyingAt(
    _ updates: Expr, _ indices: Expr, _ axis: Int, _ outside: OutOfRange, _ at: Location
  ) -> Expr {
    scattering(
      "multiplying", { ScatterUpdate(axis: $0, combiner: .product) }, updates, indices, axis,
      outside, at)
  }

  /// The tensor with slices put in where they are smaller at indices along an axis.
  ///
  /// - Parameters:
  ///   - updates: the dtype of the tensor, and its shape but for the axis, which has the length
  ///     of the indices;
  ///     broadcasts.
  ///   - indices: an integer vector; equal ones act one after the other.
  ///   - axis: a negative one counts from the end.
  ///   - outside: what an index that does not exist means.
  @_transparent public func minimizing(
    _ updates: Expr, at indices: Expr, axis: Int = 0, outside: OutOfRange = .error
  ) -> Expr { _minimizingAt(updates, indices, axis, outside, .here()) }

  @usableFromInline func _minimizingAt(
    _ updates: Expr, _ indices: Expr, _ axis: Int, _ outside: OutOfRange, _ at: Location
  ) -> Expr {
    scattering(
      "minimizing", { ScatterUpdate(axis: $0, combiner: .minimum) }, updates, indices, axis,
      outside, at)
  }

  /// The tensor with slices put in where they are larger at indices along an axis.
  ///
  /// - Parameters:
  ///   - updates: the dtype of the tensor, and its shape but for the axis, which has the length
  ///     of the indices;
  ///     broadcasts.
  ///   - indices: an integer vector; equal ones act one after the other.
  ///   - axis: a negative one counts from the end.
  ///   - outside: what an index that does not exist means.
  @_transparent public func maximizing(
    _ updates: Expr, at indices: Expr, axis: Int = 0, outside: OutOfRange = .error
  ) -> Expr { _maximizingAt(updates, indices, axis, outside, .here()) }

  @usableFromInline func _maximizingAt(
    _ updates: Expr, _ indices: Expr, _ axis: Int, _ outside: OutOfRange, _ at: Location
  ) -> Expr {
    scattering(
      "maximizing", { ScatterUpdate(axis: $0, combiner: .maximum) }, updates, indices, axis,
      outside, at)
  }

  /// The tensor with a part of it replaced.
  ///
  /// - Parameters:
  ///   - updates: broadcast to the part `self[ranges…]`.
  ///   - ranges: as in a subscript: indices, ranges, `.all`.
  @_transparent public func setting(_ updates: Expr, in ranges: [AxisIndex]) -> Expr {
    _settingIn(updates, ranges, .here())
  }

  @usableFromInline func _settingIn(_ updates: Expr, _ ranges: [AxisIndex], _ at: Location) -> Expr
  {
    placing("setting", updates, ranges, at) { x, mask, value in select(mask, value, x) }
  }

  /// The tensor with a part of it added to.
  ///
  /// - Parameters:
  ///   - updates: broadcast to the part `self[ranges…]`.
  ///   - ranges: as in a subscript: indices, ranges, `.all`.
  @_transparent public func adding(_ updates: Expr, in ranges: [AxisIndex]) -> Expr {
    _addingIn(updates, ranges, .here())
  }

  @usableFromInline func _addingIn(_ updates: Expr, _ ranges: [AxisIndex], _ at: Location) -> Expr {
    placing("adding", updates, ranges, at) { x, mask, value in select(mask, x + value, x) }
  }

  /// The tensor with a part of it multiplied.
  ///
  /// - Parameters:
  ///   - updates: broadcast to the part `self[ranges…]`.
  ///   - ranges: as in a subscript: indices, ranges, `.all`.
  @_transparent public func multiplying(_ updates: Expr, in ranges: [AxisIndex]) -> Expr {
    _multiplyingIn(updates, ranges, .here())
  }

  @usableFromInline func _multiplyingIn(_ updates: Expr, _ ranges: [AxisIndex], _ at: Location)
    -> Expr
  {
    placing("multiplying", updates, ranges, at) { x, mask, value in select(mask, x * value, x) }
  }

  /// The tensor with a part of it kept at most at the updates.
  ///
  /// - Parameters:
  ///   - updates: broadcast to the part `self[ranges…]`.
  ///   - ranges: as in a subscript: indices, ranges, `.all`.
  @_transparent public func minimizing(_ updates: Expr, in ranges: [AxisIndex]) -> Expr {
    _minimizingIn(updates, ranges, .here())
  }

  @usableFromInline func _minimizingIn(_ updates: Expr, _ ranges: [AxisIndex], _ at: Location)
    -> Expr
  {
    placing("minimizing", updates, ranges, at) { x, mask, value in
      select(mask, minimum(x, value), x)
    }
  }

  /// The tensor with a part of it kept at least at the updates.
  ///
  /// - Parameters:
  ///   - updates: broadcast to the part `self[ranges…]`.
  ///   - ranges: as in a subscript: indices, ranges, `.all`.
  @_transparent public func maximizing(_ updates: Expr, in ranges: [AxisIndex]) -> Expr {
    _maximizingIn(updates, ranges, .here())
  }

  @usableFromInline func _maximizingIn(_ updates: Expr, _ ranges: [AxisIndex], _ at: Location)
    -> Expr
  {
    placing("maximizing", updates, ranges, at) { x, mask, value in
      select(mask, maximum(x, value), x)
    }
  }

  /// The tensor with other values where a mask holds.
  ///
  /// - Parameters:
  ///   - value: the dtype of the tensor; broadcasts.
  ///   - mask: bool; broadcasts.
  @_transparent public func setting(_ value: Expr, where mask: Expr) -> Expr {
    _settingWhere(value, mask, .here())
  }

  @usableFromInline func _settingWhere(_ value: Expr, _ mask: Expr, _ at: Location) -> Expr {
    let x = settled()
    return at.serving("setting") { select(mask, value.settled(x.dtype), x) }
  }
}

extension Expr {
  func scattering(
    _ name: String, _ make: (Int) -> any Op, _ updates: Expr, _ indices: Expr, _ axis: Int,
    _ outside: OutOfRange, _ at: Location
  ) -> Expr {
    let x = settled()
    let (updates, indices) = (updates.settled(x.dtype), indices.settled(.int64))
    let operands = [x, indices, updates]
    if operands.contains(where: \.isInvalid) {
      return .refused(Refusal(.rankMismatch, ""), name, operands, at: at)
    }
    if let bad = integersOnly(indices, name, at) { return bad }
    do throws(Refusal) {
      let axis = try normalizedAxes([axis], rank: x.rank)[0]
      guard indices.rank == 1 else {
        throw Refusal(
          .rankMismatch, "the indices have rank \(indices.rank) instead of 1",
          marks: [Refusal.Mark(1)], help: "flatten them, and the updates with them")
      }
      return at.serving(name) {
        var shape = x.shape
        shape[axis] = indices.shape[0]
        let slices = updates.broadcast(to: shape)
        let places = indices.indices(x.shape[axis], outside)
        guard case .dropped = outside else {
          return .make(make(axis), [x, places, slices], at: .here())
        }
        // One slice more takes what is dropped.
        var widths = [(Int, Int)](repeating: (0, 0), count: x.rank)
        widths[axis] = (0, 1)
        let wide = Expr.make(make(axis), [x.padded(widths), places, slices], at: .here())
        let steps = [Int](repeating: 1, count: x.rank)
        let starts = [Dim](repeating: 0, count: x.rank)
        return .make(Slice(starts: starts, sizes: x.shape, steps: steps), [wide], at: .here())
      }
    } catch {
      return .refused(error, name, operands, at: at)
    }
  }

  func placing(
    _ name: String, _ updates: Expr, _ ranges: [AxisIndex], _ at: Location,
    _ join: (_ x: Expr, _ mask: Expr, _ value: Expr) -> Expr
  ) -> Expr {
    let x = settled()
    let updates = updates.settled(x.dtype)
    if x.isInvalid || updates.isInvalid {
      return .refused(Refusal(.invalidSlice, ""), name, [x, updates], at: at)
    }
    do throws(Refusal) {
      let plan = try SubscriptPlan(ranges, x.shape)
      return at.serving(name) {
        let part = updates.broadcast(to: plan.shape).reshaped(plan.sizes)
        func placed(_ e: Expr) -> Expr {
          .make(
            Pad(
              shape: x.shape, starts: plan.starts, steps: plan.steps,
              value: ScalarValue(0, e.dtype)), [e], at: .here())
        }
        let mask = placed(Expr.constant(1, .bool, at: .here()).broadcast(to: plan.sizes))
        return join(x, mask, placed(part))
      }
    } catch {
      return .refused(error, name, [x, updates], at: at)
    }
  }
}

extension AxisIndex: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self.init(.position(value)) }
}
