internal import CRuntime

/// Where in the user's program a value comes from.
///
/// A location is captured by `here()` as a few return addresses (about 30 ns) and becomes
/// `file:line:column` only when it is printed. Locations read from IR text carry that directly.
public struct Location: Sendable, Hashable {
  /// A file position.
  public struct Position: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var line: Int
    public var column: Int

    public init(file: String, line: Int, column: Int) {
      self.file = file
      self.line = line
      self.column = column
    }

    public var description: String { "\(file):\(line):\(column)" }
  }

  /// A named place a value passed through: `softmax`, `layer dense_1`, `gradient`.
  package final class Scope: Sendable, Hashable {
    package let name: String
    package let parent: Scope?

    package init(_ name: String, in parent: Scope?) {
      self.name = name
      self.parent = parent
    }

    package static func == (a: Scope, b: Scope) -> Bool {
      a === b || (a.name == b.name && a.parent == b.parent)
    }
    package func hash(into h: inout Hasher) {
      h.combine(name)
      h.combine(parent)
    }

    /// The names from the outermost scope inwards.
    package var path: [String] { (parent?.path ?? []) + [name] }
  }

  /// Return addresses from the innermost frame outwards; 0 where there are fewer.
  package var frames: SIMD8<UInt>
  /// The position, for locations that were read from text.
  package var position: Position?
  package var scope: Scope?

  package init(frames: SIMD8<UInt> = .zero, position: Position? = nil, scope: Scope? = nil) {
    self.frames = frames
    self.position = position
    self.scope = scope
  }

  /// No known place.
  package static let unknown = Location()

  /// The place of the caller's caller: where a `@_transparent` function was written by the user.
  ///
  /// Inside `Location.serving` it is the place being served instead, so that a derived function
  /// written with the public operators belongs to the line that called it.
  ///
  /// See Note [One call, one address].
  @_silgen_name("__dtrace_gnomon_here")
  @inline(never) public static func here() -> Location {
    var scope: Scope?
    if let slot = gn_thread_slot_get() {
      let serving = Unmanaged<Serving>.fromOpaque(slot).takeUnretainedValue()
      if let location = serving.location { return location }
      scope = serving.scope
    }
    var frames = SIMD8<UInt>.zero
    // Passed straight on: a closure would be a frame of its own in a debug build.
    _ = gn_frames(&frames, 1, 8)
    return Location(frames: frames, scope: scope)
  }

  /// What new locations are, on this thread: one place for all, or each its own within a scope.
  private final class Serving {
    let location: Location?
    let scope: Scope?
    init(_ location: Location?, _ scope: Scope?) {
      self.location = location
      self.scope = scope
    }
  }

  /// Runs `body` with every new node placed at this location, within the scope `name` if given.
  package func serving<R>(_ name: String? = nil, _ body: () throws -> R) rethrows -> R {
    let location = name.map { inScope($0) } ?? self
    return try Location.pushing(Serving(location, location.scope), body)
  }

  /// Runs `body`, which the user wrote, with every new node at its own line within the scope `name`,
  /// also where an outer function is being served.
  package static func scoped<R>(_ name: String, _ body: () throws -> R) rethrows -> R {
    let outer = gn_thread_slot_get().map {
      Unmanaged<Serving>.fromOpaque($0).takeUnretainedValue().scope
    }
    return try pushing(Serving(nil, Scope(name, in: outer ?? nil)), body)
  }

  private static func pushing<R>(_ serving: Serving, _ body: () throws -> R) rethrows -> R {
    let previous = gn_thread_slot_get()
    gn_thread_slot_set(Unmanaged.passUnretained(serving).toOpaque())
    defer {
      gn_thread_slot_set(previous)
      withExtendedLifetime(serving) {}
    }
    return try body()
  }

  /// The location with one more scope around it.
  package func inScope(_ name: String) -> Location {
    var copy = self
    copy.scope = Scope(name, in: scope)
    return copy
  }
}

// Note [One call, one address]
//
// In release builds Swift merges functions that differ by a few constants: of `{ $0 + b }` and
// `{ $0 * b }`, or of two layers whose calls look alike, one body remains, without lines, and jumps
// lead to it. A return address in it says nothing. The pass leaves alone what calls a function whose
// name begins with `__dtrace`, as such a call is a patch point whose address must be its own
// (`mayMergeCallsToFunction` in the compiler's LLVMMergeFunctions.cpp): just what a location needs.
// So `here()` has such a symbol. The release goldens of diagnostic-cases fail when this stops working.
