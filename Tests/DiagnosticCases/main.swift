// Prints the diagnostics of faulty programs: `diagnostic-cases list`, `diagnostic-cases all`, or
// `diagnostic-cases NAME …`. The same text must come from a debug and from a release build.
//
// Files are named relative to the current directory, so it runs in the root of the package.

internal import Foundation
internal import GnomonIR

/// One faulty program.
struct Case: Sendable {
  let name: String
  let run: @Sendable () throws -> [Diagnostic]

  /// A program that builds expressions.
  init(_ name: String, _ expressions: @escaping @Sendable () throws -> [Expr]) {
    self.name = name
    run = { Expr.diagnostics(of: try expressions()) }
  }

  init(_ name: String, _ expression: @escaping @Sendable () throws -> Expr) {
    self.init(name) { [try expression()] }
  }

  init(_ name: String, diagnostics: @escaping @Sendable () throws -> [Diagnostic]) {
    self.name = name
    run = diagnostics
  }

  var text: String {
    do {
      let found = try run()
      return found.isEmpty ? "no diagnostic" : GnomonError(found).description
    } catch {
      return "\(error)"
    }
  }
}

let cases: [Case] =
  placeCases + operandCases + shapeCases + contractionCases + windowCases + indexCases + differentiationCases
  + compilingCases + callCases + textCases + layerCases

let arguments = CommandLine.arguments.dropFirst()
let chosen = arguments.first == "all" ? cases : cases.filter { arguments.contains($0.name) }
if arguments.first == "list" {
  for c in cases { print(c.name) }
} else if chosen.isEmpty {
  FileHandle.standardError.write(Data("usage: diagnostic-cases list | all | NAME …\n".utf8))
  exit(2)
} else {
  for c in chosen { print("=== \(c.name)\n\(c.text)\n") }
}
