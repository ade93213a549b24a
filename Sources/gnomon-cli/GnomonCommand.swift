internal import ArgumentParser
internal import Foundation
internal import GnomonNative

/// The command `gnomon`: one subcommand, one file.
struct GnomonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gnomon",
    abstract: "Looks at, optimizes and runs programs in Gnomon's intermediate language.",
    discussion: """
      FILE is text in the language that IR/README.md specifies; `-` is standard input. What follows \
      a line `---` is not read, so golden files can be given as they are.
      """,
    subcommands: [
      OptCommand.self, RunCommand.self, EmitCCommand.self, VerifyCommand.self, PassesCommand.self,
      DoctorCommand.self, CacheCommand.self,
    ])
}

/// A mistake in what the command was given; the message is all that is printed.
struct CommandFailure: Error {
  let message: String
  init(_ message: String) { self.message = "error: " + message }
}

/// Whether the error is one of the native stage's: no compiler, say.
func isNative(_ error: any Error) -> Bool { error is NativeError }

/// Writes a line to standard error: everything that is not the command's result.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// `1.5 MiB`
func byteText(_ bytes: Int64) -> String {
  var value = Double(bytes)
  for unit in ["B", "KiB", "MiB", "GiB"] {
    if value < 1024 || unit == "GiB" {
      return (unit == "B" ? "\(bytes)" : String(format: "%.1f", value)) + " " + unit
    }
    value /= 1024
  }
  return "\(bytes) B"
}
