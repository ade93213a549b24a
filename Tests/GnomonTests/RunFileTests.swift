import GnomonIR
import GoldenFiles
import Testing

/// The outputs of the run files in the stages after the interpreter.
@Suite struct RunFileTests {
  @Test(arguments: GoldenFile.all(in: "IR/run"))
  func `loop nests and C give the outputs`(file: GoldenFile) throws {
    let run = try RunFile(file)
    let staged = try StagedProgram(run.program)
    let loaded = try LoadedProgram(staged)
    try run.check { _, arguments in try loaded.run(arguments) }
    // Loop nests check no indices: the step before them does.
    if run.cases.contains(where: { $0.failure != nil }) { return }
    try run.check { _, arguments in try staged.runLoops(arguments) }
  }
}
