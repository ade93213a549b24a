package import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// One kernel as loops over vectors: the last form before text.
///
/// Everything is decided here: which loop is parallel, how wide a vector is, where a tail is masked,
/// which values live in registers. The interpreter runs it and the emitter prints it, statement for
/// statement.
package struct Kernel: Hashable, Sendable {
  /// A buffer the kernel is handed: an operand, a result or a temporary of its own.
  package struct Buffer: Hashable, Sendable {
    package enum Role: Hashable, Sendable {
      case input, output
      /// Memory that outlives no call; `elements` long, one for each worker if asked.
      case temporary(elements: Dim, perWorker: Bool)
    }
    package var dtype: DType
    package var role: Role
    /// For comments: the value's name in the graph.
    package var name: String

    package init(_ dtype: DType, _ role: Role, name: String) {
      self.dtype = dtype
      self.role = role
      self.name = name
    }
  }

  package var name: String
  package var buffers: [Buffer]
  package var body: [Statement]
  /// What a comment over the kernel says: schedule, lines.
  package var notes: [String]
  /// The floating-point operations and the bytes of operands and results of one run, as formulas.
  package var flops = Dim(0)
  package var bytes = Dim(0)
  /// Which buffers may be written past the caches.
  package var streaming: Streaming?

  /// Stores of whole vectors to these buffers go past the caches where `bytes` of the kernel is at
  /// least the limit.
  package struct Streaming: Hashable, Sendable {
    package var buffers: [Int]
    package var limit: Int
  }

  package init(name: String, buffers: [Buffer], body: [Statement], notes: [String] = []) {
    self.name = name
    self.buffers = buffers
    self.body = body
    self.notes = notes
  }

  /// Kernels that differ in their name and comments only are emitted once.
  package static func == (a: Kernel, b: Kernel) -> Bool {
    a.body == b.body && a.streaming == b.streaming
      && (a.streaming == nil || a.bytes == b.bytes)
      && a.buffers.map(\.dtype) == b.buffers.map(\.dtype)
      && a.buffers.map(\.role) == b.buffers.map(\.role)
  }
  package func hash(into h: inout Hasher) {
    h.combine(body)
    for b in buffers { h.combine(b.dtype) }
  }
}

/// A value of `lanes` elements in a register; a bool of several lanes is a mask.
package struct Register: Hashable, Sendable {
  package var number: Int
  package var dtype: DType
  package var lanes: Int

  package init(_ number: Int, _ dtype: DType, lanes: Int) {
    self.number = number
    self.dtype = dtype
    self.lanes = lanes
  }
}

package indirect enum Statement: Hashable, Sendable {
  /// Defines a register, or gives a new value to one defined in an enclosing block.
  case assign(Register, Value)
  case store(Register, to: Access)
  /// Asks for an element that a later row reads, which may lie beyond the last one; changes nothing.
  case prefetch(buffer: Int, Dim)
  case loop(Loop)
  case parallel(Parallel)
  case conditional([Read.Guard], [Statement])
  /// Ends the call with an error unless 0 <= value < bound.
  case check(Register, bound: Dim, position: Dim, location: Int)
  case call(BlockedProduct)
  case transpose(Transposition)
  case routine(RoutineCall)
  /// The first statements where a BLAS library is loaded, else the second ones.
  case library([Statement], otherwise: [Statement])
  /// Names an index expression: an axis that stands still within the block.
  case bind(Int, Dim)
  case comment(String)

  /// What a register is given.
  package enum Value: Hashable, Sendable {
    case op(ScalarOp, [Register])
    case load(Access)
    /// One element of memory for each lane, at `index[lane]`.
    case gather(buffer: Int, index: Register, active: Dim?)
    /// The scalar in every lane.
    case splat(Register)
    /// An index expression as int64: `value + lane * step`.
    case index(Dim, step: Dim)
    /// The mask of the lanes below a count.
    case lanesBelow(Dim)
    /// The lanes joined as a balanced tree: halves, quarters, … so that every target adds alike.
    case reduceLanes(ScalarOp, Register)
    case copy(Register)
    /// Lane `l` is lane `(part * lanes + l) / 4` of register `l % 4`: a part of four registers joined
    /// element by element.
    case interleave([Register], part: Int)
  }

  /// Where a register is loaded from or stored to: lane `l` at `index + l * stride`.
  package struct Access: Hashable, Sendable {
    package var buffer: Int
    package var index: Dim
    package var stride: Dim
    /// If given, only the lanes below this count are touched; others load as zero.
    package var active: Dim?
    /// Where one fails, nothing is loaded and the value is `otherwise`.
    package var guards: [Read.Guard]
    package var otherwise: UInt64

    package init(
      _ buffer: Int, _ index: Dim, stride: Dim = 1, active: Dim? = nil,
      guards: [Read.Guard] = [], otherwise: UInt64 = 0
    ) {
      self.buffer = buffer
      self.index = index
      self.stride = stride
      self.active = active
      self.guards = guards
      self.otherwise = otherwise
    }
  }

  /// `for axis in stride(from, to, by: step)`.
  package struct Loop: Hashable, Sendable {
    package var axis: Int
    package var from: Dim
    package var to: Dim
    package var step: Int
    /// Whether it is a function of its own, so that none of its constants stays in a register through
    /// the statements before it. It uses no register from outside.
    package var isApart: Bool
    package var body: [Statement]

    package init(
      _ axis: Int, from: Dim = 0, to: Dim, step: Int = 1, isApart: Bool = false,
      _ body: [Statement]
    ) {
      self.axis = axis
      self.from = from
      self.to = to
      self.step = step
      self.isApart = isApart
      self.body = body
    }
  }

  /// Contiguous ranges of `0..<count` run by the workers; inside, `.axis(lower)` and `.axis(upper)`
  /// are the bounds of a worker's range, or of a piece of one. Only at the top of a kernel.
  package struct Parallel: Hashable, Sendable {
    package var lower: Int
    package var upper: Int
    package var count: Dim
    /// The predicted time of the whole loop in nanoseconds; short ones stay on the caller.
    package var cost: Dim
    /// Whether a range stays in one piece, as each has work that is the same for all.
    package var isWhole: Bool
    package var body: [Statement]

    package init(
      lower: Int, upper: Int, count: Dim, cost: Dim, isWhole: Bool = false, _ body: [Statement]
    ) {
      self.lower = lower
      self.upper = upper
      self.count = count
      self.cost = cost
      self.isWhole = isWhole
      self.body = body
    }
  }

  /// A square block of memory copied with its rows and columns exchanged:
  /// `to[place + l * distance + r] = from[index + r * stride + l]` for `r` and `l` below `lanes`.
  package struct Transposition: Hashable, Sendable {
    package var lanes: Int
    package var from: Int
    package var index: Dim
    package var stride: Dim
    package var to: Int
    package var place: Dim
    package var distance: Dim

    package init(
      lanes: Int, from: Int, index: Dim, stride: Dim, to: Int, place: Dim, distance: Dim
    ) {
      self.lanes = lanes
      self.from = from
      self.index = index
      self.stride = stride
      self.to = to
      self.place = place
      self.distance = distance
    }

    /// Its index expressions.
    var formulas: [Dim] { [index, stride, place, distance] }
  }

  /// A routine of the runtime on the matrices `from..<to` of a batch.
  package struct RoutineCall: Hashable, Sendable {
    package var kind: Routine.Kind
    package var options: Int32
    package var dtype: DType
    package var sizes: [Dim]
    package var operands: [Matrices]
    package var results: [Matrices]
    /// The buffer for the routine's own use.
    package var work: Int?
    package var from: Dim
    package var to: Dim

    /// A buffer and the elements of one matrix in it.
    package struct Matrices: Hashable, Sendable {
      package var buffer: Int
      package var elements: Dim
    }

    /// Its index expressions.
    var formulas: [Dim] { sizes + (operands + results).map(\.elements) + [from, to] }
  }

  /// `C[m, n] = sum over k of A[m, k] * B[k, n]` by a BLAS library, on a block of rows.
  package struct BlockedProduct: Hashable, Sendable {
    package var dtype: DType
    package var a: Operand
    package var b: Operand
    package var c: Int
    package var cIndex: Dim
    package var ldc: Dim
    package var m: Dim
    package var n: Dim
    package var k: Dim

    package struct Operand: Hashable, Sendable {
      package var buffer: Int
      package var index: Dim
      package var leading: Dim
      package var isTransposed: Bool
      package init(buffer: Int, index: Dim, leading: Dim, isTransposed: Bool) {
        self.buffer = buffer
        self.index = index
        self.leading = leading
        self.isTransposed = isTransposed
      }
    }
    package init(
      dtype: DType, a: Operand, b: Operand, c: Int, cIndex: Dim, ldc: Dim, m: Dim, n: Dim, k: Dim
    ) {
      self.dtype = dtype
      self.a = a
      self.b = b
      self.c = c
      self.cIndex = cIndex
      self.ldc = ldc
      self.m = m
      self.n = n
      self.k = k
    }
  }
}
