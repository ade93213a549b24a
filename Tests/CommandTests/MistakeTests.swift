import Testing

/// One mistake on the command line or in a file: how the command ends and what it says first.
struct Mistake: CustomTestStringConvertible, Sendable {
  var arguments: [String]
  var input = ""
  var status: Int32
  var says: String
  var testDescription: String { "gnomon " + arguments.joined(separator: " ") }
}

private let mistakes: [Mistake] = [
  Mistake(arguments: ["bogus"], status: 64, says: "Error: Unexpected argument 'bogus'\n"),
  Mistake(
    arguments: ["opt", "IR/run/step.ir", "--wat"], status: 64, says: "Error: Unknown option '--wat'"
  ),
  Mistake(arguments: ["opt"], status: 64, says: "Error: Missing expected argument '<file>'\n"),
  Mistake(
    arguments: ["opt", "IR/run/step.ir", "--pass", "fold"], status: 64,
    says: "Error: there is no pass `fold`; `gnomon passes` lists them\n"),
  Mistake(
    arguments: ["opt", "IR/run/step.ir", "--pass", "fuse,"], status: 64,
    says: "Error: there is no pass ``; `gnomon passes` lists them\n"),
  Mistake(
    arguments: ["run", "IR/run/step.ir", "--threads", "0"], status: 64,
    says: "Error: --threads takes a number from 1 to 256\n"),
  Mistake(
    arguments: ["verify", "nowhere.ir"], status: 1,
    says: "error: nowhere.ir: there is no such file\n"),
  Mistake(arguments: ["emit-c", "IR"], status: 1, says: "error: IR: this is a folder\n"),
  Mistake(
    arguments: ["opt", "-"], status: 1, says: "error: <stdin>: there is no function in it\n"),
  Mistake(
    arguments: ["opt", "-"], input: "garbage", status: 1,
    says: "error[G0080]: expected func, found garbage\n  --> <stdin>:1:1\n"),
  Mistake(
    arguments: ["verify", "-"], input: "func @f(%x: f32[n]) -> f32[n] {\n  %0 = ad", status: 1,
    says: "error[G0081]: there is no operation `ad`\n  --> <stdin>:2:8\n"),
  Mistake(
    arguments: ["emit-c", "IR/run/step.ir", "--function", "g"], status: 1,
    says: "error: IR/run/step.ir holds no function `g`; it holds: step\n"),
  Mistake(
    arguments: ["run", "IR/run/step.ir"], status: 1,
    says: """
      error: @step takes arrays that are not there:
        x : float32 [n, 2]
        w : float32 [2, 1]
      --inputs names the npz file with them

      """),
  Mistake(
    arguments: ["run", "IR/run/step.ir", "--inputs", "nowhere.npz"], status: 1,
    says: "error: nowhere.npz: "),
]

@Test(arguments: mistakes) func `a mistake is named and the status tells`(mistake: Mistake) throws {
  let result = try Command.run(mistake.arguments, input: mistake.input)
  #expect(result.status == mistake.status)
  #expect(result.output == "")
  #expect(result.errors.hasPrefix(mistake.says))
}
