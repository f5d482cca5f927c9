import Language

/// A line that speaks to the prompt and not to the language: `:help`, `:load "file"`, `?conv`.
public enum PromptCommand: Equatable, Sendable {
    /// All commands, or the help text of a topic.
    case help(topic: String?)
    /// Runs a file in the session.
    case load(path: String)
    /// Writes the cells that succeeded to a file.
    case save(path: String)
    /// Forgets all names.
    case reset
    /// Tells the times, or chooses which are shown.
    case time(TimeDisplay?)
    /// The names and their values in short.
    case who
    /// Ends the session.
    case quit

    /// Which cells' times are shown.
    public enum TimeDisplay: String, CaseIterable, Sendable {
        /// None.
        case off
        /// Of cells that take `shortestShownSeconds` or longer.
        case on
        /// Of every cell.
        case all

        /// The time in seconds from which `.on` shows it: what a person feels as a wait.
        public static let shortestShownSeconds = 0.1

        /// Whether the time of a cell that took `seconds` is shown.
        public func shows(_ seconds: Double) -> Bool {
            switch self {
            case .off: false
            case .on: seconds >= Self.shortestShownSeconds
            case .all: true
            }
        }
    }

    /// Name, argument and one line of help of every command, in the order in which `:help` lists them.
    public static let table: [(name: String, argument: String, summary: String)] = [
        (":help", "[TOPIC]", "this list, or the help on TOPIC (also ?TOPIC)"),
        (":load", "FILE", "run a script in this session; its names stay"),
        (":save", "FILE", "write the cells that succeeded to a script"),
        (":reset", "", "forget all names and begin again at [1]"),
        (":time", "[off|on|all]", "tell the times; show them never, for long cells, always"),
        (":who", "", "the names in use and their values in short"),
        (":quit", "", "end the session (also Ctrl-D)"),
    ]

    /// Whether a line is a command rather than a part of a cell.
    public static func isCommand(_ line: String) -> Bool {
        guard let first = line.first(where: { !$0.isWhitespace }) else { return false }
        return first == ":" || first == "?"
    }

    /// Reads a line for which `isCommand` holds. Throws a `Diagnostic` for an unknown command (with the nearest known
    /// one), a missing or a needless argument.
    public init(parsing line: String) throws(Diagnostic) {
        let text = line.trimmingWhitespace()
        if text.hasPrefix("?") {
            let topic = text.drop { $0 == "?" }.trimmingWhitespace()
            self = .help(topic: topic.isEmpty ? nil : topic)
            return
        }
        let word = String(text.prefix { !$0.isWhitespace })
        let rest = text.dropFirst(word.count).trimmingWhitespace()
        let argument = rest.isEmpty ? nil : Self.unquoted(rest)
        switch word {
        case ":help": self = .help(topic: argument)
        case ":load": self = .load(path: try Self.required(argument, of: word))
        case ":save": self = .save(path: try Self.required(argument, of: word))
        case ":reset": self = try Self.alone(.reset, word, argument)
        case ":who": self = try Self.alone(.who, word, argument)
        case ":quit": self = try Self.alone(.quit, word, argument)
        case ":time":
            guard let argument else {
                self = .time(nil)
                return
            }
            guard let display = TimeDisplay(rawValue: argument) else {
                throw Diagnostic(":time takes on, off or all, not '\(argument)'")
            }
            self = .time(display)
        default:
            let nearest = closestName(to: word, among: Self.table.map(\.name))
            throw Diagnostic(
                "unknown command \(word)", hint: nearest.map { "did you mean \($0)?" } ?? ":help lists the commands")
        }
    }

    /// The text of `:help`.
    public static var overview: String {
        let width = table.map { $0.name.count + $0.argument.count + 1 }.max() ?? 0
        let lines = table.map { entry in
            let usage = entry.argument.isEmpty ? entry.name : "\(entry.name) \(entry.argument)"
            return "  \(usage.padded(to: width))  \(entry.summary)\n"
        }
        let keys = """
              Tab completes names, settings, modules, paths and commands.
              Alt-Enter breaks a line.
              Ctrl-C stops the running cell after its step, a second one at once.

            """
        return lines.joined() + keys
    }

    private static func required(_ argument: String?, of word: String) throws(Diagnostic) -> String {
        guard let argument else { throw Diagnostic("\(word) needs a file", hint: "\(word) \"experiment.nnx\"") }
        return argument
    }

    private static func alone(
        _ command: PromptCommand, _ word: String, _ argument: String?
    ) throws(Diagnostic) -> PromptCommand {
        if let argument { throw Diagnostic("\(word) takes no argument, not '\(argument)'") }
        return command
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return String(text.dropFirst().dropLast())
    }
}
