internal import CKernels
import Foundation

/// Which cores this process's threads run on.
package enum CoreBinding {
  /// Numbers of the cores that the process may use, in rising order; asked for once, before
  /// anything is bound.
  package static let available: [Int] = {
    var cores = [Int32](repeating: 0, count: 1024)
    let count = ck_cores_available(&cores, Int32(cores.count))
    return cores.prefix(Int(count)).map(Int.init)
  }()

  /// The first `threads` of the available cores.
  package static func cores(for threads: Int) throws(BenchmarkError) -> [Int] {
    guard threads <= available.count else {
      throw .tooFewCores(threads: threads, cores: available.count)
    }
    return Array(available.prefix(threads))
  }

  /// Lets every thread that the process has, a library's among them, run on those cores alone; those
  /// started later inherit it.
  package static func bind(to cores: [Int]) {
    let numbers = cores.map { Int32($0) }
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    for thread in threads.compactMap({ Int32($0) }) {
      // One that has ended meanwhile needs no core.
      _ = ck_cores_bind(thread, numbers, Int32(numbers.count))
    }
  }
}
