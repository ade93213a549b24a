package import GnomonTensors

extension ScalarProgram {
  /// Evaluates the program for many points at once: one pass of each instruction over all lanes.
  ///
  /// The common float and bit operations have loops of their own here, the others go through
  /// `ScalarEvaluator.apply` lane by lane; the results are the same bits.
  ///
  /// - Parameters:
  ///   - lanes: the number of points.
  ///   - operands: for each operand the bits of its `lanes` values.
  ///   - index: the value of an integer expression in a lane.
  /// - Returns: for each result the bits of its `lanes` values.
  package func evaluate(
    lanes: Int, operands: [[UInt64]], index: (Dim, Int) -> Int = { _, _ in 0 }
  ) -> [[UInt64]] {
    precondition(operands.allSatisfy { $0.count == lanes }, "a lane is missing in an operand")
    // Zeroed, so that the upper halves of float32 values, which are written as floats, stay zero.
    let storage = UnsafeMutablePointer<UInt64>.allocate(
      capacity: max(1, lanes * instructions.count))
    storage.initialize(repeating: 0, count: lanes * instructions.count)
    defer { storage.deallocate() }
    func row(_ n: Int) -> Lanes { Lanes(bits: storage + max(n, 0) * lanes, count: lanes) }
    for (n, i) in instructions.enumerated() {
      let out = row(n)
      switch i.op {
      case .operand(let k): for lane in 0..<lanes { out.bits[lane] = operands[k][lane] }
      case .index(let d):
        for lane in 0..<lanes { out.bits[lane] = UInt64(bitPattern: Int64(index(d, lane))) }
      case .constant(let bits): out.bits.update(repeating: bits, count: lanes)
      case .call(let f):
        if let program = f.definition(i.dtype) {
          let arguments = i.arguments.map {
            Array(UnsafeBufferPointer(start: row($0).bits, count: lanes))
          }
          let values = program.evaluate(lanes: lanes, operands: arguments)[0]
          for lane in 0..<lanes { out.bits[lane] = values[lane] }
        } else {
          out.each(i, argumentType(of: i), row(i.a), row(i.b), row(i.c))
        }
      default:
        let type = argumentType(of: i)
        if out.fast(i, type, row(i.a), row(i.b), row(i.c)) { continue }
        out.each(i, type, row(i.a), row(i.b), row(i.c))
      }
    }
    return results.map { Array(UnsafeBufferPointer(start: row($0).bits, count: lanes)) }
  }
}

/// The values of one instruction in all lanes, as bits.
private struct Lanes {
  let bits: UnsafeMutablePointer<UInt64>
  let count: Int

  /// The low halves as floats; the platforms are little-endian. Lane `i` is at `2 * i`.
  var floats: UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(bits).assumingMemoryBound(to: Float.self)
  }
  var doubles: UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(bits).assumingMemoryBound(to: Double.self)
  }

  func each(_ i: ScalarProgram.Instruction, _ type: DType, _ a: Lanes, _ b: Lanes, _ c: Lanes) {
    for n in 0..<count {
      bits[n] = ScalarEvaluator.apply(
        i.op, dtype: i.dtype, argumentType: type, a.bits[n], b.bits[n], c.bits[n])
    }
  }

  /// Runs the operation in a loop of its own; false where it has none. The loops are written out
  /// because without optimization a closure or a range costs more than the arithmetic.
  func fast(
    _ i: ScalarProgram.Instruction, _ type: DType, _ a: Lanes, _ b: Lanes, _ c: Lanes
  ) -> Bool {
    if case .select = i.op {
      let (x, y, z) = (a.bits, b.bits, c.bits)
      var n = 0
      while n < count {
        bits[n] = x[n] & 1 != 0 ? y[n] : z[n]
        n &+= 1
      }
      return true
    }
    switch type {
    case .float32: return float(i.op, i.dtype, a, b, c)
    case .float64: return double(i.op, i.dtype, a, b, c)
    case .uint32: return word(i.op, i.dtype, a.bits, b.bits, mask: 0xFFFF_FFFF, width: 32)
    case .uint64: return word(i.op, i.dtype, a.bits, b.bits, mask: .max, width: 64)
    default: return false
    }
  }

  private func float(_ op: ScalarOp, _ dtype: DType, _ a: Lanes, _ b: Lanes, _ c: Lanes) -> Bool {
    let (r, x, y, z) = (floats, a.floats, b.floats, c.floats)
    let end = 2 * count
    var n = 0
    switch op {
    case .add: while n < end { r[n] = x[n] + y[n]; n &+= 2 }
    case .subtract: while n < end { r[n] = x[n] - y[n]; n &+= 2 }
    case .multiply: while n < end { r[n] = x[n] * y[n]; n &+= 2 }
    case .divide: while n < end { r[n] = x[n] / y[n]; n &+= 2 }
    case .multiplyAdd: while n < end { r[n] = z[n].addingProduct(x[n], y[n]); n &+= 2 }
    case .negate: while n < end { r[n] = -x[n]; n &+= 2 }
    case .absolute: while n < end { r[n] = x[n].magnitude; n &+= 2 }
    case .less: while n < end { bits[n / 2] = x[n] < y[n] ? 1 : 0; n &+= 2 }
    case .lessEqual: while n < end { bits[n / 2] = x[n] <= y[n] ? 1 : 0; n &+= 2 }
    case .equal: while n < end { bits[n / 2] = x[n] == y[n] ? 1 : 0; n &+= 2 }
    case .notEqual: while n < end { bits[n / 2] = x[n] != y[n] ? 1 : 0; n &+= 2 }
    case .reinterpret where dtype == .uint32:
      while n < count { bits[n] = a.bits[n]; n &+= 1 }
    default: return false
    }
    return true
  }

  private func double(_ op: ScalarOp, _ dtype: DType, _ a: Lanes, _ b: Lanes, _ c: Lanes) -> Bool {
    let (r, x, y, z) = (doubles, a.doubles, b.doubles, c.doubles)
    let end = count
    var n = 0
    switch op {
    case .add: while n < end { r[n] = x[n] + y[n]; n &+= 1 }
    case .subtract: while n < end { r[n] = x[n] - y[n]; n &+= 1 }
    case .multiply: while n < end { r[n] = x[n] * y[n]; n &+= 1 }
    case .divide: while n < end { r[n] = x[n] / y[n]; n &+= 1 }
    case .multiplyAdd: while n < end { r[n] = z[n].addingProduct(x[n], y[n]); n &+= 1 }
    case .negate: while n < end { r[n] = -x[n]; n &+= 1 }
    case .absolute: while n < end { r[n] = x[n].magnitude; n &+= 1 }
    case .less: while n < end { bits[n] = x[n] < y[n] ? 1 : 0; n &+= 1 }
    case .lessEqual: while n < end { bits[n] = x[n] <= y[n] ? 1 : 0; n &+= 1 }
    case .equal: while n < end { bits[n] = x[n] == y[n] ? 1 : 0; n &+= 1 }
    case .notEqual: while n < end { bits[n] = x[n] != y[n] ? 1 : 0; n &+= 1 }
    case .reinterpret where dtype == .uint64:
      while n < count { bits[n] = a.bits[n]; n &+= 1 }
    default: return false
    }
    return true
  }
  private func word(
    _ op: ScalarOp, _ dtype: DType, _ x: UnsafeMutablePointer<UInt64>,
    _ y: UnsafeMutablePointer<UInt64>, mask: UInt64, width: UInt64
  ) -> Bool {
    var n = 0
    switch op {
    case .add: while n < count { bits[n] = (x[n] &+ y[n]) & mask; n &+= 1 }
    case .subtract: while n < count { bits[n] = (x[n] &- y[n]) & mask; n &+= 1 }
    case .and: while n < count { bits[n] = x[n] & y[n]; n &+= 1 }
    case .or: while n < count { bits[n] = x[n] | y[n]; n &+= 1 }
    case .xor: while n < count { bits[n] = x[n] ^ y[n]; n &+= 1 }
    case .shiftLeft:
      while n < count { bits[n] = y[n] < width ? (x[n] &<< y[n]) & mask : 0; n &+= 1 }
    case .shiftRight:
      while n < count { bits[n] = y[n] < width ? x[n] &>> y[n] : 0; n &+= 1 }
    case .reinterpret where dtype.isFloat: while n < count { bits[n] = x[n]; n &+= 1 }
    default: return false
    }
    return true
  }
}
