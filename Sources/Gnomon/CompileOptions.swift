/// How a function is compiled and run.
public struct CompileOptions: Sendable {
  /// How much time clang may spend.
  public enum Mode: Sendable, Hashable {
    /// Compiles soonest: `-O1`.
    case fast
    /// Runs fastest: `-O2`.
    case best
  }

  /// The name in dumps and in the C.
  public var name: String
  public var mode: Mode
  /// How many threads a call may use; nil is `GNOMON_THREADS`, else the number of cores.
  public var threads: Int?
  /// Checks the IR after every pass; always on in debug builds.
  public var verify: Bool
  /// Runs the reference interpreter in place of compiled code.
  public var interpreted: Bool
  /// What `Expr.training` is in the function, unless it is one of the inputs.
  public var training: Bool

  /// The defaults: best code, all cores, inference.
  public init(
    name: String = "function", mode: Mode = .best, threads: Int? = nil, verify: Bool = false,
    interpreted: Bool = false, training: Bool = false
  ) {
    self.name = name
    self.mode = mode
    self.threads = threads
    self.verify = verify
    self.interpreted = interpreted
    self.training = training
  }
}
