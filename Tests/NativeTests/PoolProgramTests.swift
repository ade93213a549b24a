import CRuntime
import Foundation
import GnomonNative
import Testing

/// Programs in C on the runtime, for what a test process cannot do to itself: fork, count its own
/// threads from the start, change the modes of its arithmetic or its affinity.
@Suite struct PoolProgramTests {
  private static let prelude = #"""
    #define _GNU_SOURCE
    #include "gnomon_runtime.h"
    #include <dirent.h>
    #include <sched.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <sys/wait.h>
    #include <unistd.h>
    static int64_t sums[64];
    static uint64_t counters[64];
    static gn_error error;
    static void task(const gn_context *context, void *const *buffers, const int64_t *sizes,
                     int64_t begin, int64_t end, int32_t worker) {
      for (int64_t i = begin; i < end; ++i) sums[worker] += i;
    }
    static int64_t loop(int threads, gn_task body) {
      gn_context context = {GN_CONTEXT_VERSION, threads, gn_parallel, 0, &error, 0, counters};
      for (int i = 0; i < 64; ++i) sums[i] = 0;
      gn_parallel(&context, body, 0, 0, 1000, 1);
      int64_t sum = 0;
      for (int i = 0; i < 64; ++i) sum += sums[i];
      return sum;
    }
    static unsigned modes_seen[4];
    static inline void record_modes(
        const gn_context *context, void *const *buffers, const int64_t *sizes, int64_t begin,
        int64_t end, int32_t worker) {
    #if defined(__x86_64__)
      modes_seen[worker] = __builtin_ia32_stmxcsr() & 0xFFC0;
    #endif
    }
    static int threads_now(void) {
      DIR *tasks = opendir("/proc/self/task");
      int count = 0;
      while (tasks && readdir(tasks)) ++count;
      if (tasks) closedir(tasks);
      return count - 2;
    }
    #define CHECK(condition) \
      if (!(condition)) { printf("line %d: %s\n", __LINE__, #condition); fflush(stdout); _exit(1); }

    """#

  private func run(_ main: String, flags: [String] = []) throws -> String {
    let folder = TemporaryFolder()
    let source = folder.file(
      "main.c", Self.prelude + "int main(void) {\nalarm(60);\n\(main)\nputs(\"done\"); }")
    let runtime = packageFolder + "/Sources/CRuntime"
    let clang = try Compiler.locate().path
    let program = folder.path + "/program"
    let variables = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    let compiled = finish(
      try #require(
        spawn(
          [
            clang, "-std=c11", "-O1", "-I\(runtime)/include", source,
            "\(runtime)/gnomon_runtime.c", "\(runtime)/gnomon_host.c", "-o", program, "-lpthread",
          ] + flags, variables)))
    #expect(compiled.status == 0, "\(compiled.text)")
    let result = finish(try #require(spawn([program], variables)))
    #expect(result.status == 0)
    return result.text
  }

  @Test func `no thread exists before the first parallel loop`() throws {
    let text = try run(
      """
      CHECK(gn_pool_workers() == 0);
      CHECK(loop(1, task) == 499500);
      CHECK(gn_pool_workers() == 0);
      CHECK(loop(3, task) == 499500);
      CHECK(gn_pool_workers() == 2);
      CHECK(loop(2, task) == 499500);
      CHECK(gn_pool_workers() == 2);
      if (access("/proc/self/task", R_OK) == 0) CHECK(threads_now() == 3);
      """)
    #expect(text == "done\n")
  }

  @Test func `a child makes workers of its own after fork, and so does its child`() throws {
    let text = try run(
      """
      CHECK(loop(2, task) == 499500);
      for (int round = 0; round < 20; ++round) {
        pid_t child = fork();
        if (child == 0) {
          CHECK(gn_pool_workers() == 0);
          uint64_t before = counters[1];
          CHECK(loop(4, task) == 499500);
          CHECK(gn_pool_workers() == 3);
          CHECK(counters[1] == before + 1);
          pid_t grandchild = fork();
          if (grandchild == 0) {
            CHECK(loop(2, task) == 499500);
            _exit(0);
          }
          int status;
          waitpid(grandchild, &status, 0);
          CHECK(status == 0);
          _exit(0);
        }
        CHECK(loop(2, task) == 499500);
        int status;
        waitpid(child, &status, 0);
        CHECK(status == 0);
      }
      """)
    #expect(text == "done\n")
  }

  #if arch(x86_64)
    @Test func `workers take the caller's rounding and denormal modes, and keep denormals`() throws
    {
      let text = try run(
        """
        loop(2, record_modes);
        CHECK(modes_seen[0] == 0x1F80 && modes_seen[1] == 0x1F80);
        __builtin_ia32_ldmxcsr(0x1F80 | 0x8040 | 0x6000);
        loop(2, record_modes);
        CHECK(modes_seen[0] == 0xFFC0 && modes_seen[1] == 0xFFC0);
        __builtin_ia32_ldmxcsr(0x1F80);
        loop(2, record_modes);
        CHECK(modes_seen[1] == 0x1F80);
        """)
      #expect(text == "done\n")
    }
  #endif

  #if os(Linux)
    @Test func `an affinity mask limits the cores`() throws {
      let text = try run(
        """
        cpu_set_t all, one;
        CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
        CPU_ZERO(&one);
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
          if (CPU_ISSET(cpu, &all)) { CPU_SET(cpu, &one); break; }
        CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
        CHECK(gn_core_count() == 1);
        """)
      #expect(text == "done\n")
    }
  #endif

  #if os(Linux)
    @Test func `the pool is clean under the thread sanitizer`() throws {
      // Swift's sanitizer runtime needs Swift's dispatch library.
      let runtime = String(cString: try #require(gn_image_path(dlsym(nil, "swift_retain")!)))
      let folder = URL(fileURLWithPath: runtime).deletingLastPathComponent().path
      let text = try run(
        """
        for (int round = 0; round < 500; ++round) {
          CHECK(loop(3, task) == 499500);
          if (round % 50 == 0) usleep(500);
        }
        """,
        flags: [
          "-g", "-fsanitize=thread", "-L\(folder)", "-ldispatch", "-lBlocksRuntime",
          "-Wl,-rpath,\(folder)",
        ])
      #expect(text == "done\n")
    }
  #endif
}
