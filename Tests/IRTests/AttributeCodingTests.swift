import GnomonIR
import GnomonTensors
import Testing

@Suite struct AttributeCodingTests {
  private func text(_ op: Sample) throws -> String {
    var builder = GraphBuilder(name: "f")
    _ = builder.addParameter(TensorType(.float32, ["batch", "nil", "n"]), name: "x")
    builder.setResults(try builder.emit(op, []))
    return builder.graph.text()
  }

  @Test func `attributes of every kind print and parse`() throws {
    let op = Sample()
    let printed = try text(op)
    let expected: String = #"""
      {flag = true, size = 2*batch + 1, sizes = [batch, "nil", floor(n, 2)], number = 0.1, \#
      least = -inf, count = -3, byte = 255, text = "a \"b\"\n", mode = "same", \#
      inner = {axis = 1, name = "x"}, list = [{axis = 2}, {axis = 3, name = "y"}], \#
      holes = [1, nil, 3], value = 1.5:bf16, dtype = i8, present = 7, \#
      choice = {pair = {_0 = 1, _1 = "z"}}, grid = [[1], [], [2, 3]]}
      """#
    #expect(printed.contains(expected), "\(printed)")
    let parsed = try Graph(parsing: printed, operations: [Sample.self])
    #expect(parsed.instructions[0].op.isEqual(to: op))
    #expect(parsed.text() == printed)
  }

  @Test(arguments: [
    ("flag = true, ", "", "the attribute `flag` is missing"),
    ("flag = true", "flag = true, flagg = 1", "there is no attribute `flagg` here"),
    ("flag = true", "flag = 1", "expected true or false, not 1"),
    ("axis = 1, ", "axis = 1, axes = 2, ", "there is no attribute `axes` here"),
    ("byte = 255", "byte = 256", "expected an integer of 8 bits, not 256"),
    ("count = -3", "count = -9223372036854775808", "expected an integer of 64 bits"),
    ("count = -3", "count = 1.5", "expected an integer of 64 bits, not 1.5"),
    ("number = 0.1", "number = 1e999", "expected a number, not 1e999"),
    ("1.5:bf16", "1e99:bf16", "expected a scalar such as 1.5:f32, not 1e99:bf16"),
    ("mode = \"same\"", "mode = \"other\"", "Cannot initialize Mode"),
    ("sizes = [", "sizes = 5, other = [", "expected a list in brackets"),
    ("2*batch + 1", "2*batch +", "expected a size, not 2*batch +"),
    ("dtype = i8", "dtype = i9", "expected a dtype such as f32, not i9"),
  ])
  func `what does not fit is refused with its place`(
    old: String, new: String, message: String
  ) throws {
    let source = try text(Sample()).replacing(old, with: new)
    do {
      _ = try Graph(parsing: source, operations: [Sample.self])
      Issue.record("accepted")
    } catch {
      let found = try #require(error.diagnostics.first)
      #expect(found.code == .syntax && found.location.position?.line == 2)
      #expect(found.message.contains(message), "\(found.message)")
    }
  }
}

/// An op with attributes of every kind that synthesized coding can meet.
private struct Sample: Op {
  static let mnemonic = "sample"
  static let summary = "Attributes of every kind."
  static let arity = 0...0

  enum Mode: String, Codable { case valid, same }
  struct Inner: Hashable, Codable {
    var axis: Int
    var name: String?
  }
  enum Choice: Hashable, Codable { case pair(Int, String), none }

  var flag = true
  var size: Dim = 2 * Dim(named: "batch") + 1
  var sizes: [Dim] = ["batch", "nil", Dim(named: "n").quotient(dividingBy: 2)]
  var number = 0.1
  var least = -Double.infinity
  var count = -3
  var byte: UInt8 = 255
  var text = "a \"b\"\n"
  var mode = Mode.same
  var inner = Inner(axis: 1, name: "x")
  var list = [Inner(axis: 2), Inner(axis: 3, name: "y")]
  var holes: [Int?] = [1, nil, 3]
  var value = ScalarValue(1.5, .bfloat16)
  var dtype = DType.int8
  var absent: Int?
  var present: Int? = 7
  var choice = Choice.pair(1, "z")
  var grid = [[1], [], [2, 3]]

  func resultTypes(_ context: inout TypeContext) -> [TensorType] { [TensorType(.float32, [])] }
  func gradient(_ context: GradientContext) -> [Expr?] { [] }
  func reference(_ operands: [Tensor], _ context: ReferenceContext) -> [Tensor] { [] }
  func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering { .reshape }
}
