import Datasets
import Graphs
import Language
import Networks
import Tensors
import Training

/// The settings of a `fit`, read from what the script gives.
struct FitSettings {
    var loss: DeclaredObjective?
    var lossFunction: FunctionValue?
    var optimizer: OptimizerValue
    var regularizers: [(value: RegularizerValue, selector: Selector?)] = []
    var augmentations: [AugmentationValue] = []
    var validation: Dataset?
    var epochs = 10
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
        "loss", "optimizer", "regularize", "augment", "validate", "epochs", "steps", "batch", "seed", "precision",
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
        var optimizer: OptimizerValue?
        for setting in settings {
            places[setting.name.name] = setting.valueSpan
            let reader = SettingReader(setting, machine)
            // Not known while the script is checked: the setting keeps its default.
            if reader.isUnknown { continue }
            switch setting.name.name {
            case "loss":
                switch setting.value {
                case .function(let declared as DeclaredObjective): loss = declared
                case .function(let function): lossFunction = function
                default: throw reader.mismatch("a loss, or a function of targets and outputs")
                }
            case "optimizer": optimizer = try reader.optimizer()
            case "regularize": regularizers = try reader.regularizers()
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
        if let steps, places["epochs"] == nil {
            // Steps alone say when the training ends, however many epochs they take.
            let stepsPerEpoch = batch.map { (data.size + $0 - 1) / $0 } ?? 1
            epochs = max(1, (steps + stepsPerEpoch - 1) / max(1, stepsPerEpoch))
        }
        self.optimizer = try optimizer ?? machine.defaultOptimizer(at: span)
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

    func optimizer() throws -> OptimizerValue {
        switch setting.value {
        case .object(let object):
            if let optimizer = object as? OptimizerValue { return optimizer }
        case .function(let declared as DeclaredOptimizer):
            let call = CallArguments(span: setting.valueSpan, values: [], labels: [], spans: [])
            if case .object(let object) = try declared.call(call, machine), let optimizer = object as? OptimizerValue {
                return optimizer
            }
        default: break
        }
        throw mismatch("an optimizer such as adam(1e-3)")
    }

    func regularizers() throws -> [(value: RegularizerValue, selector: Selector?)] {
        switch setting.value {
        case .none: return []
        case .list(let parts): return try parts.map(regularizer)
        default: return [try regularizer(setting.value)]
        }
    }

    private func regularizer(_ value: Value) throws -> (value: RegularizerValue, selector: Selector?) {
        if case .object(let object) = value {
            if let regularizer = object as? RegularizerValue { return (regularizer, nil) }
            if let restricted = object as? RestrictedValue, case .object(let inner) = restricted.value,
                let regularizer = inner as? RegularizerValue
            {
                return (regularizer, try machine.selector(restricted.selector, at: restricted.selectorSpan))
            }
        }
        throw mismatch("a regularizer such as l2(1e-4), or a list of them")
    }

    func augmentations() throws -> [AugmentationValue] {
        switch setting.value {
        case .none: return []
        case .list(let parts): return try parts.map(augmentation)
        default: return [try augmentation(setting.value)]
        }
    }

    private func augmentation(_ value: Value) throws -> AugmentationValue {
        switch value {
        case .function(let declared as DeclaredAugmentation):
            return try declared.configured(at: setting.valueSpan, machine)
        case .object(let object):
            if let augmentation = object as? AugmentationValue { return augmentation }
        case .cell(let cell): return try augmentation(cell.value)
        default: break
        }
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

    fileprivate func defaultOptimizer(at span: SourceSpan) throws -> OptimizerValue {
        guard case .function(let declared as DeclaredOptimizer)? = try session.libraryValue("adam", self) else {
            throw Diagnostic("the standard library's 'adam' is missing", at: span)
        }
        return OptimizerValue(
            declared.template, arguments: declared.template.signature.parameters.map { _ in Value.unset })
    }

    /// Cross-entropy for classes, the mean squared error for numbers.
    func defaultLoss(classes: Int, at span: SourceSpan) throws -> DeclaredObjective {
        let name = classes > 0 ? "cross_entropy" : "mse"
        guard case .function(let loss as DeclaredObjective)? = try session.libraryValue(name, self) else {
            throw Diagnostic("the standard library's '\(name)' is missing", at: span)
        }
        return loss
    }
}
