import Foundation
import GnomonTensors
import Testing

/// What `scripts/make-file-fixtures.py` puts into its arrays.
func fixtureValues(_ dtype: DType, _ shape: [Int] = [2, 3, 4]) -> Tensor {
  let values = (0..<shape.reduce(1, *)).map { i -> Double in
    let v = i * 7 % 50 - 10
    if dtype == .bool { return v % 2 == 0 ? 0 : 1 }
    if dtype.isUnsignedInteger { return Double(v.magnitude) }
    return dtype.isFloat ? Double(v) / 4 : Double(v)
  }
  return Tensor(dtype: dtype, shape: shape, doubles: values)
}

func fixture(_ name: String) -> String { fixtures.appending(path: name).path }

/// A path in a fresh directory that is removed afterwards.
func withTemporaryPath<R>(_ name: String, _ body: (String) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.appending(path: name).path)
}

func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

private let npyTypes = DType.allCases.filter { $0 != .bfloat16 }

@Suite struct NPYTests {
  @Test(arguments: npyTypes)
  func `reads NumPy's files of every type and writes the same bytes`(_ dtype: DType) throws {
    let expected = fixtureValues(dtype)
    let read = try Tensor(contentsOf: fixture("\(dtype).npy"))
    #expect(read.identical(to: expected))
    try withTemporaryPath("x.npy") { path in
      try expected.write(npy: path)
      #expect(try bytes(path) == bytes(fixture("\(dtype).npy")))
    }
  }

  @Test(arguments: npyTypes.filter { $0.byteCount > 1 })
  func `reads big-endian files`(_ dtype: DType) throws {
    #expect(try Tensor(contentsOf: fixture("\(dtype)-big.npy")).identical(to: fixtureValues(dtype)))
  }

  @Test(arguments: [[], [0], [5], [3, 0, 2], [1, 1], [2, 1, 3, 2, 2]])
  func `reads and writes every rank`(_ shape: [Int]) throws {
    let name = fixture("shape-\(shape.map(String.init).joined(separator: "x")).npy")
    let expected = fixtureValues(.int32, shape)
    #expect(try Tensor(contentsOf: name).identical(to: expected))
    try withTemporaryPath("x.npy") { path in
      try expected.write(npy: path)
      #expect(try bytes(path) == bytes(name))
    }
  }

  @Test func `reads Fortran order`() throws {
    let three = try Tensor(contentsOf: fixture("fortran-3.npy"))
    #expect(three.identical(to: fixtureValues(.int16)))
    let two = try Tensor(contentsOf: fixture("fortran-2.npy"))
    #expect(two.identical(to: fixtureValues(.float64, [5, 3])))
    let big = try Tensor(contentsOf: fixture("fortran-big.npy"))
    #expect(big.identical(to: fixtureValues(.float32, [4, 3, 2, 2])))
  }

  @Test(arguments: 1...3)
  func `reads the three versions`(_ version: Int) throws {
    let read = try Tensor(contentsOf: fixture("version-\(version).npy"))
    #expect(read.identical(to: fixtureValues(.float32)))
  }

  @Test(arguments: [
    ("complex.npy", "elements of type '<c8' are not supported"),
    ("record.npy", "structured element types are not supported"),
    ("text.npy", "elements of type '<U2' are not supported"),
  ])
  func `refuses elements that are not numbers`(_ name: String, _ reason: String) {
    #expect(throws: TensorError.unsupported(path: fixture(name), reason: reason)) {
      try Tensor(contentsOf: fixture(name))
    }
  }

  @Test func `refuses to write bfloat16 and leaves no file`() throws {
    try withTemporaryPath("x.npy") { path in
      #expect(
        throws: TensorError.unsupported(
          path: path,
          reason: "npy has no bfloat16; convert the tensor with cast(to: .float32) first")
      ) { try Tensor.zeros(.bfloat16, [2]).write(npy: path) }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func `any byte but 0 is true`() throws {
    var file = try bytes(fixture("bool.npy"))
    file[file.count - 1] = 7
    try withTemporaryPath("x.npy") { path in
      try Data(file).write(to: URL(filePath: path))
      let last = try Tensor(contentsOf: path).array(of: Bool.self).last
      #expect(last == true)
      try Tensor(contentsOf: path).withUnsafeBytes { #expect($0.last == 1) }
    }
  }

  @Test func `writing replaces a file as a whole and leaves nothing beside it`() throws {
    try withTemporaryPath("x.npy") { path in
      try Tensor.zeros(.float32, [1000]).write(npy: path)
      try Tensor([1, 2], dtype: .int8).write(npy: path)
      #expect(try Tensor(contentsOf: path).doubles == [1, 2])
      let folder = URL(filePath: path).deletingLastPathComponent()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.npy"])
    }
  }

  @Test func `says why a file cannot be opened or created`() {
    #expect(
      throws: TensorError.file(
        path: "/nowhere/x.npy", reason: "cannot open: No such file or directory")
    ) { try Tensor(contentsOf: "/nowhere/x.npy") }
    #expect(
      throws: TensorError.file(
        path: "/nowhere/x.npy", reason: "cannot create: No such file or directory")
    ) { try Tensor(1.0).write(npy: "/nowhere/x.npy") }
    #expect(throws: TensorError.file(path: "/", reason: "is not a regular file")) {
      try Tensor(contentsOf: "/")
    }
    #expect(throws: TensorError.file(path: "/dev/zero", reason: "is not a regular file")) {
      try Tensor(contentsOf: "/dev/zero")
    }
  }
}

@Suite struct NPZTests {
  private static let members: [(name: String, tensor: Tensor)] = [
    ("weights", fixtureValues(.float32, [4, 5])), ("bias", fixtureValues(.int64, [3])),
    ("a b/%ü", fixtureValues(.bool)),
  ]

  private func expectMembers(_ read: [(name: String, tensor: Tensor)]) {
    #expect(read.map(\.name) == NPZTests.members.map(\.name))
    for (a, b) in zip(read, NPZTests.members) { #expect(a.tensor.identical(to: b.tensor)) }
  }

  @Test(arguments: ["stored", "deflated", "zip64"])
  func `reads NumPy's archives in their order`(_ name: String) throws {
    expectMembers(try Tensor.readNPZ(fixture("\(name).npz")))
    let byName = try Tensor.readNPZDictionary(fixture("\(name).npz"))
    #expect(byName["bias"]?.identical(to: NPZTests.members[1].tensor) == true)
  }

  @Test(arguments: [false, true])
  func `reads what it writes`(compressed: Bool) throws {
    try withTemporaryPath("x.npz") { path in
      try Tensor.writeNPZ(NPZTests.members, to: path, compressed: compressed)
      expectMembers(try Tensor.readNPZ(path))
      try Tensor.writeNPZ(["z": Tensor(1), "a": Tensor(2)], to: path, compressed: compressed)
      #expect(try Tensor.readNPZ(path).map(\.name) == ["a", "z"])
      try Tensor.writeNPZ([:], to: path, compressed: compressed)
      #expect(try Tensor.readNPZ(path).isEmpty)
    }
  }

  @Test func `compression makes constant tensors small`() throws {
    try withTemporaryPath("x.npz") { path in
      let large = Tensor.zeros(.float64, [300, 1000])
      try Tensor.writeNPZ(["large": large], to: path, compressed: true)
      #expect(try bytes(path).count < 10_000)
      #expect(try Tensor.readNPZDictionary(path)["large"]?.identical(to: large) == true)
    }
  }

  @Test func `refuses equal names and bfloat16`() {
    #expect(throws: TensorError.invalidArgument("/x.npz: two tensors have the name 'a'")) {
      try Tensor.writeNPZ([("a", Tensor(1)), ("a", Tensor(2))], to: "/x.npz")
    }
    #expect(
      throws: TensorError.unsupported(
        path: "/x.npz(a)",
        reason: "npy has no bfloat16; convert the tensor with cast(to: .float32) first")
    ) { try Tensor.writeNPZ([("a", Tensor.zeros(.bfloat16, [1]))], to: "/x.npz") }
  }

  @Test func `says that an archive may hold several tensors`() {
    #expect(
      throws: TensorError.unsupported(
        path: fixture("stored.npz"),
        reason: "a npz archive may hold several tensors; use Tensor.readNPZ")
    ) { try Tensor(contentsOf: fixture("stored.npz")) }
  }
}

@Suite struct IDXTests {
  static let types: [DType] = [.uint8, .int8, .int16, .int32, .float32, .float64]

  @Test(arguments: types, ["x.idx", "x.idx.gz"])
  func `reads what it writes`(_ dtype: DType, name: String) throws {
    try withTemporaryPath(name) { path in
      for shape in [[2, 3, 4], [7], [], [0, 3]] {
        let x = fixtureValues(dtype, shape)
        try x.write(idx: path)
        #expect(try Tensor(contentsOf: path).identical(to: x))
      }
    }
  }

  @Test func `is big-endian with the sizes first`() throws {
    try withTemporaryPath("x") { path in
      try Tensor([[1, -2]], dtype: .int16).write(idx: path)
      #expect(
        try bytes(path) == [0, 0, 0x0B, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0xFF, 0xFE])
    }
  }

  @Test(arguments: DType.allCases.filter { !types.contains($0) })
  func `refuses the types that IDX lacks`(_ dtype: DType) {
    #expect(
      throws: TensorError.unsupported(
        path: "/x", reason: "IDX has no \(dtype); convert the tensor with cast(to:) first")
    ) { try Tensor.zeros(dtype, [1]).write(idx: "/x") }
  }

  @Test func `reads the digits of the examples`() throws {
    let root = fixtures.appending(path: "../../../Examples/Data/mnist").standardized
    func read(_ name: String) throws -> Tensor {
      try Tensor(contentsOf: root.appending(path: "\(name)-ubyte.gz"))
    }
    let train = try read("train-images-idx3")
    #expect(train.dtype == .uint8 && train.shape == [4000, 28, 28])
    #expect(try read("t10k-images-idx3").shape == [500, 28, 28])
    for (name, count) in [("train", 4000), ("t10k", 500)] {
      let labels = try read("\(name)-labels-idx1")
      #expect(labels.shape == [count])
      #expect(Set(labels.integers) == Set(0...9))
    }
    // Ink is in the middle, not at the border.
    let mean = try train.rows(0..<100).reshaped([100, 784]).doubles.reduce(0, +) / 78_400
    #expect(mean > 20 && mean < 60)
    #expect(try train.row(0).row(0).doubles.allSatisfy { $0 == 0 })
  }
}
