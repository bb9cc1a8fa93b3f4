internal import COpenCLKernels
import Foundation

/// One program: the texts it is put together from, and its macros.
struct ProgramRecipe: Hashable, @unchecked Sendable {
  /// What people call it in an error: the file of its family.
  let name: String
  let texts: [ck_opencl_text]
  /// Compiler options of the form `-DNAME=VALUE`.
  let macros: String

  init(_ name: String, _ texts: [ck_opencl_text], macros: String = "") {
    self.name = name
    self.texts = [CK_TEXT_SHAPES, CK_TEXT_COMMON] + texts
    self.macros = macros
  }

  /// The whole text; `#pragma once` is for C, where a text is a file of its own.
  var source: String {
    texts.map(Self.text).joined()
  }

  private static func text(_ text: ck_opencl_text) -> String {
    let pragma = "#pragma once\n"
    let whole = ck_opencl_source(text)
    guard let mark = strstr(whole, pragma) else { return String(cString: whole) }
    let head = UnsafeRawBufferPointer(start: whole, count: UnsafePointer(mark) - whole)
    return String(decoding: head, as: UTF8.self) + "\n"
      + String(cString: mark + pragma.utf8.count)
  }
}

/// The programs, one or a few a family of kernels.
extension ProgramRecipe {
  static let softmax = ProgramRecipe("softmax", math + [CK_TEXT_LANES, CK_TEXT_SOFTMAX])
  static let loss = ProgramRecipe("loss", math + [CK_TEXT_LANES, CK_TEXT_LOSS])
  static let picture = ProgramRecipe("picture", [CK_TEXT_PICTURE])
  static let normalisation = ProgramRecipe("normalisation", [CK_TEXT_LANES, CK_TEXT_NORMALISATION])
  static let optimiser = ProgramRecipe("optimiser", [CK_TEXT_OPTIMISER])
  static let random = ProgramRecipe(
    "random", [CK_TEXT_NORMAL_TABLE, CK_TEXT_PHILOX, CK_TEXT_RANDOM])

  static func elementwise(_ dtype: DType) -> ProgramRecipe {
    ProgramRecipe("elementwise", math + [CK_TEXT_ELEMENTWISE], macros: element(dtype))
  }

  /// Copies and casts, which are of no one type, are in the program of float32.
  static func movement(_ dtype: DType = .float32) -> ProgramRecipe {
    ProgramRecipe("movement", [CK_TEXT_MOVEMENT], macros: element(dtype))
  }

  static func reduction(_ dtype: DType) -> ProgramRecipe {
    ProgramRecipe("reduction", [CK_TEXT_LANES, CK_TEXT_REDUCTION], macros: element(dtype))
  }

  private static let math = [CK_TEXT_MATH, CK_TEXT_PIECEWISE, CK_TEXT_ACTIVATION]

  /// Products and convolutions, whose sizes are macros.
  static func product(_ kind: ProductProblem.Kind, macros: String) -> ProgramRecipe {
    let (name, view, more) =
      switch kind {
      case .gemm(let transposeA, let transposeB):
        (
          "gemm", CK_TEXT_GEMM,
          "-DTRANSPOSE_A=\(transposeA ? 1 : 0) -DTRANSPOSE_B=\(transposeB ? 1 : 0)"
        )
      case .forward: ("convolution", CK_TEXT_CONVOLUTION, "-DCK_PASS=0")
      case .inputGradient: ("convolution", CK_TEXT_CONVOLUTION, "-DCK_PASS=1")
      case .filterGradient: ("convolution", CK_TEXT_CONVOLUTION, "-DCK_PASS=2")
      }
    return ProgramRecipe(
      name, math + [CK_TEXT_PLACE, view, CK_TEXT_MATRIX_UNITS, CK_TEXT_STAGING, CK_TEXT_PRODUCT],
      macros: more + " " + macros)
  }

  static func winograd(taps: Int32) -> ProgramRecipe {
    ProgramRecipe(
      "winograd",
      math + [CK_TEXT_WINOGRAD, CK_TEXT_TRANSFORM_LINES, CK_TEXT_WINOGRAD_SQUARES],
      macros: "-DTAPS=\(taps)")
  }

  private static func element(_ dtype: DType) -> String {
    precondition(dtype == .float32 || dtype == .int32, "no OpenCL arithmetic in \(dtype.rawValue)")
    return dtype == .int32 ? "-DCK_INTEGER" : ""
  }
}
