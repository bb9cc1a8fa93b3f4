import Testing

@testable import Tensors

@Suite("StridedLoop")
struct StridedLoopTests {
  private func merged(_ shape: [Int], _ strides: [[Int]]) -> (sizes: [Int], strides: [[Int]]) {
    let loop = StridedLoop(shape: shape, strides: strides)
    return (loop.sizes, loop.strides)
  }

  @Test("axes that all tensors walk evenly become one")
  func contiguous() {
    let all = merged([2, 3, 4], [[12, 4, 1], [12, 4, 1]])
    #expect(all.sizes == [24] && all.strides == [[1], [1]])
  }

  @Test("axes of size 1 vanish, whatever their step")
  func ones() {
    let some = merged([1, 3, 1, 5, 1], [[99, 5, 77, 1, 3], [0, 5, 0, 1, 0]])
    #expect(some.sizes == [15] && some.strides == [[1], [1]])
    let none = merged([1, 1], [[7, 7]])
    #expect(none.sizes == [] && none.strides == [[]])
    #expect(merged([], [[], []]).sizes == [])
  }

  @Test(
    "an axis along which one tensor alone repeats stays apart; one where all repeat alike does not")
  func broadcast() {
    let row = merged([5, 7], [[7, 1], [0, 1]])
    #expect(row.sizes == [5, 7] && row.strides == [[7, 1], [0, 1]])
    let column = merged([5, 7], [[7, 1], [1, 0]])
    #expect(column.sizes == [5, 7])
    let scalar = merged([5, 7], [[7, 1], [0, 0]])
    #expect(scalar.sizes == [35] && scalar.strides == [[1], [0]])
    let channels = merged([2, 3, 4, 5], [[60, 20, 5, 1], [0, 0, 0, 1]])
    #expect(channels.sizes == [24, 5] && channels.strides == [[5, 1], [0, 1]])
  }

  @Test("transposed and backward walks merge only where they are even")
  func uneven() {
    #expect(merged([3, 4], [[1, 3], [4, 1]]).sizes == [3, 4])
    let backwards = merged([3, 4], [[-4, -1], [-4, -1]])
    #expect(backwards.sizes == [12] && backwards.strides == [[-1], [-1]])
    #expect(merged([3, 4], [[-4, 1], [4, 1]]).sizes == [3, 4])
  }

  @Test(
    "every element is visited as the unmerged loop visits it",
    arguments: [
      ([2, 3, 4], [[0, 4, 1], [12, 4, 1]]), ([4, 1, 3, 2], [[6, 6, 2, 1], [1, 4, 4, 12]]),
      ([2, 2, 2, 2, 2, 2], [[32, 16, 8, 4, 2, 1], [1, 2, 4, 8, 16, 32]]),
      ([3, 0, 2], [[0, 2, 1], [0, 2, 1]]),
    ])
  func sameWalk(shape: [Int], strides: [[Int]]) {
    func offsets(_ sizes: [Int], _ strides: [[Int]]) -> [[Int]] {
      var visited: [[Int]] = []
      Walk("", sizes, strides).forEach { _, at in visited.append(at) }
      return visited
    }
    let loop = StridedLoop(shape: shape, strides: strides)
    #expect(offsets(loop.sizes, loop.strides) == offsets(shape, strides))
  }

  @Test("shapes broadcast from the last axis, each size equal or 1")
  func shapes() {
    #expect(StridedLoop.broadcastShape([[3, 1], [1, 4]], "test") == [3, 4])
    #expect(StridedLoop.broadcastShape([[4], [2, 3, 1]], "test") == [2, 3, 4])
    #expect(StridedLoop.broadcastShape([[], [2]], "test") == [2])
    #expect(StridedLoop.broadcastShape([[0], [1]], "test") == [0])
    #expect(StridedLoop.broadcastStrides([3, 1], to: [2, 3, 4]) == [0, 1, 0])
    #expect(StridedLoop.contiguousStrides([2, 3, 4]) == [12, 4, 1])
  }
}
