/// Typed lists of numbers over a model's buffers.
///
/// Whatever the type in the file (floats; bytes and short integers, normalised or not; 32-bit
/// indices), numbers come out as `Double`, which holds all of them exactly.
///
/// - SeeAlso: glTF 2.0 specification, section 3.6 "Binary Data Storage".
struct GLTFAccessors {
  let document: GLTFDocument
  let buffers: GLTFBuffers

  /// Most numbers of one list.
  private static let maximumNumbers = 1 << 24
  /// Most that an offset in a file can be: far beyond any file, and sums of them still fit.
  private static let offsets = 0...1 << 40

  private static let componentCounts = ["SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4]

  /// The numbers of the accessor that `reference` names, element after element;
  /// `type` is what they must be: `SCALAR` or `VEC3`.
  func numbers(_ reference: JSONPlace, type: String) throws(FileFormatError) -> [Double] {
    let index = try reference.index(below: document.accessors.count, of: "accessor")
    let accessor = document.accessors[index]
    let found = try accessor.member("type").string()
    guard found == type, let components = Self.componentCounts[type] else {
      throw accessor.unexpected("elements of type \(type)", found: excerpt(found.utf8))
    }
    let limit = Self.maximumNumbers / components
    let count = try accessor.member("count").integer(in: 1...limit)
    let isNormalized = accessor.optional("normalized")?.value.bool ?? false
    let component = try component(accessor, isNormalized: isNormalized)
    var numbers =
      if accessor.optional("bufferView") != nil {
        try read(accessor, component, perElement: components, count: count)
      } else {
        [Double](repeating: 0, count: count * components)
      }
    if let sparse = accessor.optional("sparse") {
      try overlay(sparse, component, components, count, on: &numbers)
    }
    return numbers
  }

  /// The whole numbers of the accessor that `reference` names, all below `bound`.
  func indices(_ reference: JSONPlace, below bound: Int) throws(FileFormatError) -> [Int] {
    let numbers = try numbers(reference, type: "SCALAR")
    guard
      let wrong = numbers.first(where: { !($0 >= 0 && $0 < Double(bound)) || $0 != $0.rounded() })
    else { return numbers.map { Int($0) } }
    throw reference.unexpected(
      "indices of \(count(bound, "vertex", "vertices"))", found: "\(wrong)")
  }

  /// Replaces the elements that a sparse accessor names.
  private func overlay(
    _ sparse: JSONPlace, _ component: Component, _ components: Int, _ count: Int,
    on numbers: inout [Double]
  ) throws(FileFormatError) {
    let changed = try sparse.member("count").integer(in: 1...count)
    let place = try sparse.member("indices")
    let indexType = try self.component(place, isNormalized: false)
    let indices = try read(place, indexType, perElement: 1, count: changed)
    let values = try read(
      try sparse.member("values"), component, perElement: components, count: changed)
    var last = -1.0
    for (slot, index) in indices.enumerated() {
      guard index > last, index < Double(count), index == index.rounded() else {
        throw place.unexpected("increasing indices below \(count)", found: "\(index)")
      }
      last = index
      for part in 0..<components {
        numbers[Int(index) * components + part] = values[slot * components + part]
      }
    }
  }

  /// How one number is stored, and what it counts for.
  private struct Component {
    let size: Int
    let load: (UnsafeRawBufferPointer, Int) -> Double
  }

  private func component(
    _ place: JSONPlace, isNormalized: Bool
  ) throws(FileFormatError) -> Component {
    func integer<T: FixedWidthInteger>(_ type: T.Type) -> Component {
      let unit = isNormalized ? Double(T.max) : 1
      return Component(size: MemoryLayout<T>.size) { bytes, offset in
        let value = Double(T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self)))
        return isNormalized ? max(value / unit, -1) : value
      }
    }
    let type = try place.member("componentType")
    switch type.value.integer {
    case 5120: return integer(Int8.self)
    case 5121: return integer(UInt8.self)
    case 5122: return integer(Int16.self)
    case 5123: return integer(UInt16.self)
    case 5125: return integer(UInt32.self)
    case 5126:
      return Component(size: 4) { bytes, offset in
        let bits = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return Double(Float(bitPattern: UInt32(littleEndian: bits)))
      }
    default: throw type.unexpected("a component type (5120 to 5123, 5125 or 5126)")
    }
  }

  /// Numbers of the buffer view that `place` names, from its `byteOffset` on.
  private func read(
    _ place: JSONPlace, _ component: Component, perElement components: Int, count: Int
  ) throws(FileFormatError) -> [Double] {
    let index = try place.member("bufferView").index(
      below: document.bufferViews.count, of: "buffer view")
    let view = document.bufferViews[index]
    let buffer = try view.member("buffer").index(below: buffers.contents.count, of: "buffer")
    let bytes = buffers.contents[buffer]
    let viewOffset = try view.optional("byteOffset")?.integer(in: Self.offsets) ?? 0
    let viewLength = try view.member("byteLength").integer(in: Self.offsets)
    guard viewOffset + viewLength <= bytes.count else {
      throw view.unexpected(
        "a part of buffers[\(buffer)], which has \(FileFormats.count(bytes.count, "byte")),",
        found: "bytes \(viewOffset) ..< \(viewOffset + viewLength)")
    }
    let size = component.size * components
    let stride = try view.optional("byteStride")?.integer(in: size...max(size, 252)) ?? size
    let offset = try place.optional("byteOffset")?.integer(in: Self.offsets) ?? 0
    let end = offset + stride * (count - 1) + size
    guard end <= viewLength else {
      throw place.unexpected(
        "at most the \(FileFormats.count(viewLength, "byte")) of bufferViews[\(index)]",
        found: "\(end)")
    }
    let numbers = bytes.withUnsafeBytes { raw in
      var numbers: [Double] = []
      numbers.reserveCapacity(count * components)
      for element in 0..<count {
        let start = viewOffset + offset + element * stride
        for part in 0..<components {
          numbers.append(component.load(raw, start + part * component.size))
        }
      }
      return numbers
    }
    guard let wrong = numbers.first(where: { !$0.isFinite }) else { return numbers }
    throw place.unexpected("finite numbers", found: "\(wrong)")
  }
}
