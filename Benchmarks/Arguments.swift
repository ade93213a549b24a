import Foundation

/// The command line: the options of every peer, and those of reports.
struct Arguments {
  var only = ""
  var skip = ""
  var budget: Double?
  var cold: String?
  var startup = false
  var list = false
  var help = false
  var show: String?
  var table = false
  var json: String?
  var report: String?
  var sweep = false
  var layers = false
  var limit = 300.0

  static let usage = """
    gnomon-bench [--budget SECONDS] [--only REGEX] [--skip REGEX]
        a line of JSON for each workload
    gnomon-bench --table [--json FILE] [--report FILE] …
        a table beside the machine's limits, which are measured first; as JSON and Markdown too
    gnomon-bench --sweep [--limit SECONDS] [--only REGEX] [--report FILE] …
        how cost grows with size, within a time (300 s) for all
    gnomon-bench --layers [--only REGEX] [--budget SECONDS] [--show fusion|ir|loops|c]
        steps written with layers beside the same with expressions, and what `fit` adds to a batch
    gnomon-bench --cold mlp|cnn|lstm|chain
    gnomon-bench --startup
        once, in this fresh process
    gnomon-bench --list
    gnomon-bench --show fusion|ir|loops|c [--only REGEX]
        what becomes of the workloads

    BENCH_THREADS is how many threads a call may use; BENCH_CACHE_DIR is where compiled code is kept;
    BENCH_T0 is when the process was launched, in seconds since 1970.
    """

  init(_ words: [String]) throws {
    var rest = words[...]
    func value(_ option: String) throws -> String {
      guard let v = rest.popFirst() else { throw BenchmarkError("\(option) needs a value") }
      return v
    }
    func seconds(_ option: String) throws -> Double {
      guard let seconds = Double(try value(option)), seconds >= 0 else {
        throw BenchmarkError("\(option) needs a number of seconds")
      }
      return seconds
    }
    while let word = rest.popFirst() {
      switch word {
      case "--only": only = try value(word)
      case "--skip": skip = try value(word)
      case "--budget": budget = try seconds(word)
      case "--cold": cold = try value(word)
      case "--startup": startup = true
      case "--list": list = true
      case "--show": show = try value(word)
      case "--table": table = true
      case "--json": json = try value(word)
      case "--report": report = try value(word)
      case "--sweep": sweep = true
      case "--layers": layers = true
      case "--limit": limit = try seconds(word)
      case "--help", "-h": help = true
      default: throw BenchmarkError("unknown option \(word)\n\(Arguments.usage)")
      }
    }
  }

  /// Whether the machine's limits are wanted.
  var wantsReport: Bool { table || json != nil || report != nil }

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
