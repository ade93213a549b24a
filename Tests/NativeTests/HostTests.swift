import CRuntime
import Foundation
import GnomonNative
import Testing

@inline(never) private func depth(_ levels: Int, _ out: inout [UInt]) -> Int {
  if levels == 0 {
    return out.withUnsafeMutableBufferPointer { Int(gn_frames($0.baseAddress!, 0, 64)) }
  }
  let count = depth(levels - 1, &out)
  return count + (out.isEmpty ? 1 : 0)  // not a tail call
}

@inline(never) private func here(skip: Int32) -> UInt {
  var out: [UInt] = [0]
  _ = gn_frames(&out, skip, 1)
  return out[0]
}

@Suite struct FrameTests {
  private var thisImage: String { String(cString: gn_image_path(#dsohandle)!) }

  @Test func `the frames of a recursion are all there, and lie in this program`() {
    var out = [UInt](repeating: 0, count: 64)
    let shallow = depth(2, &out)
    let deep = depth(12, &out)
    #expect(deep == min(64, shallow + 10) && shallow > 3)
    for address in out[..<12] {
      let path = gn_image_path(UnsafeRawPointer(bitPattern: address)!).map { String(cString: $0) }
      #expect(path == thisImage)
    }
  }

  @Test func `skip leaves out the innermost frames`() {
    // One call site, so that the return addresses agree.
    var found: [[UInt]] = []
    for skip: Int32 in [0, 2] {
      var out = [UInt](repeating: 0, count: 8)
      let count = gn_frames(&out, skip, 8)
      #expect(count > 3)
      found.append(out)
    }
    #expect(found[0][2...].elementsEqual(found[1][..<6]))
    var all = [UInt](repeating: 0, count: 8)
    #expect(gn_frames(&all, 0, 0) == 0)
    #expect(gn_frames(&all, 10_000, 8) == 0)
  }

  @Test func `two calls give two addresses`() {
    #expect(here(skip: 1) != here(skip: 1))
    #expect(here(skip: 1) != 0)
  }

  @Test func `on a thread with a small stack`() {
    let done = DispatchGroup()
    done.enter()
    let thread = Thread {
      var out = [UInt](repeating: 0, count: 64)
      let count = depth(3, &out)
      #expect(count >= 4 && count < 64)
      done.leave()
    }
    thread.stackSize = 64 * 1024
    thread.start()
    done.wait()
  }

  @Test func `the thread slot belongs to the thread`() {
    let done = DispatchGroup()
    Thread.detachNewThread(in: done) {
      #expect(gn_thread_slot_get() == nil)
      gn_thread_slot_set(UnsafeMutableRawPointer(bitPattern: 64))
      Thread.detachNewThread(in: done) { #expect(gn_thread_slot_get() == nil) }
      #expect(gn_thread_slot_get() == UnsafeMutableRawPointer(bitPattern: 64))
      gn_thread_slot_set(nil)
      #expect(gn_thread_slot_get() == nil)
    }
    done.wait()
  }
}

@Suite struct MachineTests {
  @Test func `facts are plausible`() {
    #expect(Machine.cores >= 1 && Machine.cores <= ProcessInfo.processInfo.activeProcessorCount)
    #if arch(x86_64)
      #expect(Machine.features.contains("sse2"))
    #else
      #expect(Machine.features == ["neon"])
    #endif
    #expect(!Machine.model.isEmpty)
    if let l1 = Machine.cacheBytes(level: 1) { #expect((8 << 10...1 << 20).contains(l1)) }
    #expect(Machine.cacheBytes(level: 9) == nil)
    var small: [CChar] = [0, 0]
    #expect(gn_cpu_features(&small, 2) == -1)
  }

  @Test func `GNOMON_THREADS is read`() {
    func threads(_ text: String?) -> Int {
      NativeEnvironment(overriding: ["GNOMON_THREADS": text]).defaultThreads
    }
    #expect(threads("3") == 3 && threads("100000") == 256)
    for text in [nil, "", "0", "-2", "many"] { #expect(threads(text) == Machine.cores) }
  }

  @Test func `the doctor's facts`() throws {
    let folder = TemporaryFolder()
    let facts = NativeFacts(folder.environment(["GNOMON_BLAS": "none", "GNOMON_THREADS": "2"]))
    #expect(try facts.compiler.get().summary.contains("clang"))
    #expect((try? facts.blas.get()) == nil)
    #expect(facts.cacheDirectory == folder.path + "/cache" && facts.cacheIsUsable)
    #expect(facts.cacheEntries == 0 && facts.threads == 2 && facts.dataCaches.count == 3)
    let bad = NativeFacts(
      folder.environment(["GNOMON_CC": "/nowhere", "GNOMON_CACHE_DIR": "/dev/null/x"]))
    #expect((try? bad.compiler.get()) == nil && !bad.cacheIsUsable)
  }
}
