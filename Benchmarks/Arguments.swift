import Foundation

/// The command line: the options of every peer.
struct Arguments {
  var only = ""
  var skip = ""
  var budget = 0.5
  var cold: String?
  var startup = false
  var list = false

  init(_ words: [String]) throws {
    var rest = words[...]
    func value(_ option: String) throws -> String {
      guard let v = rest.popFirst() else { throw BenchmarkError("\(option) needs a value") }
      return v
    }
    while let word = rest.popFirst() {
      switch word {
      case "--only": only = try value(word)
      case "--skip": skip = try value(word)
      case "--budget":
        guard let seconds = Double(try value(word)), seconds >= 0 else {
          throw BenchmarkError("--budget needs a number of seconds")
        }
        budget = seconds
      case "--cold": cold = try value(word)
      case "--startup": startup = true
      case "--list": list = true
      default:
        throw BenchmarkError(
          """
          unknown option \(word); there are --budget SECONDS, --only REGEX, --skip REGEX, \
          --cold mlp|cnn|lstm, --startup, --list
          """)
      }
    }
  }

  func selects(_ name: String) throws -> Bool {
    func matches(_ pattern: String) throws -> Bool {
      try NSRegularExpression(pattern: pattern)
        .firstMatch(in: name, range: NSRange(name.startIndex..., in: name)) != nil
    }
    if !only.isEmpty, try !matches(only) { return false }
    if !skip.isEmpty, try matches(skip) { return false }
    return true
  }
}
