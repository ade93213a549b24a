public import GnomonIR
internal import GnomonTensors

/// Blocks of an image as channels.
///
/// - Parameters:
///   - x: `[batch, height, width, channels]`; `block` divides height and width.
///   - block: the side of a block.
/// - Returns: `[batch, height / block, width / block, block · block · channels]`.
@_transparent public func spaceToDepth(_ x: Expr, block: Int) -> Expr {
  _spaceToDepth(x, block, .here())
}

@usableFromInline func _spaceToDepth(_ x: Expr, _ block: Int, _ at: Location) -> Expr {
  let x = x.settled()
  return blocks("spaceToDepth", x, block, at) { n, h, w, c in
    guard let rows = h.exactQuotient(by: Dim(block)), let columns = w.exactQuotient(by: Dim(block))
    else { return nil }
    return x.reshaped([n, rows, Dim(block), columns, Dim(block), c]).permuted(0, 1, 3, 2, 4, 5)
      .reshaped([n, rows, columns, c * Dim(block * block)])
  }
}

/// Channels of an image as blocks: the inverse of `spaceToDepth`.
///
/// - Parameters:
///   - x: `[batch, height, width, channels]`; the square of `block` divides the channels.
///   - block: the side of a block.
@_transparent public func depthToSpace(_ x: Expr, block: Int) -> Expr {
  _depthToSpace(x, block, .here())
}

@usableFromInline func _depthToSpace(_ x: Expr, _ block: Int, _ at: Location) -> Expr {
  let x = x.settled()
  return blocks("depthToSpace", x, block, at) { n, h, w, c in
    guard let channels = c.exactQuotient(by: Dim(block * block)) else { return nil }
    return x.reshaped([n, h, w, Dim(block), Dim(block), channels]).permuted(0, 1, 3, 2, 4, 5)
      .reshaped([n, h * Dim(block), w * Dim(block), channels])
  }
}

private func blocks(
  _ name: String, _ x: Expr, _ block: Int, _ at: Location,
  _ body: (Dim, Dim, Dim, Dim) -> Expr?
) -> Expr {
  if x.isInvalid { return x }
  guard x.rank == 4, block > 0,
    let y = at.serving(name, { body(x.shape[0], x.shape[1], x.shape[2], x.shape[3]) })
  else {
    return .refused(
      Refusal(
        .invalidShape, "\(x.type) has no blocks of side \(block)", marks: [Refusal.Mark(0)],
        help: "the input is [batch, height, width, channels] with sizes that the block divides"),
      name, [x], at: at)
  }
  return y
}
