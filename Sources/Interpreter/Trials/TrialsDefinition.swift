import Language
import Tensors

/// What stands between the braces of `compare` and `sweep`: what varies, and the seeds that each variant is run with.
struct TrialsDefinition {
    /// `optimizer in [sgd(0.1), adam(1e-3)]`.
    struct Variable {
        let name: String
        let values: [Value]
        /// What a table calls each value.
        let labels: [String]
        /// Not to be known while the script is checked.
        let isUnknown: Bool

        /// The values, where all are numbers.
        var numbers: [Double]? {
            let numbers = values.compactMap(\.plainNumber)
            return numbers.count == values.count && numbers.count > 1 ? numbers : nil
        }
    }

    let kind: Trials.Kind
    let variables: [Variable]
    var seeds: [UInt64]

    /// A row is a value of each variable, by position; the last variable changes fastest.
    let rows: [[Int]]

    /// Trials that may be asked for.
    private static let limit = 100_000

    init(_ kind: Trials.Kind, _ settings: [SettingValue], at span: SourceSpan, _ machine: Machine) throws {
        self.kind = kind
        let variations = settings.filter { $0.form == .variation }
        seeds = Self.seeds(1, machine)
        for setting in settings where setting.form != .variation {
            guard setting.name.name == "seeds" else { throw Self.unknown(setting, of: kind) }
            seeds = try Self.seeds(SettingReader(setting, machine), machine)
        }
        variables = try variations.map { try Self.variable($0, machine) }
        let count = variables.reduce(1) { $0.saturatingMultiply($1.values.count) }
        guard count.saturatingMultiply(seeds.count) <= Self.limit else {
            throw Diagnostic(
                "'\(kind.rawValue)' has too many trials", at: span, expected: "at most \(Self.limit)",
                found: "\(count.saturatingMultiply(seeds.count))")
        }
        rows = variables.reduce([[]]) { rows, variable in
            rows.flatMap { row in variable.values.indices.map { row + [$0] } }
        }
    }

    private static func unknown(_ setting: SettingValue, of kind: Trials.Kind) -> Diagnostic {
        let name = setting.name.name
        return Diagnostic(
            "unknown setting '\(name)' of '\(kind.rawValue)'", at: setting.name.span,
            expected: "seeds, and what varies: \(name) in […]",
            hint: closestName(to: name, among: ["seeds"]).map { "did you mean '\($0)'?" }
                ?? "'\(name) in …' varies it; what is the same for all belongs into the block of 'do'")
    }

    /// A number of seeds, or the seeds themselves.
    static func seeds(_ reader: SettingReader, _ machine: Machine) throws -> [UInt64] {
        if reader.isUnknown { return seeds(1, machine) }
        guard case .number = reader.setting.value else {
            let seeds = try machine.elements(of: reader.setting.value, at: reader.setting.valueSpan).map { value in
                guard let seed = value.plainNumber.flatMap(wholeNumber), seed >= 0 else {
                    throw reader.mismatch("a number of seeds, or a list of seeds, whole numbers of 0 or more")
                }
                return UInt64(seed)
            }
            guard !seeds.isEmpty, Set(seeds).count == seeds.count else {
                throw reader.mismatch("seeds that differ, at least one")
            }
            return seeds
        }
        let count = try reader.count(unit: nil, from: 1)
        guard count <= limit else { throw reader.mismatch("at most \(limit) seeds") }
        return seeds(count, machine)
    }

    /// The session's seed, as for a `fit` that stands alone, and those after it.
    private static func seeds(_ count: Int, _ machine: Machine) -> [UInt64] {
        (0..<UInt64(count)).map { machine.session.random.seed &+ $0 }
    }

    private static func variable(_ setting: SettingValue, _ machine: Machine) throws -> Variable {
        let name = setting.name.name
        if machine.isUnknown(setting.value) {
            return Variable(name: name, values: [.unknown], labels: [""], isUnknown: true)
        }
        let values: [Value]
        var labels: [String]
        if case .record(let record) = setting.value {
            (values, labels) = (record.values, record.names)
        } else {
            values = try machine.elements(of: setting.value, at: setting.valueSpan)
            let texts = setting.elementTexts.flatMap { $0.count == values.count ? $0 : nil }
            labels = values.enumerated().map { index, value in
                switch value {
                case .string(let text): text
                case .number(let number): shortNumberText(number, digits: 4)
                default: (texts?[index] ?? value.shown).oneLine
                }
            }
        }
        guard !values.isEmpty else {
            throw Diagnostic(
                "there is nothing to compare: '\(name)' takes no values", at: setting.valueSpan,
                expected: "a list or a record of one value or more", found: setting.value.described)
        }
        for index in labels.indices {
            let earlier = labels[..<index].filter { $0 == labels[index] }.count
            if earlier > 0 { labels[index] += " #\(earlier + 1)" }
        }
        return Variable(name: name, values: values, labels: labels, isUnknown: false)
    }

    // MARK: Rows

    /// The arguments of the block.
    func values(ofRow row: Int) -> [Value] { zip(variables, rows[row]).map { $0.values[$1] } }

    func labels(ofRow row: Int) -> [String] { zip(variables, rows[row]).map { $0.labels[$1] } }

    /// `plain`, or `0.001, 16` where two things vary.
    func name(ofRow row: Int) -> String {
        variables.isEmpty ? "all" : labels(ofRow: row).joined(separator: ", ")
    }

    var isUnknown: Bool { variables.contains(where: \.isUnknown) }
}
