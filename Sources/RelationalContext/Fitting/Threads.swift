import Dispatch

/// Independent pieces of work, each on a thread of its own.
enum Threads {
  /// What `body` makes of every element, in their order.
  ///
  /// `body` must touch nothing that another element's call touches.
  static func map<Element, Result>(
    _ elements: [Element], _ body: @Sendable (Element) -> Result
  ) -> [Result] {
    nonisolated(unsafe) let elements = elements
    return Array(unsafeUninitializedCapacity: elements.count) { buffer, count in
      nonisolated(unsafe) let results = buffer.baseAddress
      DispatchQueue.concurrentPerform(iterations: elements.count) { index in
        (results! + index).initialize(to: body(elements[index]))
      }
      count = elements.count
    }
  }
}
