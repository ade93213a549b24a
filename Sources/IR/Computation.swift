package import GnomonScalars
package import GnomonTensors

/// The one form between graph and loops:
///
///     out[axes] = combine over `reduced` of body(reads at index expressions)
///
/// Elementwise, broadcast, reduction, contraction, convolution, pooling, gather and random draws
/// are all this; they differ in index expressions and bodies. Axis `i` of `axes` is the atom
/// `.axis(i)`; axis `j` of `reduced` is `.axis(axes.count + j)`.
package struct Computation: Hashable, Sendable {
  /// The extents of the result's axes.
  package var axes: [Dim]
  /// The extents of the axes combined away.
  package var reduced: [Dim]
  package var combiner: Combiner?
  package var reads: [Read]
  /// One operand per read, one result.
  package var body: ScalarProgram
  /// Which result of the op this computes.
  package var result: Int
  /// Where in the result the box of `axes` lies; nil when it is the whole result.
  package var offset: [Dim]?

  package init(
    axes: [Dim], reduced: [Dim] = [], combiner: Combiner? = nil, reads: [Read],
    body: ScalarProgram, result: Int = 0, offset: [Dim]? = nil
  ) {
    self.axes = axes
    self.reduced = reduced
    self.combiner = combiner
    self.reads = reads
    self.body = body
    self.result = result
    self.offset = offset
  }
}

/// One element read from an operand.
package struct Read: Hashable, Sendable {
  package var operand: Int
  /// One index expression per dimension of the operand, over `.axis` and `.loaded(read)` atoms;
  /// `.loaded(k)` is the integer value of read `k`, which comes earlier in the list.
  package var indices: [Dim]
  /// Where one of these fails, the read gives `otherwise` and touches no memory.
  package var guards: [Guard]
  /// The bits of the value outside the guards, in the operand's dtype.
  package var otherwise: UInt64

  package enum Guard: Hashable, Sendable {
    /// The expression is not negative.
    case nonNegative(Dim)
    /// The first is a multiple of the second.
    case divisible(Dim, by: Dim)
  }

  package init(_ operand: Int, _ indices: [Dim], guards: [Guard] = [], otherwise: UInt64 = 0) {
    self.operand = operand
    self.indices = indices
    self.guards = guards
    self.otherwise = otherwise
  }
}

/// How a reduction joins values. Sums and products of half floats accumulate in float32.
package enum Combiner: String, Hashable, Sendable, Codable {
  case sum, product, minimum, maximum, any, all
  /// The position along the single reduced axis of the first smallest or largest value; NaN wins.
  case argumentMinimum, argumentMaximum
}

/// `result[axes] = operand[indices]`, without code: readers compose the map.
package struct IndexMap: Hashable, Sendable {
  package var indices: [Dim]
  package init(_ indices: [Dim]) { self.indices = indices }
}

/// `result = base; result[…, indices[i], …] += updates[…, i, …]` along `axis`, in the order of `i`,
/// where
/// `+=` may be another way to combine. Operands: base, indices (rank 1), updates.
package struct Scatter: Hashable, Sendable {
  package var axis: Int
  /// Sum, product, minimum or maximum; nil sets.
  package var combiner: Combiner?
  package init(axis: Int, combiner: Combiner? = .sum) {
    self.axis = axis
    self.combiner = combiner
  }
}

/// `result[…, i, …]` = the operand's elements 0 up to i along `axis` combined, one after the other;
/// from the
/// end if `isReversed`.
package struct Prefix: Hashable, Sendable {
  package var axis: Int
  /// Sum, product, minimum or maximum.
  package var combiner: Combiner
  package var isReversed: Bool
  package init(axis: Int, combiner: Combiner, isReversed: Bool) {
    self.axis = axis
    self.combiner = combiner
    self.isReversed = isReversed
  }
}

/// `result[…, i, …]` = the position along `axis` of the i-th smallest element, equal ones in their
/// order and
/// NaN last.
package struct Ordering: Hashable, Sendable {
  package var axis: Int
  package init(axis: Int) { self.axis = axis }
}

/// A loop over steps. The operands are the initial carries, the sequences and the captures; the
/// last region takes the carries, a row of each sequence and the captures, and gives the next
/// carries and a row of each output.
package struct Loop: Hashable, Sendable {
  package var carries: Int
  package var sequences: Int
  /// The number of steps; nil when the first region, which takes the carries and the captures, says
  /// whether there is another one.
  package var length: Dim?
  package var isReversed: Bool

  package init(carries: Int, sequences: Int, length: Dim?, isReversed: Bool = false) {
    self.carries = carries
    self.sequences = sequences
    self.length = length
    self.isReversed = isReversed
  }
}

/// How loops compute an op: a closed set.
package enum Lowering: Sendable {
  case compute([Computation])
  case view(IndexMap)
  /// The same row-major elements under another shape.
  case reshape
  case scatter(Scatter)
  case prefix(Prefix)
  case order(Ordering)
  /// For each matrix of a batch what the runtime computes of it.
  case routine(Routine)
  /// Operand 0 unchanged, after a check of every element of some operand.
  case check(Check)
  /// Operand 0 unchanged, shown to the user.
  case print(label: String)
  /// Operand 0 unchanged, once all operands are computed.
  case barrier
  /// A constant array.
  case data(Tensor)
  /// One of two regions by a bool scalar.
  case branch
  /// A region run again and again.
  case loop(Loop)
  /// A region computed as one kernel; what the fusion pass makes.
  case fused
  /// The first region in the op's place, which a pass puts there.
  case inlined
}

/// What must hold of every element of an operand; the call ends otherwise.
package enum Check: Hashable, Sendable {
  /// It is an index, from 0 up to and without a bound.
  case index(below: Dim)
  /// It is true; else the message says what is wrong.
  case isTrue(message: String)
  /// It is a number, and a finite one unless infinities are allowed. The op of this name made it, of
  /// the operands after it.
  case isFinite(of: String, allowsInfinity: Bool)

  /// The number of the operand that is checked.
  package var operand: Int {
    if case .isTrue = self { return 1 }
    return 0
  }
}
