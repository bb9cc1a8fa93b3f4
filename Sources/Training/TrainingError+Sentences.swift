import Foundation

extension TrainingError: CustomStringConvertible, LocalizedError {
  /// One sentence: where, expected, found, advice.
  public var description: String {
    switch self {
    case .notAnAssignment(let text):
      return "--set '\(text)': expected key=value, such as latentSize=32"
    case .unknownSetting(let key, let model, let known):
      let guess = nearMiss(key, among: known).map { "did you mean '\($0)'? " } ?? ""
      return "--set \(key): the \(model) has no such key; \(guess)It has \(list(known))"
    case .wrongSetting(let key, let value, let expected):
      return "--set \(key): expected \(expected), found '\(value)'"
    case .unusedSetting(let key, let chosen, let users):
      return "--set \(key): the optimizer \(chosen) does not use it;"
        + " leave it out, or add --set optimizer=\(users.joined(separator: " or "))"
    case .impossible(let problem):
      return "no model can be made from these settings: \(problem)"

    case .folderNotEmpty(let path):
      return "\(path): expected a new or empty folder, found files in it;"
        + " go on with that run by --resume latest, or name another folder by --out"
    case .notARun(let path):
      return "\(path): expected a run of this program (its config.json, or else its checkpoints),"
        + " found none; check the path, or name a new folder"
    case .folderInUse(let path):
      return "\(path): another process is training in this folder; wait for it, or name another"
        + " folder by --out"
    case .notTheNewest(let checkpoint, let newest):
      return "\(checkpoint): expected the run's newest checkpoint, which is \(newest);"
        + " use --resume latest, or start from this one in another folder by --out"
    case .changedOptions(let options, let checkpoint):
      let changes = options.map { option in
        "\(option.option) \(option.before ?? "unset") (now \(option.now ?? "unset"))"
      }
      return "\(checkpoint): expected a checkpoint of this model and training, found it made with"
        + " \(list(changes)); repeat the options of its run, or start a new one by --out"
    case .alreadyFurther(let checkpoint, let step, let asked):
      return "\(checkpoint): expected a checkpoint before step \(asked), found step \(step);"
        + " ask for more --steps or --epochs"

    case .lostOrigin(let run, let step):
      return
        "\(run): expected the checkpoint of step \(step) that this run goes on from, or a later"
        + " one, found none; take the run up again by --resume in a new folder"
    case .noCheckpoint(let run, let damaged):
      let found = damaged.isEmpty ? "none" : "only damaged ones: \(list(damaged))"
      return "\(run): expected a checkpoint in \(run)/checkpoints, found \(found);"
        + " train first, or name another run"
    case .missingStep(let step, let run, let found):
      return "\(run): expected a checkpoint of step \(step), found \(steps(found));"
        + " choose one of them, or train with --set keep=0 to keep all"
    case .notACheckpoint(let file, let found):
      return
        "\(file): expected a checkpoint of this program (atelier-checkpoint/1), found \(found);"
        + " check that this is the file you meant"
    case .wrongContent(let file, let expected, let found):
      return
        "\(file): expected \(expected), found \(found); the file belongs to another model or version"

    case .noSheets(let run):
      return "\(run)/samples: expected at least two sheets of a training, found fewer; train on, or"
        + " with a smaller --set sampleEvery"
    case .makesNoPictures(let file, let model):
      return
        "\(file): expected a model that makes pictures, found a \(model); name the run of another model"
    case .unknownClass(let name, let known):
      if known.isEmpty {
        return "class '\(name)': expected a model that was trained with classes, such as --preset"
          + " conditional"
      }
      if let meant = nearMiss(name, among: known) {
        return "class '\(name)': did you mean '\(meant)'?"
      }
      let some = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? " …" : "")
      return "class '\(name)': expected one of \(some)"
    case .cannotBegin(let file, let expected, let found):
      return
        "\(file): expected \(expected) to begin with, found \(found); --init takes a run of the"
        + " same model, with its --preset, --size and --set"
    case .noClasses(let data):
      return
        "\(data): expected pictures of two classes at least, found fewer; put each class in a folder"
        + " of its own, or name data with labels"

    case .diverged(let step, let what, let lastGood):
      let safe =
        lastGood.map { "the last good checkpoint is \($0)" } ?? "there is no checkpoint yet"
      return "step \(step): \(what); \(safe); try a lower --rate, a --warm-up, or --set clip=1"

    case .noRecipe(let file):
      return "\(file): expected a PNG with a recipe of this program inside, found none;"
        + " pictures that were edited or converted lose it"
    case .wrongRecipe(let file, let expected, let found):
      return "\(file): its recipe has \(found) where \(expected) was expected;"
        + " it may come from another version of this program"
    case .runNotFound(let picture, let run):
      return
        "\(picture): the run '\(run)' that made it was not found beside the picture or in runs;"
        + " say where it is by --run DIR"
    case .otherParameters(let picture, let checkpoint, let expected, let found):
      return "\(picture): expected the parameters with checksum \(expected), found \(found) in"
        + " \(checkpoint); name the run that made the picture by --run DIR"
    }
  }

  /// What is told of a number that is no longer finite; a NaN has no sign for people.
  static func became(_ name: String, _ value: Double) -> String {
    "\(name) became \(value.isNaN ? "NaN" : "\(value)")"
  }

  /// The same sentence, for code that knows only `Error`.
  public var errorDescription: String? { description }

  private func list(_ words: [String]) -> String { words.joined(separator: ", ") }

  private func steps(_ found: [Int]) -> String {
    found.isEmpty ? "none at all" : "steps \(list(found.map(String.init)))"
  }
}
