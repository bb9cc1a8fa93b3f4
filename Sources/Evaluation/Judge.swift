import CJudges
import FileFormats
import Layers
import Models
import Tensors
import Training

/// A frozen classifier, by whose features and classes pictures are measured.
///
/// Its parameters are pinned: two numbers are comparable if their judges have one ``checksum``, which
/// every protocol string names.
public final class Judge {
  /// What a judge's file says it is.
  static let format = "atelier-judge/1"

  /// Such as `fd-f`: what its Fréchet distance is called.
  public let name: String
  /// Names the parameters, in eight hexadecimal digits.
  public let checksum: String
  /// What pictures are brought to before it looks at them.
  public let pictureShape: [Int]
  /// Numbers by which it describes a picture.
  public var featureCount: Int { classifier.configuration.featureCount }
  /// What it tells apart.
  public var classCount: Int { classifier.configuration.classes }

  private let classifier: Classifier

  /// Pictures that it looks at together: the same for all, so that bits do not depend on how many
  /// there are.
  static let batchSize = 256

  /// The judge in this file.
  ///
  /// - Throws: A `FileFormatError` for a damaged file, ``EvaluationError/notAJudge(_:found:)``, the
  ///   device's failure.
  public init(_ file: Safetensors, on device: Device = .cpu) throws {
    try file.verify()
    guard file.metadata["format"] == Self.format, let name = file.metadata["name"],
      let text = file.metadata["model"],
      case .classifier(let configuration)? = ModelConfiguration(
        json: try JSONValue(parsing: Array(text.utf8), file: file.file))
    else { throw EvaluationError.notAJudge(file.file, found: "other metadata") }
    self.name = name
    pictureShape = configuration.pictureShape
    let expected = configuration.arrayShapes
    guard Set(expected.map(\.name)) == Set(file.entries.map(\.name)),
      expected.allSatisfy({ file[$0.name]!.shape == $0.shape })
    else { throw EvaluationError.notAJudge(file.file, found: "arrays of another model") }
    classifier = Classifier(configuration, seed: 0, on: device)
    for parameter in classifier.parameters.trainable + classifier.parameters.statistics {
      let array = try file.array(named: parameter.name)
      parameter.assign(Tensor(array.floats, shape: array.shape, on: device))
    }
    checksum = try classifier.parameters.checksum()
  }

  /// The judges that come with the program: first the one whose distance is `fd-f/v1`, then one that
  /// never decides anything and shows whether the first is flattered.
  public static func builtIn(on device: Device = .cpu) throws -> [Judge] {
    let judges = [ckj_judges.0, ckj_judges.1]
    return try judges.map { judge in
      let bytes = Array(UnsafeBufferPointer(start: judge.bytes, count: judge.count))
      let name = String(cString: judge.name)
      return try Judge(Safetensors(ByteSource(bytes, name: "judge \(name)")), on: device)
    }
  }

  /// How a set of pictures looks to it.
  ///
  /// Pictures of another size are resized (antialiased) over their shorter side and cropped, those of
  /// other colours turned to grey or RGB.
  ///
  /// - Throws: The device's failure, or what `picture` throws.
  public func look(
    at count: Int, progress: (Int) throws -> Void = { _ in },
    _ pictures: (Range<Int>) throws -> [Picture]
  ) throws -> Impressions {
    var (features, probabilities): ([Float], [Float]) = ([], [])
    for first in stride(from: 0, to: count, by: Self.batchSize) {
      let part = first..<min(first + Self.batchSize, count)
      let batch = tensor(try pictures(part))
      try classifier.parameters.frozen {
        let seen = classifier.features(batch)
        features += try seen.floats()
        probabilities += try classifier.logits(features: seen).softmax().floats()
      }
      try progress(part.upperBound)
    }
    return Impressions(
      count: count, features: features, probabilities: probabilities, classCount: classCount)
  }

  private func tensor(_ pictures: [Picture]) -> Tensor {
    var values: [Float] = []
    for picture in pictures {
      let colored = pictureShape[2] == 1 ? picture.grayscale : picture.rgb
      let fitted = colored.fitted(height: pictureShape[0], width: pictureShape[1])
      values += fitted.pixels.map { Float($0) / 255 }
    }
    return Tensor(
      values, shape: [pictures.count] + pictureShape, on: classifier.parameters.device)
  }

  /// The file of a judge that has the parameters of a trained classifier.
  ///
  /// - Parameters:
  ///   - run: Of `atelier train classifier`.
  ///   - choice: Which of its checkpoints.
  ///   - name: What its Fréchet distance will be called.
  /// - Returns: The file's bytes.
  /// - Throws: ``EvaluationError/notAClassifier(_:found:)``, a `FileFormatError`, a `TrainingError`.
  public static func frozen(
    _ run: RunFolder, _ choice: CheckpointChoice, name: String
  ) throws -> [UInt8] {
    let checkpoint = try run.choose(choice)
    guard case .classifier(let configuration) = checkpoint.configuration else {
      throw EvaluationError.notAClassifier(checkpoint.path, found: checkpoint.configuration.kind)
    }
    let names = configuration.arrayShapes.map(\.name)
    let arrays = try names.map { ($0, try checkpoint.file.array(named: $0)) }
    return Safetensors.encode(
      Dictionary(uniqueKeysWithValues: arrays),
      metadata: [
        "format": format, "name": name, "model": checkpoint.model.encoded,
        "training": checkpoint.training.encoded, "step": String(checkpoint.step),
        "metrics": JSONValue.array(checkpoint.metrics.map(\.json)).encoded,
      ])
  }
}

extension Judge: CustomStringConvertible {
  public var description: String { "\(name) \(checksum)" }
}
