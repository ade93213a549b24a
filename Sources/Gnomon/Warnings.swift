internal import Foundation
internal import Synchronization

/// What a user should hear, once for each text, on standard error.
package enum Warnings {
  private static let said = Mutex<Set<String>>([])

  package static func once(_ text: String) {
    guard said.withLock({ $0.insert(text).inserted }) else { return }
    FileHandle.standardError.write(Data(("warning: " + text + "\n").utf8))
  }
}
