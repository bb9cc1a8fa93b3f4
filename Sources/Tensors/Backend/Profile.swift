/// Where a device's time went: the times of its kernel calls, added up by what they are.
///
/// ``Device/profiled(_:)`` takes it.
public struct Profile: Sendable, Equatable {
  /// Calls of one kind, by one program.
  public struct Row: Sendable, Equatable {
    /// The kernel call, such as `gemm`.
    public let kind: String
    /// What did it: the OpenCL programs that it launches, or the CPU's instruction set.
    public let program: String
    public internal(set) var calls = 0
    /// Kernels launched; on the CPU one a call.
    public internal(set) var launches = 0
    /// That the device worked on them.
    public internal(set) var seconds = 0.0
    /// Operations in floating point that their formulas have, whatever kernels do.
    public internal(set) var flops = 0
    /// Bytes that they read and write at the least.
    public internal(set) var bytes = 0

    /// Billions of operations a second; 0 where no time was seen.
    public var gigaflops: Double { seconds > 0 ? Double(flops) / seconds * 1e-9 : 0 }
    /// Billions of bytes a second; 0 where no time was seen.
    public var gigabytesPerSecond: Double { seconds > 0 ? Double(bytes) / seconds * 1e-9 : 0 }
  }

  /// Those that took longest first.
  public internal(set) var rows: [Row] = []

  /// Of all rows.
  public var seconds: Double { rows.reduce(0) { $0 + $1.seconds } }
}

/// Adds up the times of calls.
struct ProfileSum {
  private struct Key: Hashable {
    let kind: String
    let program: String
  }
  private var rows: [Key: Profile.Row] = [:]

  mutating func add(
    _ kind: String, by program: String, launches: Int, seconds: Double, _ work: KernelWork
  ) {
    let key = Key(kind: kind, program: program)
    var row = rows[key] ?? Profile.Row(kind: kind, program: program)
    row.calls += 1
    row.launches += launches
    row.seconds += seconds
    row.flops += work.flops
    row.bytes += work.bytes
    rows[key] = row
  }

  var profile: Profile {
    Profile(
      rows: rows.values.sorted {
        ($1.seconds, $0.kind, $0.program) < ($0.seconds, $1.kind, $1.program)
      })
  }
}

extension Device {
  /// Does `body` and takes the time of each kernel call that the device makes meanwhile, whoever
  /// asks for it.
  ///
  /// Results have the same bits, and come a little later. The device is waited for at both ends. On
  /// an OpenCL device the times are its own, of its kernels alone; on the CPU they are those from
  /// beginning to end of each call.
  ///
  /// - Returns: What `body` returns, and the times.
  /// - Throws: What `body` throws, or else the device's first failure.
  /// - Precondition: no other profile of this device is being taken.
  public func profiled<Result>(_ body: () throws -> Result) throws -> (Result, Profile) {
    backend.beginProfile()
    let result: Result
    do {
      result = try body()
    } catch {
      _ = try? backend.endProfile()
      throw error
    }
    return (result, try backend.endProfile())
  }
}
