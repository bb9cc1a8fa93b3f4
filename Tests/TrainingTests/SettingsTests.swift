import FileFormats
import Models
import Testing

@testable import Training

@Suite struct SettingsTests {
  private func settings(_ assignments: String...) throws -> Settings {
    try Settings(model: .vae(VAEConfiguration(height: 28, width: 28, channels: 1))).applying(
      assignments)
  }

  @Test("every key reaches its place")
  func everyKey() throws {
    let all = try settings(
      "latentSize=3", "hidden=9,8", "filters=7", "beta=0.5", "likelihood=gaussian", "deviation=0.2",
      "optimizer=adamw", "beta1=0.8", "beta2=0.99", "epsilon=1e-6", "weightDecay=0.01", "clip=2",
      "averageDecay=0.9", "sampleEvery=1", "checkpointEvery=2",
      "evaluateEvery=3", "eventEvery=4", "keep=5")
    guard case .vae(let vae) = all.model else { return }
    #expect(vae.latentSize == 3 && vae.hidden == [9, 8] && vae.filters == [7] && vae.beta == 0.5)
    #expect(vae.likelihood == .gaussian(deviation: 0.2))
    let optimizer = all.optimizer
    #expect(optimizer.rule == .adamw && optimizer.beta1 == 0.8 && optimizer.beta2 == 0.99)
    #expect(optimizer.epsilon == 1e-6)
    #expect(try settings("momentum=0.7", "optimizer=sgd").optimizer.momentum == 0.7)
    #expect(optimizer.weightDecay == 0.01 && optimizer.clip == 2 && optimizer.averageDecay == 0.9)
    let cadence = all.cadence
    #expect(cadence.sampleEvery == 1 && cadence.checkpointEvery == 2 && cadence.evaluateEvery == 3)
    #expect(cadence.eventEvery == 4 && cadence.keep == 5)
    #expect(all.all.count == 19, "a new key wants a place in this test")
  }

  @Test(
    "what does not fit is refused",
    arguments: [
      "latentSize=0", "latentSize=2.5", "latentSize=", "hidden=", "hidden=3,,4", "hidden=0",
      "hidden=100000", "beta=nan", "beta=-1", "likelihood=poisson", "deviation=0",
      "optimizer=rmsprop",
      "beta1=1", "epsilon=0", "clip=0", "averageDecay=1", "eventEvery=0", "keep=-1", "latentSize",
      "filters=1,1,1,1,1",
    ])
  func refused(assignment: String) throws {
    var settings = Settings(
      model: .vae(VAEConfiguration(height: 28, width: 28, channels: 1, preset: .convolutional)))
    #expect(throws: TrainingError.self) { try settings.apply([assignment]) }
  }

  @Test(
    "a number that the chosen optimizer does not use is refused, wherever that was chosen",
    arguments: [
      (["momentum=0.5"], "momentum", "adam", ["sgd"]),
      (["momentum=0.5", "optimizer=adamw"], "momentum", "adamw", ["sgd"]),
      (["optimizer=sgd", "beta1=0.5"], "beta1", "sgd", ["adam", "adamw"]),
      (["epsilon=1e-6", "optimizer=sgd"], "epsilon", "sgd", ["adam", "adamw"]),
    ])
  func unused(assignments: [String], key: String, chosen: String, users: [String]) {
    var settings = Settings(model: .vae(VAEConfiguration(height: 8, width: 8, channels: 1)))
    #expect(
      trainingError { try settings.apply(assignments) }
        == .unusedSetting(key, chosen: chosen, users: users))
  }

  @Test(
    "the nearest word is suggested, and no far one",
    arguments: [
      ("latentsize", "latentSize"), ("latnetSize", "latentSize"), ("lat", "latentSize"),
      ("hiden", "hidden"), ("keep_", "keep"), ("sampleEvry", "sampleEvery"), ("zzz", nil),
      ("", nil),
    ])
  func suggestions(typed: String, meant: String?) throws {
    let keys = try settings().all.map(\.key)
    #expect(nearMiss(typed, among: keys) == meant)
  }

  @Test(
    "seeds are read and written shortest",
    arguments: [
      ("0-63,85", "0-63,85", 65), ("3,4,5,5", "3-5,5", 4), ("7", "7", 1), ("1-1", "1", 1),
      ("2147483647", "2147483647", 1),
    ])
  func seeds(text: String, written: String, count: Int) {
    let list = SeedList(text)
    #expect(list?.text == written && list?.all.count == count)
  }

  @Test(
    "what is no list of seeds is refused",
    arguments: [
      "", "a", "-1", "5-3", "1,,2", "1-2-3", "2147483648", "0-4096", "+1", "0-99999999999",
    ])
  func badSeeds(text: String) {
    #expect(SeedList(text) == nil)
  }

  @Test("differences of configurations are found by path, in order")
  func differences() {
    let a: JSONValue = ["x": ["b": 1, "a": 2], "y": 3, "same": [1, 2]]
    let b: JSONValue = ["x": ["b": 1, "a": 4], "z": 3, "same": [1, 2]]
    #expect(
      JSONDifference.all(a, b) == [
        .init(path: "x.a", first: "2", second: "4"), .init(path: "y", first: "3", second: nil),
        .init(path: "z", first: nil, second: "3"),
      ])
  }
}
