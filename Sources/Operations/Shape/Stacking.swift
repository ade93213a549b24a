public import GnomonIR
public import GnomonTensors

/// Tensors beside each other: joined along the second axis, vectors along the first.
@_transparent public func hStack(_ tensors: [Expr]) -> Expr { _hStack(tensors, .here()) }

@usableFromInline func _hStack(_ tensors: [Expr], _ at: Location) -> Expr {
  at.serving("hStack") {
    concatenate(tensors.map { $0.atLeast(rank: 1) }, axis: tensors.contains { $0.rank > 1 } ? 1 : 0)
  }
}

/// Tensors below each other: joined along the first axis, vectors as rows.
@_transparent public func vStack(_ tensors: [Expr]) -> Expr { _vStack(tensors, .here()) }

@usableFromInline func _vStack(_ tensors: [Expr], _ at: Location) -> Expr {
  at.serving("vStack") {
    concatenate(tensors.map { $0.rank < 2 ? $0.atLeast(rank: 1).expanded(axis: 0) : $0 }, axis: 0)
  }
}

/// Tensors behind each other: joined along the third axis.
@_transparent public func dStack(_ tensors: [Expr]) -> Expr { _dStack(tensors, .here()) }

@usableFromInline func _dStack(_ tensors: [Expr], _ at: Location) -> Expr {
  at.serving("dStack") {
    concatenate(
      tensors.map { x in
        let plane = x.rank < 2 ? x.atLeast(rank: 1).expanded(axis: 0) : x
        return plane.rank < 3 ? plane.expanded(axis: 2) : plane
      }, axis: 2)
  }
}

/// Tensors as columns: joined along the second axis, vectors as columns.
@_transparent public func columnStack(_ tensors: [Expr]) -> Expr { _columnStack(tensors, .here()) }

@usableFromInline func _columnStack(_ tensors: [Expr], _ at: Location) -> Expr {
  at.serving("columnStack") {
    concatenate(tensors.map { $0.rank < 2 ? $0.atLeast(rank: 1).expanded(axis: 1) : $0 }, axis: 1)
  }
}

extension Expr {
  /// The tensor with axes of size 1 in front until it has a rank.
  func atLeast(rank least: Int) -> Expr {
    let x = settled()
    if x.isInvalid || x.rank >= least { return x }
    return x.reshaped([Dim](repeating: 1, count: least - x.rank) + x.shape)
  }
}

extension Expr {
  /// The slices of the tensor along an axis, each without it: the inverse of `stack`.
  ///
  /// - Parameter axis: one whose size is known; a negative one counts from the end.
  @_transparent public func unstacked(axis: Int = 0) -> [Expr] { _unstacked(axis, .here()) }

  @usableFromInline func _unstacked(_ axis: Int, _ at: Location) -> [Expr] {
    let x = settled()
    if x.isInvalid { return [x] }
    do throws(Refusal) {
      let axis = try normalizedAxes([axis], rank: x.rank)[0]
      guard let n = x.shape[axis].constant else {
        throw Refusal(
          .invalidAttribute, "the size \(x.shape[axis]) of axis \(axis) is not known",
          marks: [Refusal.Mark(0, [axis])], help: "the number of results depends on it")
      }
      return at.serving("unstacked") {
        x.split(sizes: [Dim](repeating: 1, count: n), axis: axis).map { $0.squeezed(axis: axis) }
      }
    } catch {
      return [.refused(error, "unstacked", [x], at: at)]
    }
  }

  /// The tensor with neighbouring axes as one.
  ///
  /// - Parameters:
  ///   - first: the first axis; a negative one counts from the end.
  ///   - last: the last axis.
  @_transparent public func joinedAxes(_ first: Int, _ last: Int) -> Expr {
    _joinedAxes(first, last, .here())
  }

  @usableFromInline func _joinedAxes(_ first: Int, _ last: Int, _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    do throws(Refusal) {
      let ends = try normalizedAxes(first == last ? [first] : [first, last], rank: x.rank)
      let (a, b) = (ends[0], ends[ends.count - 1])
      let product = x.shape[a...b].reduce(Dim(1), *)
      return at.serving("joinedAxes") {
        x.reshaped(x.shape[..<a] + [product] + x.shape[(b + 1)...])
      }
    } catch {
      return .refused(error, "joinedAxes", [x], at: at)
    }
  }

  /// The tensor with one axis as several.
  ///
  /// - Parameters:
  ///   - axis: a negative one counts from the end.
  ///   - sizes: of the new axes; their product is the size of the old one.
  @_transparent public func splitAxis(_ axis: Int, into sizes: [Dim]) -> Expr {
    _splitAxis(axis, sizes, .here())
  }

  @usableFromInline func _splitAxis(_ axis: Int, _ sizes: [Dim], _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    do throws(Refusal) {
      let axis = try normalizedAxes([axis], rank: x.rank)[0]
      return at.serving("splitAxis") {
        x.reshaped(x.shape[..<axis] + sizes + x.shape[(axis + 1)...])
      }
    } catch {
      return .refused(error, "splitAxis", [x], at: at)
    }
  }
}

/// Tensors flattened one after the other, and the shapes by which `unpacked` takes them apart
/// again.
///
/// - Parameter tensors: at least one, of the same dtype.
@_transparent public func packed(_ tensors: [Expr]) -> (values: Expr, shapes: [[Dim]]) {
  _packed(tensors, .here())
}

@usableFromInline func _packed(_ tensors: [Expr], _ at: Location) -> (values: Expr, shapes: [[Dim]])
{
  (
    at.serving("packed") { concatenate(tensors.map { $0.flattened() }, axis: 0) },
    tensors.map(\.shape)
  )
}

/// The tensors of these shapes that lie one after the other in a vector: the inverse of `packed`.
@_transparent public func unpacked(_ values: Expr, shapes: [[Dim]]) -> [Expr] {
  _unpacked(values, shapes, .here())
}

@usableFromInline func _unpacked(_ values: Expr, _ shapes: [[Dim]], _ at: Location) -> [Expr] {
  at.serving("unpacked") {
    let parts = values.split(sizes: shapes.map { $0.reduce(Dim(1), *) }, axis: 0)
    return parts.count == shapes.count ? zip(parts, shapes).map { $0.reshaped($1) } : parts
  }
}
