/// Why C could not be turned into a function that runs.
///
/// None of these is the fault of the user's formulas; each says what was tried and what to do.
package enum NativeError: Error, Hashable, CustomStringConvertible {
  /// There is no C compiler. `tried` names the places, each with what was wrong with it.
  case noCompiler(tried: [String])
  /// The compiler refused the source, or failed. Its words are in `output`, the C in `sourcePath`.
  case compilerFailed(command: [String], status: Int32, output: String, sourcePath: String?)
  /// The compiler did not finish in time and was killed.
  case compilerTimedOut(command: [String], seconds: Double, sourcePath: String?)
  /// The compiler was ended by a signal.
  case compilerCrashed(command: [String], signal: Int32, output: String, sourcePath: String?)
  /// Neither the cache nor a temporary directory can be written, or the cache cannot be cleared.
  case cacheUnwritable(path: String, reason: String)
  /// A folder that the user named cannot be written.
  case folderUnwritable(path: String, reason: String)
  /// The dynamic linker refused a library.
  case loadFailed(path: String, reason: String)

  package var description: String {
    switch self {
    case .noCompiler(let tried):
      return "no C compiler found"
        + tried.map { "\n  tried: \($0)" }.joined()
        + "\n  help: install clang, or set GNOMON_CC to the path of one"
    case .compilerFailed(let command, let status, let output, let source):
      return "the C compiler failed with status \(status)" + Self.evidence(command, output, source)
    case .compilerTimedOut(let command, let seconds, let source):
      let limit = seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
      return "the C compiler did not finish within \(limit) s and was stopped"
        + Self.evidence(command, "", source)
        + "\n  help: GNOMON_CC_TIMEOUT sets the limit in seconds"
    case .compilerCrashed(let command, let signal, let output, let source):
      return "the C compiler was ended by signal \(signal)"
        + Self.evidence(command, output, source)
    case .cacheUnwritable(let path, let reason):
      return "cannot write to \(path): \(reason)"
        + "\n  help: set GNOMON_CACHE_DIR to a folder of your own"
    case .folderUnwritable(let path, let reason):
      return "cannot write to \(path): \(reason)"
    case .loadFailed(let path, let reason):
      return "cannot load \(path): \(reason)"
    }
  }

  private static let shownLines = 12

  private static func evidence(_ command: [String], _ output: String, _ source: String?) -> String {
    var text = ""
    let lines = output.split(whereSeparator: \.isNewline)
    for line in lines.prefix(shownLines) { text += "\n    \(line)" }
    if lines.count > shownLines { text += "\n    … \(lines.count - shownLines) more lines" }
    text += "\n  command: " + command.joined(separator: " ")
    if let source { text += "\n  the C is in: \(source)" }
    return text
  }
}
