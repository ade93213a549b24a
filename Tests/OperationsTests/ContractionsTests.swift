import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ContractionsTests {
  /// The same sum of products written as one loop over all letters.
  private func bruteForce(_ spec: String, _ operands: [Tensor]) -> (shape: [Int], values: [Double])
  {
    let arrow = spec.firstRange(of: "->")!
    let terms = spec[..<arrow.lowerBound].split(separator: ",", omittingEmptySubsequences: false)
      .map(Array.init)
    let result = Array(spec[arrow.upperBound...])
    var sizes: [Character: Int] = [:]
    for (labels, t) in zip(terms, operands) {
      for (axis, c) in labels.enumerated() { sizes[c] = t.shape[axis] }
    }
    let letters = sizes.keys.sorted()
    let shape = result.map { sizes[$0]! }
    var out = [Double](repeating: 0, count: shape.reduce(1, *))
    let values = operands.map(\.doubles)
    for number in 0..<letters.reduce(1, { $0 * sizes[$1]! }) {
      var rest = number
      var at: [Character: Int] = [:]
      for c in letters {
        at[c] = rest % sizes[c]!
        rest /= sizes[c]!
      }
      func flat(_ labels: [Character]) -> Int { labels.reduce(0) { $0 * sizes[$1]! + at[$1]! } }
      var product = 1.0
      for (k, labels) in terms.enumerated() { product *= values[k][flat(labels)] }
      out[flat(result)] += product
    }
    return (shape, out)
  }

  static let sizes: [Character: Int] = [
    "a": 2, "b": 3, "c": 4, "d": 2, "e": 3, "i": 3, "j": 4, "k": 2,
  ]

  private func operands(_ spec: String) -> [Tensor] {
    spec[..<spec.firstRange(of: "->")!.lowerBound].split(
      separator: ",", omittingEmptySubsequences: false
    ).enumerated().map { n, labels in
      sample(labels.map { Self.sizes[$0]! }, seed: UInt64(n) + 7)
    }
  }

  static let specs = [
    "ij,jk->ik", "aij,ajk->aik", "ij->ji", "ii->", "ii->i", "iij->j", "iji,j->ij", "ij->",
    "i,j->ij",
    "i,ij,j->", "ab,bc,cd,de->ae", "ab,cd->ac", "a,b,c,d->dcba", "abc,cd,bd->a", "ij,ij->ij",
    ",ij->ij",
    "abc->cab", "ab,ab,ab->a",
  ]

  @Test(arguments: specs) func `einsum agrees with the loop over all letters`(spec: String) throws {
    let tensors = operands(spec)
    let e = einsum(spec, tensors.map { Expr.constant($0) })
    let expected = bruteForce(spec, tensors)
    let found = try Reference.run(e)
    #expect(Array(found.shape) == expected.shape)
    #expect(
      found.allClose(Tensor(dtype: .float64, shape: expected.shape, doubles: expected.values)))
  }

  @Test(arguments: specs) func `the derivative of einsum is the difference quotient`(
    spec: String
  ) throws {
    try expectGradient(operands(spec)) { sum(tanh(einsum(spec, $0))) }
  }

  @Test func `twelve operands are contracted greedily`() throws {
    let tensors = (0..<12).map { sample([2, 2], seed: UInt64($0)) }
    let letters = Array("abcdefghijklm")
    let spec =
      (0..<12).map { "\(letters[$0])\(letters[$0 + 1])" }.joined(separator: ",") + "->am"
    let e = einsum(spec, tensors.map { Expr.constant($0) })
    let chain = tensors.dropFirst().reduce(Expr.constant(tensors[0])) { matmul($0, .constant($1)) }
    let found = try Reference.run([e, chain])
    #expect(found[0].allClose(found[1]))
  }

  @Test func `the implicit result has the letters that occur once, sorted`() {
    let a = Expr.input("a", .float32, ["m", 4])
    let b = Expr.input("b", .float32, [4, "n"])
    #expect(einsum("mk,kn", a, b).shape == ["m", "n"])
    #expect(einsum("ba", a).shape == [4, "m"])
    #expect(einsum(" m k , k n -> n m ", a, b).shape == ["n", "m"])
  }

  @Test func `a chain is contracted in the cheap order`() {
    // (a b) c costs 100·1·100 + 100·100·1; a (b c) costs 1·100·1 + 100·1·1.
    let a = Expr.input("a", .float32, [100, 1])
    let b = Expr.input("b", .float32, [1, 100])
    let c = Expr.input("c", .float32, [100, 1])
    let e = einsum("ij,jk,kl->il", a, b, c)
    #expect(e.node.operands.contains { $0.id == a.id })
  }

  static let mistakes: [(String, [[Dim]], String)] = [
    ("ij,jk->ik", [[2, 3]], "it names 2 operands, but 1 are given"),
    ("ijk->i", [[2, 3]], "operand 1 has 3 letters, `ijk`, but rank 2"),
    ("ij->k", [[2, 3]], "the result's letter `k` occurs in no operand"),
    ("ij->ii", [[2, 3]], "the result's letter `i` is given twice"),
    ("i1->i", [[2, 3]], "`1` is not a letter"),
    ("ij->i->j", [[2, 3]], "`-` is not a letter"),
    ("ij,jk->ik", [[2, 3], [4, 5]], "the sizes of `j` differ: 3 and 4"),
    ("ii->i", [[2, 3]], "the sizes of `i` differ: 2 and 3"),
    ("...ij->ij", [[2, 3]], "`.` is not a letter"),
    ("", [[2]], "operand 1 has 0 letters"),
  ]

  @Test(arguments: mistakes) func `a malformed einsum says what is wrong`(
    spec: String, shapes: [[Dim]], message: String
  ) throws {
    let operands = shapes.enumerated().map { Expr.input("x\($0)", .float32, $1) }
    let d = try diagnostic(of: einsum(spec, operands))
    #expect(d.message.hasPrefix("einsum: "))
    #expect(d.message.contains(message), "\(d.message)")
  }

  @Test func `einsum without operands`() throws {
    #expect(try diagnostic(of: einsum("")).code == .einsumMalformed)
    #expect(einsum("", Expr.input("x", .float32, [])).shape == [])
  }

  // MARK: - Products

  @Test func `dot, inner, outer and tensordot have NumPy's shapes`() throws {
    let x = Expr.input("x", .float32, [2, 3, 4])
    let y = Expr.input("y", .float32, [5, 4, 6])
    #expect(dot(x, y).shape == [2, 3, 5, 6])
    #expect(inner(x, Expr.input("z", .float32, [7, 4])).shape == [2, 3, 7])
    #expect(outer(x, y).shape == [2, 3, 4, 5, 4, 6])
    #expect(tensordot(x, y, axes: [2], [1]).shape == [2, 3, 5, 6])
    #expect(tensordot(x, y, axes: [-1], [-2]).shape == [2, 3, 5, 6])
    #expect(tensordot(x, Expr.input("z", .float32, [3, 4, 9])).shape == [2, 9])
    #expect(tensordot(x, y, axes: 0).shape == [2, 3, 4, 5, 4, 6])
    #expect(dot(x, 2).shape == [2, 3, 4])
  }

  @Test func `the products of vectors`() throws {
    let x = Expr.constant(Tensor([1.0, 2, 3]))
    let y = Expr.constant(Tensor([4.0, 5, 6]))
    #expect(try Reference.run(dot(x, y)).doubles == [32])
    #expect(try Reference.run(inner(x, y)).doubles == [32])
    #expect(try Reference.run(outer(x, y)).doubles == [4, 5, 6, 8, 10, 12, 12, 15, 18])
  }

  @Test func `mistakes in products name the function`() throws {
    let x = Expr.input("x", .float32, [2, 3])
    let y = Expr.input("y", .float32, [4, 5])
    for (e, name) in [
      (dot(x, y), "dot"), (inner(x, y), "inner"), (tensordot(x, y, axes: 1), "tensordot"),
    ] {
      let d = try diagnostic(of: e)
      #expect(d.code == .innerDimensionsDiffer)
      #expect(d.message.hasPrefix("\(name): "))
    }
    #expect(try diagnostic(of: tensordot(x, y, axes: [0], [0, 1])).code == .invalidAttribute)
    #expect(try diagnostic(of: tensordot(x, y, axes: [3], [0])).code == .axisOutOfRange)
    #expect(try diagnostic(of: tensordot(x, y, axes: 3)).code == .axisOutOfRange)
    #expect(try diagnostic(of: tensordot(x, y, axes: -1)).code == .invalidAttribute)
  }

  // MARK: - Matmul

  static let shapes: [([Int], [Int], [Int])] = [
    ([3], [3], []), ([3], [3, 2], [2]), ([2, 3], [3], [2]), ([2, 3], [3, 4], [2, 4]),
    ([5, 2, 3], [3, 4], [5, 2, 4]), ([2, 3], [5, 3, 4], [5, 2, 4]), ([3], [5, 3, 4], [5, 4]),
    ([5, 2, 3], [3], [5, 2]), ([5, 1, 2, 3], [6, 3, 4], [5, 6, 2, 4]),
    ([1, 2, 3], [5, 3, 4], [5, 2, 4]), ([1, 2, 3], [1, 3, 4], [1, 2, 4]),
    ([0, 2, 3], [3, 4], [0, 2, 4]), ([2, 0], [0, 4], [2, 4]), ([5, 2, 3], [1, 3, 1], [5, 2, 1]),
  ]

  /// The product by NumPy's rule, one element at a time.
  private func product(_ x: Tensor, _ y: Tensor, _ shape: [Int]) -> [Double] {
    let xs = x.rank == 1 ? [1] + Array(x.shape) : Array(x.shape)
    let ys = y.rank == 1 ? Array(y.shape) + [1] : Array(y.shape)
    var full = shape
    if y.rank == 1 { full.append(1) }
    if x.rank == 1 { full.insert(1, at: full.count - 1) }
    func element(_ t: [Double], _ sizes: [Int], _ batch: ArraySlice<Int>, _ i: Int, _ j: Int)
      -> Double
    {
      let own = Array(batch.suffix(sizes.count - 2))
      let index = zip(own, sizes).map { $1 == 1 ? 0 : $0 } + [i, j]
      return t[zip(index, sizes).reduce(0) { $0 * $1.1 + $1.0 }]
    }
    let (a, b) = (x.doubles, y.doubles)
    return (0..<full.reduce(1, *)).map { flat in
      var rest = flat
      var index = full
      for axis in full.indices.reversed() {
        index[axis] = rest % full[axis]
        rest /= full[axis]
      }
      let (m, n) = (index[full.count - 2], index[full.count - 1])
      let batch = index.dropLast(2)
      return (0..<xs[xs.count - 1]).reduce(0) {
        $0 + element(a, xs, batch, m, $1) * element(b, ys, batch, $1, n)
      }
    }
  }

  @Test(arguments: shapes) func `matmul follows NumPy's rule at every rank`(
    left: [Int], right: [Int], result: [Int]
  ) throws {
    let x = sample(left, seed: 3)
    let y = sample(right, seed: 4)
    let found = try Reference.run(matmul(.constant(x), .constant(y)))
    #expect(Array(found.shape) == result)
    let expected = product(x, y, result)
    #expect(found.allClose(Tensor(dtype: .float64, shape: result, doubles: expected)))
    try expectGradient([x, y]) { sum(tanh(matmul($0[0], $0[1]))) }
  }

  @Test func `batch axes that do not broadcast`() throws {
    let x = Expr.input("x", .float32, [5, 2, 3])
    let y = Expr.input("y", .float32, [4, 3, 6])
    let d = try diagnostic(of: matmul(x, y))
    #expect(d.code == .broadcastMismatch)
    #expect(d.message == "matmul: the batch axes do not broadcast: 5 against 4")
    #expect(d.evidence.map(\.markedAxes) == [[0], [0]])
  }

  @Test func `different dtypes`() throws {
    let d = try diagnostic(
      of: matmul(Expr.input("x", .float32, [2, 3]), Expr.input("y", .float64, [3, 2])))
    #expect(d.code == .dtypeMismatch)
    #expect(d.message.hasPrefix("matmul: "))
  }
}
