import GnomonIR
import GnomonOperations
import GnomonTensors
import GoldenFiles
import Testing

@Suite struct RunFileTests {
  @Test(arguments: GoldenFile.all(in: "IR/run"))
  func `the interpreter gives the outputs`(file: GoldenFile) throws {
    try RunFile(file).check(RunFile.interpreter, isReference: true)
  }

  @Test func `tensors in run files are read as they are printed`() {
    for text in [
      "f32[2, 2] [[1.0, -0.0], [nan, inf]]", "i64[] -9223372036854775808", "bool[0, 3] []",
      "f16[1] [65504.0]", "u64[1] [18446744073709551615]",
    ] {
      #expect(Tensor(irText: text[...])?.irText == text)
    }
    #expect(Tensor(irText: "f32[2] [1]") == nil)
    #expect(Tensor(irText: "i8[1] [128]") == nil)
  }

  @Test func `units in the last place are counted across zero`() {
    let one = Float(1).bitPattern
    #expect(RunFile.areClose(UInt64(one), UInt64(one + 2), .float32, ulp: 2))
    #expect(!RunFile.areClose(UInt64(one), UInt64(one + 3), .float32, ulp: 2))
    #expect(RunFile.areClose(1, 0x8000_0001, .float32, ulp: 2))
    #expect(!RunFile.areClose(0, 0x8000_0000, .float32, ulp: 0))
  }
}
