internal import CRuntime
internal import Foundation

#if canImport(Runtime)
  internal import Runtime
#endif

extension Location {
  /// Where the user wrote it: the position, if the location was read from text, else that of the
  /// innermost captured frame that lies in the user's sources. Nil when nothing is known, as in a
  /// program without debug information.
  ///
  /// The first symbolication in a process takes some milliseconds, later ones a fraction of one; each
  /// address is looked up once.
  public func resolved() -> Position? { Location.resolved([self])[0] }

  /// The positions of many locations, for the price of a few symbolications.
  package static func resolved(_ locations: [Location]) -> [Position?] {
    var positions = locations.map(\.position)
    var open = locations.indices.filter { positions[$0] == nil && locations[$0].frames[0] != 0 }
    // Nearly every location ends at its first frame, so that the frames are taken one at a time.
    for depth in 0..<SIMD8<UInt>.scalarCount where !open.isEmpty {
      let found = FrameCache.shared.userPositions(open.map { locations[$0].frames[depth] })
      open = open.filter { i in
        let address = locations[i].frames[depth]
        positions[i] = found[address] ?? nil
        let isLast = depth + 1 == SIMD8<UInt>.scalarCount || locations[i].frames[depth + 1] == 0
        return positions[i] == nil && !isLast
      }
    }
    return positions
  }
}

/// The user's position, if any, of each return address seen so far.
///
/// `@unchecked Sendable`: `known` is touched only under `lock`.
private final class FrameCache: @unchecked Sendable {
  static let shared = FrameCache()

  private let lock = NSLock()
  private var known: [UInt: Location.Position?] = [:]

  func userPositions(_ addresses: [UInt]) -> [UInt: Location.Position?] {
    lock.lock()
    defer { lock.unlock() }
    var missing: [UInt] = []
    for address in Set(addresses) where known[address] == nil { missing.append(address) }
    if !missing.isEmpty {
      let found = symbolicate(missing)
      for address in missing {
        known[address] = .some(found[address]?.first(where: isUserCode))
      }
    }
    var result: [UInt: Location.Position?] = [:]
    for address in addresses { result[address] = known[address] }
    return result
  }
}

/// Whether a position may be the user's: a real line, neither in this library nor in the standard
/// library, whose generic functions are compiled into the user's program with their own lines.
private func isUserCode(_ position: Location.Position) -> Bool {
  position.line > 0 && position.file != "<compiler-generated>" && !position.file.isEmpty
    && !position.file.hasPrefix(librarySources)
    && !position.file.contains("/swift/stdlib/public/")
}

/// The folder with the sources of this library, with a slash at the end.
private let librarySources: String = {
  // This file is Sources/IR/Location+Symbolication.swift.
  let components = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  return components.dropLast(2).joined(separator: "/") + "/"
}()

#if canImport(Runtime)
  /// The positions of each return address, those of inlined functions first.
  private func symbolicate(_ addresses: [UInt]) -> [UInt: [Location.Position]] {
    guard #available(macOS 26.0, *), let backtrace = Backtrace(returnAddresses: addresses) else {
      return [:]
    }
    gn_images_lock()
    defer { gn_images_unlock() }
    guard
      let symbolicated = backtrace.symbolicated(
        with: ImageMap.capture(),
        options: [.showInlineFrames, .showSourceLocations, .useSymbolCache])
    else { return [:] }
    var found: [UInt: [Location.Position]] = [:]
    for frame in symbolicated.frames {
      guard let address = UInt(frame.captured.originalProgramCounter),
        let place = frame.symbol?.sourceLocation
      else { continue }
      found[address, default: []].append(
        Location.Position(file: place.path, line: place.line, column: place.column))
    }
    return found
  }

  @available(macOS 26.0, *)
  extension Backtrace {
    /// A backtrace of these frames.
    ///
    /// The module has no initializer for this, but its backtraces are `Codable`, in the Compact
    /// Backtrace Format (docs/CompactBacktraceFormat.md in Swift's repository): a header byte, 2 for
    /// 64-bit words; for each frame 0x2F, a return address given whole in 8 bytes, most significant
    /// first; and 0. That the frames are *return* addresses matters: the call is the instruction
    /// before.
    fileprivate init?(returnAddresses: [UInt]) {
      var bytes: [UInt8] = [2]
      for address in returnAddresses {
        bytes.append(0x2F)
        let word = UInt64(address)
        for shift in stride(from: 56, through: 0, by: -8) {
          bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
        }
      }
      bytes.append(0)
      #if arch(arm64)
        let architecture = "arm64"
      #else
        let architecture = "x86_64"
      #endif
      let text = Data(bytes).base64EncodedString()
      let json = #"{"architecture":"\#(architecture)","backtrace":"\#(text)"}"#
      guard let decoded = try? JSONDecoder().decode(Backtrace.self, from: Data(json.utf8)) else {
        return nil
      }
      self = decoded
    }
  }
#else
  /// Without Swift's `Runtime` module there are no lines; values and scopes keep their names.
  private func symbolicate(_ addresses: [UInt]) -> [UInt: [Location.Position]] { [:] }
#endif
