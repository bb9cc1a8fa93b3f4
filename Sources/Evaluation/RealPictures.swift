import Datasets
import FileFormats
import Foundation

/// The real pictures beside which a model's are measured, as a judge sees them; looked at once and
/// kept in a cache.
public struct RealPictures: Sendable {
  /// Which part of the data distances are measured from.
  public enum Part: String, Sendable, CaseIterable {
    case train, test
  }

  public let training: Impressions
  public let heldOut: Impressions
  /// How the held-out pictures were chosen: `test` or `hash-10%`.
  public let heldOutName: String
  public let dataset: any Dataset
  public let split: DatasetSplit

  /// What `judge` sees in all pictures of `dataset`, or saw before and is in the folder `cache`.
  ///
  /// The folder is made when needed; nil keeps nothing. `progress` is told of every picture looked at.
  ///
  /// - Throws: A `FileFormatError` of the data, the device's failure, or what `progress` throws.
  public init(
    _ dataset: any Dataset, _ judge: Judge, cache: String?,
    progress: @escaping (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws {
    self.dataset = dataset
    let split = DatasetSplit(dataset)
    self.split = split
    heldOutName = split.name
    let hash = dataset.identity["hash"]?.string ?? ""
    let shape = dataset.shape
    let key =
      "\(judge.name)-\(judge.checksum)-\(hash)-\(shape.height)x\(shape.width)x\(shape.channels)"
    let file = cache.map { "\($0)/\(key).safetensors" }
    let total = split.training.count + split.heldOut.count
    if let file, let parts = Self.read(file, judge, [split.training.count, split.heldOut.count]) {
      (training, heldOut) = (parts[0], parts[1])
      return
    }
    var done = 0
    let parts = try [split.training, split.heldOut].map { indices in
      defer { done += indices.count }
      return try judge.look(at: indices.count, progress: { try progress(done + $0, total) }) {
        try $0.map { try dataset.picture(at: indices[$0]) }
      }
    }
    (training, heldOut) = (parts[0], parts[1])
    if let cache, let file {
      try? FileManager.default.createDirectory(
        atPath: cache, withIntermediateDirectories: true)
      // A cache that cannot be written costs time, not the result.
      try? AtomicFile.write(Self.encode(parts), to: file)
    }
  }

  /// What distances are measured from, and the other part, which tells how far real pictures are.
  func sides(_ part: Part) -> (reference: Impressions, other: Impressions) {
    part == .train ? (training, heldOut) : (heldOut, training)
  }

  private static func encode(_ parts: [Impressions]) -> [UInt8] {
    var arrays: [String: NumericArray] = [:]
    for (name, part) in zip(["training", "heldOut"], parts) {
      arrays["\(name).features"] = NumericArray(
        shape: [part.count, part.featureCount], part.features)
      arrays["\(name).probabilities"] = NumericArray(
        shape: [part.count, part.classCount], part.probabilities)
    }
    return Safetensors.encode(arrays, metadata: ["format": format])
  }

  private static let format = "atelier-impressions/1"

  /// What is in the cache; nil for anything that is not whole, which is then made anew.
  private static func read(_ path: String, _ judge: Judge, _ counts: [Int]) -> [Impressions]? {
    guard let file = try? Safetensors(path: path), file.metadata["format"] == format,
      (try? file.verify()) != nil
    else { return nil }
    let parts = zip(["training", "heldOut"], counts).compactMap { name, count -> Impressions? in
      guard let features = try? file.array(named: "\(name).features"),
        let probabilities = try? file.array(named: "\(name).probabilities"),
        features.elementType == .float32, probabilities.elementType == .float32,
        features.shape == [count, count == 0 ? 0 : judge.featureCount],
        probabilities.shape == [count, judge.classCount]
      else { return nil }
      return Impressions(
        count: count, features: features.floats, probabilities: probabilities.floats,
        classCount: judge.classCount)
    }
    return parts.count == 2 ? parts : nil
  }
}
