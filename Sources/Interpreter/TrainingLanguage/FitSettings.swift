import Datasets
import Graphs
import Language
import Networks
import Tensors
import Training

/// The settings of a `fit`, read from what the script gives.
struct FitSettings {
    var loss: RuleValue?
    var lossFunction: FunctionValue?
    var optimizer: RuleValue
    var regularizers: [(value: RuleValue, selector: Selector?)] = []
    var clipping = GradientClipping()
    var accumulated = 1
    var rateFactors: [SelectedNumber] = []
    var decay: [SelectedNumber] = []
    var metrics: [NamedMetric] = []
    var augmentations: [AugmentationValue] = []
    var validation: Dataset?
    /// Nil for as many as the steps take, and 10 without these.
    var epochs: Int?
    var steps: Int?
    var batch: Int?
    var seed: UInt64
    var precision = ElementType.float32
    var stop: EarlyStopping?
    var checkpoint: CheckpointValue?
    var frozen: [Selector] = []
    /// A file with the state of an earlier run, to go on from.
    var start: String?
    /// The place of each setting that was given.
    var places: [String: SourceSpan] = [:]

    static let names = [
        "loss", "optimizer", "regularize", "clip_norm", "clip_value", "accumulate", "rate_factors", "decay", "metrics",
        "augment", "validate", "epochs", "steps", "batch", "seed", "precision",
        "stop", "checkpoint", "freeze", "from",
    ]

    /// Refuses names that are not known or stand twice.
    static func checkNames(_ settings: [SettingValue], known: [String], of callee: String) throws {
        var seen = Set<String>()
        for setting in settings {
            let name = setting.name.name
            guard known.contains(name) else {
                throw Diagnostic(
                    "unknown setting '\(name)' of '\(callee)'", at: setting.name.span,
                    expected: known.joined(separator: ", "),
                    hint: closestName(to: name, among: known).map { "did you mean '\($0)'?" })
            }
            guard seen.insert(name).inserted else {
                throw Diagnostic("the setting '\(name)' is given twice", at: setting.name.span)
            }
        }
    }

    init(_ settings: [SettingValue], for data: Dataset, at span: SourceSpan, _ machine: Machine) throws {
        seed = machine.session.random.seed
        var optimizer: RuleValue?
        for setting in settings {
            places[setting.name.name] = setting.valueSpan
            let reader = SettingReader(setting, machine)
            // Not known while the script is checked: the setting keeps its default.
            if reader.isUnknown { continue }
            switch setting.name.name {
            case "loss":
                loss = try machine.rule([.loss, .metric], setting.value, at: setting.valueSpan)
                if loss == nil { lossFunction = try reader.lossFunction() }
            case "optimizer":
                optimizer = try reader.rule(.optimizer, setting.value, expected: "an optimizer such as adam(1e-3)")
            case "regularize": regularizers = try reader.regularizers()
            case "clip_norm": clipping.norm = reader.isNone ? nil : try reader.number()
            case "clip_value": clipping.value = reader.isNone ? nil : try reader.number()
            case "accumulate": accumulated = try reader.count(unit: nil, from: 1)
            case "rate_factors":
                rateFactors = try reader.selectedNumbers(example: "0.1 on \"conv*\", or a list of such")
            case "decay": decay = try reader.selectedNumbers(example: "0.01 on \"*.W\", or a list of such")
            case "metrics": metrics = try machine.metrics(setting.value, at: setting.valueSpan)
            case "augment":
                augmentations = try reader.augmentations()
            case "validate":
                validation = reader.isNone ? nil : try machine.dataset(setting.value, at: setting.valueSpan)
            case "epochs": epochs = try reader.count(unit: .epochs, from: 0)
            case "steps": steps = try reader.count(unit: .steps, from: 0)
            case "batch": batch = try reader.count(unit: nil, from: 1)
            case "seed": seed = UInt64(try reader.count(unit: nil, from: 0))
            case "precision": precision = try reader.precision()
            case "stop": stop = reader.isNone ? nil : try reader.stop()
            case "checkpoint": checkpoint = reader.isNone ? nil : try reader.checkpoint()
            case "from": start = reader.isNone ? nil : try reader.path()
            case "freeze": frozen = try reader.selectors()
            default: preconditionFailure("setting \(setting.name.name) has a name but no meaning")
            }
        }
        self.optimizer = try optimizer ?? machine.libraryRule("adam", at: span)
        if loss == nil, lossFunction == nil {
            loss = try machine.defaultLoss(classes: data.classCount, at: span)
        }
    }
}

/// Reads the value of one setting.
struct SettingReader {
    let setting: SettingValue
    let machine: Machine

    init(_ setting: SettingValue, _ machine: Machine) {
        self.setting = setting
        self.machine = machine
    }

    var isNone: Bool {
        if case .none = setting.value { return true }
        return false
    }

    var isUnknown: Bool { machine.isUnknown(setting.value) }

    func mismatch(_ expected: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(
            "the setting '\(setting.name.name)' does not fit", at: setting.valueSpan, expected: expected,
            found: setting.value.described, hint: hint)
    }

    /// A whole number, with `unit` or without any.
    func count(unit: Unit?, from lowest: Int) throws -> Int {
        var value = setting.value.plainNumber
        if case .quantity(let quantity) = setting.value { value = quantity.unit == unit ? quantity.value : nil }
        guard let value, let count = wholeNumber(value), count >= lowest else {
            let kind = lowest == 0 ? "a whole number of 0 or more" : "a whole number of \(lowest) or more"
            throw mismatch(unit.map { "\(kind), with the unit \($0.rawValue) or without" } ?? kind)
        }
        return count
    }

    func number() throws -> Double {
        guard let number = setting.value.plainNumber else { throw mismatch("a number") }
        return number
    }

    /// Numbers for weights: `0.1 on "conv*"`, or one for all.
    func selectedNumbers(example: String) throws -> [SelectedNumber] {
        let parts: [Value]
        switch setting.value {
        case .none: return []
        case .list(let list): parts = list
        default: parts = [setting.value]
        }
        return try parts.map { part in
            let (value, selector) = try restricted(part)
            guard let number = value.plainNumber else { throw mismatch(example) }
            return SelectedNumber(number, on: selector)
        }
    }

    /// A rule of one kind.
    func rule(_ kind: Declaration.Kind, _ value: Value, expected: String) throws -> RuleValue {
        guard let rule = try machine.rule([kind], value, at: setting.valueSpan) else { throw mismatch(expected) }
        return rule
    }

    /// A function of targets and outputs that is no declared loss.
    func lossFunction() throws -> FunctionValue {
        guard case .function(let function) = setting.value, !(function is DeclaredRule) else {
            throw mismatch("a loss, or a function of targets and outputs")
        }
        return function
    }

    func regularizers() throws -> [(value: RuleValue, selector: Selector?)] {
        switch setting.value {
        case .none: return []
        case .list(let parts): return try parts.map(regularizer)
        default: return [try regularizer(setting.value)]
        }
    }

    private func regularizer(_ value: Value) throws -> (value: RuleValue, selector: Selector?) {
        let (inner, selector) = try restricted(value)
        let expected = "a regularizer such as l2(1e-4), or a list of them"
        return (try rule(.regularizer, inner, expected: expected), selector)
    }

    /// What stands before `on`, and which weights stand after it.
    private func restricted(_ value: Value) throws -> (value: Value, selector: Selector?) {
        guard case .object(let object) = value, let restricted = object as? RestrictedValue else { return (value, nil) }
        return (restricted.value, try machine.selector(restricted.selector, at: restricted.selectorSpan))
    }

    func augmentations() throws -> [AugmentationValue] {
        switch setting.value {
        case .none: return []
        case .list(let parts): return try parts.map(augmentation)
        default: return [try augmentation(setting.value)]
        }
    }

    private func augmentation(_ value: Value) throws -> AugmentationValue {
        if let augmentation = try machine.augmentation(value, at: setting.valueSpan) { return augmentation }
        throw mismatch("an augmentation such as flip(horizontal), or a list of them")
    }

    func path() throws -> String {
        guard case .string(let path) = setting.value else { throw mismatch("the path of a file") }
        return machine.session.resolve(path: path)
    }

    func precision() throws -> ElementType {
        guard case .string(let name) = setting.value, let type = ElementType(rawValue: name) else {
            throw mismatch("\"float32\" or \"float64\"")
        }
        return type
    }

    func stop() throws -> EarlyStopping {
        guard case .object(let object) = setting.value, let stop = object as? EarlyStoppingValue else {
            throw mismatch("early(patience: 3)")
        }
        return stop.stopping
    }

    func checkpoint() throws -> CheckpointValue {
        guard case .object(let object) = setting.value, let checkpoint = object as? CheckpointValue else {
            throw mismatch("every(1 epoch)")
        }
        return checkpoint
    }

    func selectors() throws -> [Selector] {
        switch setting.value {
        case .none: return []
        case .list(let parts): return try parts.map { try machine.selector($0, at: setting.valueSpan) }
        default: return [try machine.selector(setting.value, at: setting.valueSpan)]
        }
    }
}

extension Machine {
    /// Which weights a text selects.
    func selector(_ value: Value, at span: SourceSpan) throws -> Selector {
        guard case .string(let text) = value else {
            throw Diagnostic(
                "weights are selected by a text", at: span, expected: "a selector such as \"conv*\"",
                found: value.described)
        }
        return try located(span) { try Selector(parsing: text) }
    }

    /// Cross-entropy for classes, the mean squared error for numbers.
    func defaultLoss(classes: Int, at span: SourceSpan) throws -> RuleValue {
        try libraryRule(classes > 0 ? "cross_entropy" : "mse", at: span)
    }
}
