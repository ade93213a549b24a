import Foundation
import GnomonTensors
import Testing

@Suite struct `gnomon run` {
  private let folder: TemporaryFolder
  private let inputs: String

  init() throws {
    folder = try TemporaryFolder()
    inputs = folder.path + "/in.npz"
    try Tensor.writeNPZ(
      [
        ("x", Tensor([[1, 2], [3, 4], [5, 6]] as [[Float]])), ("i", Tensor([2, 0] as [Int32])),
      ], to: inputs)
  }

  private var environment: [String: String] { ["GNOMON_CACHE_DIR": folder.path + "/cache"] }

  @Test(arguments: [[], ["--interpreter"], ["--threads", "1"]])
  func `prints the results`(options: [String]) throws {
    let result = try Command.run(
      ["run", "IR/run/check_index.ir", "--inputs", inputs] + options, environment: environment)
    #expect(result.errors == "")
    #expect(result.status == 0)
    #expect(result.output == "output_0 : float32 [2, 2]\n[[5. 6.]\n [1. 2.]]\n")
  }

  @Test func `without any compiler it warns once and gives the same results`() throws {
    let result = try Command.run(
      ["run", "IR/run/check_index.ir", "--inputs", inputs],
      environment: environment.merging(["GNOMON_CC": "/no/such/cc"]) { $1 })
    #expect(result.status == 0)
    #expect(result.output == "output_0 : float32 [2, 2]\n[[5. 6.]\n [1. 2.]]\n")
    #expect(result.errors.components(separatedBy: "warning:").count == 2, "\(result.errors)")
    #expect(result.errors.contains("GNOMON_CC=/no/such/cc: no such executable"))
    #expect(result.errors.contains("the reference interpreter"))
  }

  @Test func `writes the results, then what variables become`() throws {
    try Tensor.writeNPZ(
      [("x", Tensor([[1, 2]] as [[Float]])), ("w", Tensor([[10], [100]] as [[Float]]))], to: inputs)
    let output = folder.path + "/out.npz"
    let result = try Command.run(
      ["run", "IR/run/step.ir", "--inputs", inputs, "--output", output], environment: environment)
    #expect(result.errors + result.output == "")
    let written = try Tensor.readNPZ(output)
    #expect(written.map(\.name) == ["output_0", "w"])
    #expect(written.map(\.tensor.doubles) == [[210], [0, 0]])
    #expect(written.map { Array($0.tensor.shape) } == [[1, 1], [2, 1]])
  }

  @Test(arguments: [[], ["--interpreter"]])
  func `an index out of range names the line`(options: [String]) throws {
    try Tensor.writeNPZ(
      [("x", Tensor([[1, 2]] as [[Float]])), ("i", Tensor([0, 7] as [Int32]))], to: inputs)
    let result = try Command.run(
      ["run", "IR/run/check_index.ir", "--inputs", inputs] + options, environment: environment)
    #expect(result.status == 1)
    #expect(result.output == "")
    #expect(
      result.errors.hasPrefix(
        """
        error[G0066]: call: the index 7 at position 1 is out of range for size 1
          --> IR/run/check_index.ir:2:3
         2 |   %0 = check_index %i {bound = n} : i32[k]
           |   ^

        """))
  }

  @Test func `arrays that are not there are listed with their types`() throws {
    try Tensor.writeNPZ([("x", Tensor([1] as [Float])), ("z", Tensor([1] as [Float]))], to: inputs)
    let result = try Command.run(["run", "IR/run/check_index.ir", "--inputs", inputs])
    #expect(result.status == 1)
    #expect(
      result.errors == """
        error: @check_index takes arrays that are not there:
          i : int32 [k]
        \(inputs) holds x, z

        """)
  }

  @Test func `an array of another dtype is refused`() throws {
    try Tensor.writeNPZ(
      [("x", Tensor([[1, 2]] as [[Double]])), ("i", Tensor([0] as [Int32]))], to: inputs)
    let result = try Command.run(
      ["run", "IR/run/check_index.ir", "--inputs", inputs, "--interpreter"])
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("error[G0061]: argument 1, `x`, is float64, not float32\n"))
  }

  @Test func `a variable's value must have its type`() throws {
    try Tensor.writeNPZ(
      [("x", Tensor([[1, 2]] as [[Float]])), ("w", Tensor([[10]] as [[Float]]))], to: inputs)
    let result = try Command.run(["run", "IR/run/step.ir", "--inputs", inputs])
    #expect(result.status == 1)
    #expect(
      result.errors.hasPrefix(
        "error[G0069]: compile: the variable `w` has another type than its value\n"))
  }

  @Test func `a damaged archive is refused with the position`() throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: inputs))
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: inputs))
    let result = try Command.run(["run", "IR/run/check_index.ir", "--inputs", inputs])
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("error: \(inputs): byte "))
  }
}
