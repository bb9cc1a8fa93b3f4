internal import CKernels
import Foundation

/// The instruction sets that have kernels of their own, in rising order.
public enum InstructionSet: String, Sendable, CaseIterable, Comparable {
  /// Plain C, the specification of every kernel.
  case reference
  case avx2
  case avx512
  /// AVX-512, with products and convolutions in bfloat16 on the tiles of AMX.
  case amx

  /// The highest that this processor has.
  public static let processor: InstructionSet = processor(upTo: .amx)

  /// All that this processor has, in rising order.
  public static var available: [InstructionSet] { allCases.filter { $0 <= processor } }

  /// The highest that this processor has and `ATELIER_MAX_ISA` allows.
  ///
  /// An `ATELIER_MAX_ISA` that names no instruction set caps nothing; the command line refuses it
  /// before it gets here.
  public static let best: InstructionSet =
    ProcessInfo.processInfo.environment["ATELIER_MAX_ISA"].flatMap(InstructionSet.init(rawValue:))
    .map(processor(upTo:)) ?? processor

  /// Nothing beyond it is tried.
  private static func processor(upTo most: InstructionSet) -> InstructionSet {
    allCases[Int(ck_processor_isa(most.ck).rawValue)]
  }

  public static func < (a: InstructionSet, b: InstructionSet) -> Bool {
    a.ck.rawValue < b.ck.rawValue
  }

  var ck: ck_isa {
    switch self {
    case .reference: CK_REFERENCE
    case .avx2: CK_AVX2
    case .avx512: CK_AVX512
    case .amx: CK_AMX
    }
  }
}
