/// How a function is compiled and run.
public struct CompileOptions: Sendable {
  /// How much time clang may spend.
  public enum Mode: Sendable, Hashable {
    /// Compiles soonest: `-O1`.
    case fast
    /// Runs fastest: `-O2`.
    case best
  }

  /// How convolutions with windows of 3 × 3 at neighbouring points are computed in float32.
  public enum Convolutions: Sendable, Hashable {
    /// With 16 multiplications for 36, where that is faster: errors are relative to the largest elements
    /// under four neighbouring windows.
    ///
    /// Source: Winograd's F(2 × 2, 3 × 3), A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural
    /// Networks, CVPR 2016.
    case fast
    /// As sums of products: errors are relative to the elements under each window.
    case direct
  }

  /// The name in dumps and in the C.
  public var name: String
  public var mode: Mode
  public var convolutions: Convolutions
  /// How many threads a call may use; nil is `GNOMON_THREADS`, else the number of cores.
  public var threads: Int?
  /// Checks the IR after every pass; always on in debug builds.
  public var verify: Bool
  /// Runs the reference interpreter in place of compiled code.
  public var interpreted: Bool
  /// What `Expr.training` is in the function, unless it is one of the inputs.
  public var training: Bool
  /// Whether a call ends at the first NaN or infinity (G0071), with the op that made it, your line, the
  /// place in the tensor and the ranges of the op's operands. It keeps every value in memory: for
  /// finding mistakes, not for use.
  public var checkNumerics: NumericChecks
  /// Takes the lines of `printed`.
  public var print: @Sendable (String) -> Void

  /// The defaults: best code, all cores, inference.
  public init(
    name: String = "function", mode: Mode = .best, convolutions: Convolutions = .fast,
    threads: Int? = nil, verify: Bool = false, interpreted: Bool = false, training: Bool = false,
    checkNumerics: NumericChecks = .none,
    print: @escaping @Sendable (String) -> Void = { Swift.print($0) }
  ) {
    self.name = name
    self.mode = mode
    self.convolutions = convolutions
    self.threads = threads
    self.verify = verify
    self.interpreted = interpreted
    self.training = training
    self.checkNumerics = checkNumerics
    self.print = print
  }
}
