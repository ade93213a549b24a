internal import ArgumentParser
internal import Foundation
internal import GnomonNative

/// `gnomon cache`: the folder of compiled libraries.
struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Lists or removes the compiled libraries that are kept.",
    subcommands: [List.self, Clear.self, Path.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the libraries, the most recently used first.")

    func run() {
      let cache = NativeCache()
      let entries = cache.entries()
      for entry in entries {
        print("\(entry.key.prefix(16))  \(byteText(entry.bytes))  used \(ageText(entry.age)) ago")
      }
      let total = entries.reduce(0) { $0 + $1.bytes }
      print(
        "\(libraryText(entries.count)), \(byteText(total)) of \(byteText(cache.limit)),"
          + " in \(cache.directory)")
    }
  }

  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Removes all libraries.")

    func run() throws {
      let cache = NativeCache()
      let count = cache.entries().count
      try cache.clear()
      print("removed \(libraryText(count)) from \(cache.directory)")
    }
  }

  struct Path: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the folder; GNOMON_CACHE_DIR names another.")

    func run() { print(NativeCache().directory) }
  }
}

func libraryText(_ count: Int) -> String { "\(count) \(count == 1 ? "library" : "libraries")" }

private func ageText(_ seconds: Double) -> String {
  switch seconds {
  case ..<120: "\(Int(seconds)) s"
  case ..<7200: "\(Int(seconds / 60)) min"
  case ..<172_800: "\(Int(seconds / 3600)) h"
  default: "\(Int(seconds / 86_400)) days"
  }
}
