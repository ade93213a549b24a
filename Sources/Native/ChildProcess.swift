internal import CRuntime

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// A command line to run: `arguments` without the program itself.
struct Command: Hashable, Sendable {
  var executable: String
  var arguments: [String]

  var words: [String] { [executable] + arguments }
}

/// How a child process ended, and what it printed on both of its output streams.
struct ProcessResult: Hashable, Sendable {
  enum Ending: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
    case timedOut
    /// It could not be started; the reason is an `errno`.
    case notStarted(Int32)
  }

  var ending: Ending
  var output: String

  var succeeded: Bool { ending == .exited(0) }
}

/// Child processes that are waited for with a time limit.
///
/// A process's output pipe serves as the notice of its end: the pipe closes when the last process
/// that holds it is gone. No signal handler is involved, so the program's own stay as they are.
enum ChildProcess {
  private struct Running {
    var index: Int
    var process: pid_t
    var pipe: Int32
    var deadline: Double
    var output: [UInt8] = []
    var timedOut = false
  }

  /// Runs the commands, at most `limit` at once, each for at most `seconds`; the results are in
  /// the order of the commands.
  static func run(
    _ commands: [Command], atMost limit: Int, seconds: Double, environment: NativeEnvironment
  ) -> [ProcessResult] {
    var results = [ProcessResult](
      repeating: .init(ending: .exited(0), output: ""), count: commands.count)
    var running: [Running] = []
    var next = 0
    while next < commands.count || !running.isEmpty {
      while next < commands.count && running.count < max(1, limit) {
        switch start(commands[next], environment) {
        case .success(let (process, pipe)):
          running.append(
            Running(index: next, process: process, pipe: pipe, deadline: clock() + seconds))
        case .failure(let error):
          results[next].ending = .notStarted(error.code)
        }
        next += 1
      }
      if running.isEmpty { continue }
      for position in readable(&running).reversed() {
        let child = running.remove(at: position)
        results[child.index] = finish(child)
      }
    }
    return results
  }

  private struct StartError: Error { var code: Int32 }

  private static func start(
    _ command: Command, _ environment: NativeEnvironment
  ) -> Result<(pid_t, Int32), StartError> {
    var process: Int32 = 0
    var pipe: Int32 = 0
    var code: Int32 = 0
    // A file written a moment ago may still be open in a child that another thread is starting.
    for _ in 0..<20 {
      code = withCStrings(command.words) { arguments in
        environment.overrides.isEmpty
          ? gn_spawn(command.executable, arguments, nil, &process, &pipe)
          : withCStrings(environment.strings) {
            gn_spawn(command.executable, arguments, $0, &process, &pipe)
          }
      }
      if code != ETXTBSY { break }
      usleep(5_000)
    }
    return code == 0 ? .success((process, pipe)) : .failure(StartError(code: code))
  }

  /// Waits for output or a deadline; returns the positions of the processes that have finished.
  private static func readable(_ running: inout [Running]) -> [Int] {
    let earliest = running.map(\.deadline).min()!
    let wait = max(0, min((earliest - clock()) * 1000 + 1, 60_000))
    var descriptors = running.map { pollfd(fd: $0.pipe, events: Int16(POLLIN), revents: 0) }
    let count = poll(&descriptors, nfds_t(descriptors.count), Int32(wait))
    var finished: [Int] = []
    for position in running.indices {
      if count > 0 && descriptors[position].revents != 0 {
        if !drain(&running[position]) { finished.append(position) }
      } else if clock() >= running[position].deadline {
        running[position].timedOut = true
        finished.append(position)
      }
    }
    return finished
  }

  /// Reads what there is; false at the end of the pipe.
  private static func drain(_ child: inout Running) -> Bool {
    // More than this nobody reads; the rest is dropped, so that the process is not held up.
    let keptBytes = 1 << 20
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = read(child.pipe, &buffer, buffer.count)
    if count < 0 { return errno == EINTR || errno == EAGAIN }
    if count == 0 { return false }
    child.output += buffer[..<min(count, keptBytes - child.output.count)]
    return true
  }

  /// Collects a process whose pipe has closed or whose time is up; stops it in the second case.
  private static func finish(_ child: Running) -> ProcessResult {
    close(child.pipe)
    var timedOut = child.timedOut
    var status: Int32 = 0
    var collected: pid_t = 0
    if !timedOut {
      // It has closed its output, and ends within microseconds, unless it is a strange one.
      while true {
        collected = waitpid(child.process, &status, WNOHANG)
        if collected != 0 && !(collected < 0 && errno == EINTR) { break }
        if clock() >= child.deadline {
          timedOut = true
          break
        }
        usleep(50)
      }
    }
    if timedOut {
      // The whole group: a compiler driver or a script has children of its own.
      kill(-child.process, SIGKILL)
      kill(child.process, SIGKILL)
      while waitpid(child.process, &status, 0) < 0 && errno == EINTR {}
    }
    let output = String(decoding: child.output, as: UTF8.self)
    if timedOut { return ProcessResult(ending: .timedOut, output: output) }
    // Someone else in this program may have collected it (or ignores SIGCHLD): then its status is
    // lost, and the missing or faulty result will tell.
    if collected < 0 { return ProcessResult(ending: .exited(0), output: output) }
    let signal = status & 0x7F
    return ProcessResult(
      ending: signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal), output: output)
  }

  /// Seconds on a clock that is never set.
  private static func clock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
  }
}
