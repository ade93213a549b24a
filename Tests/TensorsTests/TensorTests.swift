import GnomonTensors
import TestSupport
import Testing

@Suite struct TensorElementTests {
  @Test(arguments: [0, 1, 15, 16, 17, 1000, 16383, 16384, 70_000])
  func `memory begins on a boundary of 64 bytes`(count: Int) {
    let many = (0..<20).map { _ in Tensor.zeros(.float32, [count]) }
    for tensor in many {
      #expect(UInt(bitPattern: tensor.storage.pointer) % 64 == 0)
    }
  }

  /// See Note [Addresses of huge buffers]. Each is held, so none is another's memory come back.
  @Test func `huge buffers do not all begin at the boundary of a page`() {
    let many = (0..<6).map { _ in Tensor(uninitialized: .uint8, [(5 << 20) + 1]) }
    let addresses = many.map { UInt(bitPattern: $0.storage.pointer) }
    #expect(addresses.allSatisfy { $0 % 64 == 0 })
    #expect(Set(addresses.map { $0 % (1 << 20) }).count > 1)
  }

  @Test func `arrays keep their type, shape and order`() throws {
    #expect(Tensor([1, 2, 3] as [Float]).dtype == .float32)
    #expect(Tensor([1, 2, 3]).dtype == .int64)
    #expect(Tensor(2.5).shape == [] && Tensor(2.5).dtype == .float64)
    #expect(Tensor([true, false]).dtype == .bool)
    #expect(Tensor([1] as [UInt]).dtype == .uint64)
    let two = Tensor([[1, 2, 3], [4, 5, 6]] as [[Int16]])
    #expect(two.shape == [2, 3] && two.dtype == .int16)
    #expect(try two.array(of: Int16.self) == [1, 2, 3, 4, 5, 6])
    let three = Tensor([[[1, 2]], [[3, 4]], [[5, 6]]] as [[[Double]]])
    #expect(three.shape == [3, 1, 2] && three.doubles == [1, 2, 3, 4, 5, 6])
    let four = Tensor([[[[1.0], [2]]], [[[3], [4]]]])
    #expect(four.shape == [2, 1, 2, 1] && four.doubles == [1, 2, 3, 4])
    #expect(Tensor([] as [Float]).shape == [0])
    #expect(Tensor([[], []] as [[Float]]).shape == [2, 0])
  }

  @Test func `values are converted to the dtype asked for`() {
    #expect(Tensor([1, 3.14159], dtype: .bfloat16).doubles == [1, 3.140625])
    #expect(Tensor([1, 300, -1], dtype: .uint8).doubles == [1, 44, 255])
    #expect(Tensor([1.9, 300, -1], dtype: .uint8).doubles == [1, 255, 0])
  }

  @Test func `the count must fit the shape`() throws {
    #expect(try Tensor([1, 2, 3, 4], shape: [2, 2]).shape == [2, 2])
    #expect(throws: TensorError.elementCount(given: 3, shape: [2, 2])) {
      try Tensor([1, 2, 3], shape: [2, 2])
    }
    #expect(throws: TensorError.invalidShape([-1, 3])) { try Tensor([1, 2, 3], shape: [-1, 3]) }
    #expect(throws: TensorError.invalidShape([.max, 2])) { try Tensor([1], shape: [.max, 2]) }
    #expect(try Tensor([] as [Float], shape: [0, .max, 2]).elementCount == 0)
    let message = TensorError.elementCount(given: 3, shape: [2, 2]).description
    #expect(message == "shape [2, 2] has 4 elements, but 3 values were given")
  }

  @Test func `elements are read in their own type only`() throws {
    let x = Tensor([1, 2] as [Float])
    #expect(throws: TensorError.wrongDType(has: .float32, asked: .float64)) {
      try x.array(of: Double.self)
    }
    #expect(try Tensor([1, 2]).array(of: Int64.self) == [1, 2])
    #expect(try Tensor(7).item() == 7)
    #expect(throws: TensorError.notAScalar(shape: [2])) { try x.item() }
  }

  @Test func `single elements are found by index`() throws {
    let x = Tensor([[1, 2, 3], [4, 5, 6]])
    #expect(try x.element(at: 1, 2) == 6)
    #expect(throws: TensorError.indexOutOfRange(index: 3, axis: 1, size: 3)) {
      try x.element(at: 0, 3)
    }
    #expect(throws: TensorError.indexOutOfRange(index: -1, axis: 0, size: 2)) {
      try x.element(at: -1, 0)
    }
    #expect(throws: TensorError.indexCount(given: 1, rank: 2)) { try x.element(at: 1) }
  }

  @Test(arguments: DType.allCases)
  func `doubles and integers of every type survive the way through a tensor`(_ dtype: DType) {
    let values: [Double] = dtype == .bool ? [0, 1, 1] : [0, 1, 100]
    #expect(Tensor(dtype: dtype, shape: [3], doubles: values).doubles == values)
    #expect(Tensor(dtype: dtype, shape: [3], integers: values.map { Int64($0) }).doubles == values)
    #expect(Tensor(dtype: dtype, shape: [3], doubles: values).integers == values.map { Int64($0) })
  }

  @Test func `integers saturate from doubles and wrap from integers`() {
    let wild: [Double] = [.nan, .infinity, -.infinity, 1e30, -1e30, 2.9, -2.9]
    func from(_ dtype: DType) -> [Int64] {
      Tensor(dtype: dtype, shape: [7], doubles: wild).integers
    }
    #expect(from(.int8) == [0, 127, -128, 127, -128, 2, -2])
    #expect(from(.int64) == [0, .max, .min, .max, .min, 2, -2])
    #expect(from(.uint16) == [0, 65535, 0, 65535, 0, 2, 0])
    #expect(from(.uint64) == [0, -1, 0, -1, 0, 2, 0])
    #expect(from(.bool) == [1, 1, 1, 1, 1, 1, 1])
    let edges = Tensor(dtype: .int64, shape: [2], doubles: [0x1p63.nextDown, -0x1p63])
    #expect(edges.integers == [Int64(0x1p63.nextDown), .min])
    func wrapped(_ dtype: DType) -> [Int64] {
      Tensor(dtype: dtype, shape: [3], integers: [300, -1, .min]).integers
    }
    #expect(wrapped(.int8) == [44, -1, 0])
    #expect(wrapped(.uint8) == [44, 255, 0])
    #expect(wrapped(.uint64) == [300, -1, .min])
    #expect(Tensor(dtype: .uint64, shape: [1], integers: [-1]).doubles == [0x1p64])
  }
}

@Suite struct TensorCastTests {
  @Test(arguments: DType.allCases, DType.allCases)
  func `every pair of types keeps small numbers`(from: DType, to: DType) {
    let values: [Double] = from == .bool || to == .bool ? [0, 1] : [0, 1, 7, 100]
    // More elements than one chunk of the conversion.
    let many = (0..<3000).map { values[$0 % values.count] }
    let x = Tensor(dtype: from, shape: [3000], doubles: many)
    #expect(x.cast(to: to).dtype == to)
    #expect(x.cast(to: to).doubles == many)
  }

  @Test func `64-bit integers round once to the narrow floats`() {
    // One more than the midpoint of two floats, which a double between would lose.
    let x = Tensor([1 << 60 + 1 << 36 + 1, -(1 << 60 + 1 << 36 + 1), 1 << 60 + 1 << 36] as [Int64])
    let values = x.integers.map { Double(Float($0)) }
    #expect(x.cast(to: .float32).doubles == values)
    #expect(values[0] == 0x1p60 + 0x1p37 && values[2] == 0x1p60)
    let y = Tensor([1 << 60 + 1 << 52 + 1, 1 << 60 + 1 << 52] as [UInt64])
    #expect(y.cast(to: .bfloat16).doubles == [0x1p60 + 0x1p53, 0x1p60])
    #expect(Tensor([UInt64.max]).cast(to: .float32).doubles == [0x1p64])
    #expect(Tensor([UInt64.max]).cast(to: .float64).doubles == [0x1p64])
    #expect(Tensor([Int64.min, .max]).cast(to: .float64).doubles == [-0x1p63, 0x1p63])
    var generator = SeededRandom(1)
    let random = (0..<5000).map { _ in
      Int64(bitPattern: generator.next()) >> Int64.random(in: 0...40, using: &generator)
    }
    let expected = random.map(Float.init)
    #expect(try! Tensor(random).cast(to: .float32).array(of: Float.self) == expected)
    let unsigned = random.map { UInt64(bitPattern: $0) }
    #expect(
      try! Tensor(unsigned).cast(to: .float32).array(of: Float.self) == unsigned.map(Float.init))
    #expect(Tensor(random).cast(to: .float64).doubles == random.map(Double.init))
  }

  @Test func `integers wrap, floats saturate, and bool is whether the value is not 0`() {
    #expect(Tensor([300, -1]).cast(to: .uint8).doubles == [44, 255])
    #expect(Tensor([300.7, -1, .nan]).cast(to: .uint8).doubles == [255, 0, 0])
    #expect(Tensor([0, -0.0, 0.1, .nan]).cast(to: .bool).doubles == [0, 0, 1, 1])
    #expect(Tensor([256, 0]).cast(to: .bool).doubles == [1, 0])
    #expect(Tensor([-1] as [Int8]).cast(to: .uint64).integers == [-1])
    #expect(Tensor([UInt64.max]).cast(to: .int32).doubles == [-1])
  }
}

@Suite struct TensorFactoryTests {
  @Test(arguments: DType.allCases)
  func `zeros, ones and full fill every type`(_ dtype: DType) {
    #expect(Tensor.zeros(dtype, [2, 3]).doubles == [Double](repeating: 0, count: 6))
    #expect(Tensor.ones(dtype, [7]).doubles == [Double](repeating: 1, count: 7))
    let value = dtype == .bool ? 1.0 : 5
    #expect(Tensor.full(5, dtype, [3]).doubles == [value, value, value])
    #expect(Tensor.eye(2, columns: 3, dtype).doubles == [1, 0, 0, 0, 1, 0])
    #expect(Tensor.eye(3, dtype).shape == [3, 3])
    #expect(Tensor.ones(dtype, [0, 4]).doubles.isEmpty)
  }

  @Test func `ranges leave out their end`() throws {
    #expect(try Tensor.range(0, 1, step: 0.25).doubles == [0, 0.25, 0.5, 0.75])
    #expect(try Tensor.range(5, 0, step: -2, .int32).doubles == [5, 3, 1])
    #expect(try Tensor.range(5, 0).doubles.isEmpty)
    #expect(Tensor.range(4).doubles == [0, 1, 2, 3] && Tensor.range(4).dtype == .int64)
    #expect(throws: TensorError.self) { try Tensor.range(0, 1, step: 0) }
    #expect(throws: TensorError.self) { try Tensor.range(0, .infinity) }
    #expect(throws: TensorError.self) { try Tensor.range(0, 1e300) }
  }

  @Test func `linspace includes both ends`() {
    #expect(Tensor.linspace(0, 1, count: 5, .float64).doubles == [0, 0.25, 0.5, 0.75, 1])
    #expect(Tensor.linspace(0, 0.1, count: 8, .float64).doubles.last == 0.1)
    #expect(Tensor.linspace(3, 9, count: 1).doubles == [3])
    #expect(Tensor.linspace(3, 9, count: 0).doubles.isEmpty)
  }
}

@Suite struct TensorRowTests {
  private let x = Tensor.range(24, .float32)

  @Test func `reshaping shares the memory and infers one size`() throws {
    let y = try x.reshaped([2, -1, 4])
    #expect(y.shape == [2, 3, 4] && y.storage === x.storage)
    #expect(throws: TensorError.cannotReshape(from: [24], to: [5, 5])) { try x.reshaped([5, 5]) }
    #expect(throws: TensorError.cannotReshape(from: [24], to: [-1, 5])) { try x.reshaped([-1, 5]) }
    #expect(throws: TensorError.self) { try x.reshaped([-1, -1]) }
    #expect(throws: TensorError.self) { try x.reshaped([-1, 0]) }
    #expect(try Tensor.zeros(.bool, [0, 3]).reshaped([3, 0, 7]).elementCount == 0)
  }

  @Test func `rows are slices of the first axis`() throws {
    let y = try x.reshaped([4, 3, 2])
    #expect(try y.row(1).shape == [3, 2])
    #expect(try y.row(1).doubles == [6, 7, 8, 9, 10, 11])
    #expect(try y.rows(1..<3).shape == [2, 3, 2])
    #expect(try y.rows(1..<3).doubles == (6..<18).map(Double.init))
    #expect(try y.rows(2..<2).shape == [0, 3, 2])
    #expect(try y.gatherRows([3, 0, 3]).doubles.prefix(8) == [18, 19, 20, 21, 22, 23, 0, 1])
    #expect(throws: TensorError.indexOutOfRange(index: 4, axis: 0, size: 4)) { try y.row(4) }
    #expect(throws: TensorError.indexOutOfRange(index: -1, axis: 0, size: 4)) {
      try y.gatherRows([0, -1])
    }
    #expect(throws: TensorError.rangeOutOfBounds(lower: 2, upper: 5, axis: 0, size: 4)) {
      try y.rows(2..<5)
    }
    #expect(throws: TensorError.self) { try Tensor(1.0).row(0) }
    #expect(throws: TensorError.self) { try Tensor(1.0).rows(0..<1) }
  }

  @Test func `large slices share memory, and a write changes only the tensor written`() throws {
    let whole = try Tensor.range(64 * 1024, .float32).reshaped([64, 1024])
    var part = try whole.rows(16..<48)
    #expect(part.storage.pointer == whole.storage.pointer + 16 * 4096)
    part.withUnsafeMutableBytes { $0.storeBytes(of: -1 as Float, as: Float.self) }
    #expect(try part.element(at: 0, 0) == -1)
    #expect(try whole.element(at: 16, 0) == 16 * 1024)

    var owner = try Tensor.range(64 * 1024, .float32).reshaped([64, 1024])
    let kept = try owner.rows(0..<32)
    owner.withUnsafeMutableBytes { $0.storeBytes(of: -1 as Float, as: Float.self) }
    #expect(try kept.element(at: 0, 0) == 0)
    #expect(try owner.element(at: 0, 0) == -1)
  }

  @Test func `copies share memory until one is written`() {
    var copy = x
    #expect(copy.storage === x.storage)
    copy.withUnsafeMutableBytes { $0.storeBytes(of: 9 as Float, as: Float.self) }
    #expect(copy.doubles[0] == 9 && x.doubles[0] == 0)
    let before = copy.storage.pointer
    copy.withUnsafeMutableBytes { $0.storeBytes(of: 8 as Float, as: Float.self) }
    #expect(copy.storage.pointer == before)
  }
}

@Suite struct TensorComparisonTests {
  @Test func `identical compares bits`() {
    #expect(Tensor([1.0, .nan]).identical(to: Tensor([1.0, .nan])))
    #expect(!Tensor([0.0]).identical(to: Tensor([-0.0])))
    #expect(!Tensor([1]).identical(to: Tensor([1], dtype: .int32)))
    #expect(!Tensor([1]).identical(to: Tensor(1)))
  }

  @Test(arguments: DType.allCases.filter(\.isFloat))
  func `distances count the numbers between`(_ dtype: DType) {
    func distance(_ a: Double, _ b: Double) -> Double {
      Tensor([5, a], dtype: dtype).ulpDistance(to: Tensor([5, b], dtype: dtype))
    }
    let unit: Double = [.bfloat16: 0x1p-7, .float16: 0x1p-10, .float32: 0x1p-23][dtype] ?? 0x1p-52
    #expect(distance(1, 1) == 0)
    #expect(distance(1, 1 + 3 * unit) == 3)
    #expect(distance(1, 1 - unit) == 2)
    #expect(distance(0, -0.0) == 0)
    #expect(distance(.nan, .nan) == 0)
    #expect(distance(.nan, 1) == .infinity)
    #expect(distance(.infinity, .infinity) == 0)
    #expect(distance(.infinity, -.infinity) > 1000)
  }

  @Test func `distances of integers are differences`() {
    #expect(Tensor([1, 5]).ulpDistance(to: Tensor([3, 4])) == 2)
    #expect(Tensor([UInt64.max]).ulpDistance(to: Tensor([0 as UInt64])) == 0x1p64)
    #expect(Tensor([Int64.max]).ulpDistance(to: Tensor([Int64.min])) == 0x1p64)
    #expect(Tensor([1]).ulpDistance(to: Tensor([1.0])) == .infinity)
  }

  @Test func `closeness is relative to the second tensor`() {
    #expect(Tensor([1.0, .nan, .infinity]).allClose(Tensor([1.000001, .nan, .infinity])))
    #expect(!Tensor([1.0]).allClose(Tensor([1.001])))
    #expect(Tensor([1.0]).allClose(Tensor([1.001]), rtol: 0.01))
    #expect(!Tensor([Double.infinity]).allClose(Tensor([-Double.infinity])))
    #expect(!Tensor([1.0]).allClose(Tensor([Double.infinity])))
    #expect(!Tensor([1.0]).allClose(Tensor([1.0, 1.0])))
  }
}
