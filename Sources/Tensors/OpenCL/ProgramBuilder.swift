internal import COpenCLKernels

/// Makes programs for a device, from the disk cache or from source.
struct ProgramBuilder {
  let library: OpenCLLibrary
  let context: cl_context
  let device: OpenCLDevice
  let cache: ProgramCache

  func build(_ recipe: ProgramRecipe) throws(DeviceError) -> cl_program {
    try build(name: recipe.name, source: recipe.source, macros: recipe.macros)
  }

  /// - Throws: `buildFailed` with the compiler's whole output.
  func build(name: String, source: String, macros: String) throws(DeviceError) -> cl_program {
    let options = options(macros)
    let key = cache.folder == nil ? nil : key(source: source, macros: macros)
    if let key, let binary = cache.binary(for: key),
      let program = try? fromBinary(binary, options: options)
    {
      return program
    }
    let program: cl_program
    do throws(OpenCLFailure) {
      program = try create(source)
    } catch { throw error.on(device.name) }
    do throws(OpenCLFailure) {
      try compile(program, options)
    } catch {
      let log = try? log(of: program)
      _ = library.functions.clReleaseProgram(program)
      guard error.code == CL_BUILD_PROGRAM_FAILURE, let log else { throw error.on(device.name) }
      throw .buildFailed(device: device.name, program: name, log: log)
    }
    if let key, let binary = try? binary(of: program) { cache.store(binary, for: key) }
    return program
  }

  /// `-cl-std=CL1.2` and nothing that lets a compiler change results.
  private func options(_ macros: String) -> String {
    var options =
      "-cl-std=CL1.2 -DCK_GROUP=\(device.groupSize) -DCK_WIDTH=\(device.itemWidth)"
      + " -DCK_COLUMNS=\(device.columnWidth)"
    if device.roundsDivisionCorrectly { options += " -cl-fp32-correctly-rounded-divide-sqrt" }
    return macros.isEmpty ? options : options + " " + macros
  }

  /// What a compiled program depends on, so that a binary is used for nothing else.
  func key(source: String, macros: String) -> String {
    let description = device.description
    return [
      description.platform, device.platformVersion, description.vendor, description.name,
      description.driver, options(macros), source,
    ].joined(separator: "\n")
  }

  private func create(_ source: String) throws(OpenCLFailure) -> cl_program {
    try library.create("clCreateProgramWithSource") { cl, code in
      source.withCString { text in
        var text: UnsafePointer<CChar>? = text
        return cl.clCreateProgramWithSource(context, 1, &text, nil, &code)
      }
    }
  }

  private func compile(_ program: cl_program, _ options: String) throws(OpenCLFailure) {
    try library.call("clBuildProgram") { cl in
      var id: cl_device_id? = device.id
      return cl.clBuildProgram(program, 1, &id, options, nil, nil)
    }
  }

  private func fromBinary(
    _ binary: [UInt8], options: String
  ) throws(OpenCLFailure) -> cl_program {
    let program = try library.create("clCreateProgramWithBinary") { cl, code in
      binary.withUnsafeBufferPointer { bytes in
        var id: cl_device_id? = device.id
        var length = bytes.count
        var start = bytes.baseAddress
        var status: cl_int = CL_SUCCESS
        return cl.clCreateProgramWithBinary(context, 1, &id, &length, &start, &status, &code)
      }
    }
    do throws(OpenCLFailure) {
      try compile(program, options)
    } catch {
      _ = library.functions.clReleaseProgram(program)
      throw error
    }
    return program
  }

  private func log(of program: cl_program) throws(OpenCLFailure) -> String {
    try readText(library, "clGetProgramBuildInfo") { cl, size, bytes, needed in
      cl.clGetProgramBuildInfo(
        program, device.id, cl_program_build_info(CL_PROGRAM_BUILD_LOG), size, bytes, needed)
    }
  }

  private func binary(of program: cl_program) throws(OpenCLFailure) -> [UInt8] {
    var length = 0
    try library.call("clGetProgramInfo") { cl in
      cl.clGetProgramInfo(
        program, cl_program_info(CL_PROGRAM_BINARY_SIZES), MemoryLayout<Int>.size, &length, nil)
    }
    var binary = [UInt8](repeating: 0, count: length)
    try library.call("clGetProgramInfo") { cl in
      binary.withUnsafeMutableBufferPointer { bytes in
        var start = bytes.baseAddress
        return cl.clGetProgramInfo(
          program, cl_program_info(CL_PROGRAM_BINARIES), MemoryLayout.size(ofValue: start), &start,
          nil)
      }
    }
    return binary
  }
}
