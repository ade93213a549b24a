internal import CRuntime

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// A loaded shared library.
///
/// It is unloaded when the last reference goes, so whoever keeps a pointer from `symbol(_:)` keeps
/// the library too. (Never unloading would let a program that compiles all day grow without end.
/// The worker pool is not in it: generated code reaches that through its context.)
package final class SharedLibrary: Sendable {
  /// The file it was loaded from, which may be gone by now.
  package let path: String
  private nonisolated(unsafe) let handle: UnsafeMutableRawPointer

  /// Loads a library and all it depends on.
  ///
  /// - Throws: `loadFailed` with the dynamic linker's words.
  package init(path: String) throws(NativeError) {
    // Every symbol is bound now, so that a missing one is an error here and not a crash later.
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw .loadFailed(path: path, reason: dlerror().map { String(cString: $0) } ?? "unknown")
    }
    self.path = path
    self.handle = handle
  }

  deinit {
    gn_images_lock()
    dlclose(handle)
    gn_images_unlock()
  }

  /// The address of an exported function or constant, or nil.
  package func symbol(_ name: String) -> UnsafeMutableRawPointer? {
    dlsym(handle, name)
  }
}
