internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Products with an inverse are solves: more accurate, and cheaper unless the inverse is used often.
///
///     %1 = matrix_inverse %a, %f, %p : f32[n, n]
///     %2 = contract %1, %b {spec = "ij,j->i"} : f32[n]
/// ->
///     %2 = linear_solve %a, %f, %p, %b {isTransposed = false} : f32[n]     (of a matrix with one column)
let solveRules: [Rule] = [
  Rule("contract(inverse(a), b) = solve(a, b)", at: Contract.self, is: .rounding) {
    rewriter, contract, site in
    guard let labels = contract.labels else { return nil }
    for (side, own, other) in [(0, labels.left, labels.right), (1, labels.right, labels.left)] {
      guard let (_, source) = rewriter.find(MatrixInverse.self, site.operands[side]) else {
        continue
      }
      let batch = Array(own.dropLast(2))
      let pair = Array(own.suffix(2))
      let summed = pair.filter { other.contains($0) && !labels.result.contains($0) }
      let kept = pair.filter { !other.contains($0) && labels.result.contains($0) }
      guard summed.count == 1, kept.count == 1,
        batch.allSatisfy({ other.contains($0) && labels.result.contains($0) })
      else { continue }
      // What the other operand has besides becomes the columns of the right side.
      let rest = other.filter { !own.contains($0) }
      guard rest.allSatisfy({ labels.result.contains($0) }) else { continue }
      // Sizes that are equal under different names would give the result another type.
      let n = rewriter.type(of: site.operands[side]).shape.suffix(2)
      let row = other.firstIndex(of: summed[0])!
      guard n.first == n.last, n.first == rewriter.type(of: site.operands[1 - side]).shape[row]
      else { continue }
      func arranged(_ value: ValueID, _ from: [Character], _ to: [Character]) throws -> ValueID {
        let order = to.map { from.firstIndex(of: $0)! }
        if order == Array(order.indices) { return value }
        return try rewriter.emit(Transpose(permutation: order), value)
      }
      let right = try arranged(site.operands[1 - side], other, batch + summed + rest)
      let shape = rewriter.type(of: right).shape
      let lead = Array(shape[...batch.count])
      let columns = shape[(batch.count + 1)...].reduce(Dim(1), *)
      let solved = try rewriter.emit(
        LinearSolve(isTransposed: summed[0] == pair[0]),
        source + [rewriter.reshape(right, lead + [columns])])
      let whole = try rewriter.reshape(solved, shape)
      return try arranged(whole, batch + kept + rest, labels.result)
    }
    return nil
  }
]

/// The logarithm of a determinant is a sum of logarithms: the determinant of a matrix of 200 rows
/// overflows, or vanishes.
let determinantRules: [Rule] = [
  Rule("log(abs(determinant(a))) = logDeterminant(a)", at: Log.self, is: .stabilizing) {
    rewriter, _, site in
    guard let (_, inner) = rewriter.find(Absolute.self, site.operands[0]),
      let found = rewriter.determinant(inner[0])
    else { return nil }
    return try rewriter.logarithm(of: found)
  },
  // Of a negative determinant the logarithm is NaN on both sides.
  Rule("log(determinant(a)) = logDeterminant(a)", at: Log.self, is: .stabilizing) {
    rewriter, _, site in
    guard let found = rewriter.determinant(site.operands[0]) else { return nil }
    let signs = try rewriter.emit(
      Product(axes: [rewriter.type(of: found.diagonal).rank - 1]),
      rewriter.emit(Sign(), found.diagonal))
    let sign = try rewriter.emit(Multiply(), signs, found.sign)
    let zero = try rewriter.number(0, site.type.dtype)
    let nan = try rewriter.number(.nan, site.type.dtype)
    return try rewriter.emit(
      Select(), rewriter.emit(Less(), sign, zero), nan, rewriter.logarithm(of: found))
  },
]

extension Rewriter {
  /// The diagonal of U and the sign of the permutation, where the value is a determinant.
  fileprivate func determinant(_ value: ValueID) -> (diagonal: ValueID, sign: ValueID)? {
    guard let (_, factors) = find(Multiply.self, value) else { return nil }
    for (p, s) in [(factors[0], factors[1]), (factors[1], factors[0])] {
      guard let (product, whole) = find(Product.self, p),
        let (diagonal, packed) = find(Diagonal.self, whole[0]), let lu = definition(of: packed[0]),
        lu.op is LU, lu.results[0] == packed[0], lu.results[2] == s,
        product.axes == [type(of: whole[0]).rank - 1],
        (diagonal.first, diagonal.second)
          == (type(of: packed[0]).rank - 2, type(of: packed[0]).rank - 1)
      else { continue }
      return (whole[0], s)
    }
    return nil
  }

  fileprivate mutating func logarithm(of found: (diagonal: ValueID, sign: ValueID)) throws
    -> ValueID
  {
    let rank = type(of: found.diagonal).rank
    return try emit(
      Sum(axes: [rank - 1]), emit(Log(), emit(Absolute(), found.diagonal)))
  }
}
