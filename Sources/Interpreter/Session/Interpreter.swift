import Files
import Graphs
import Language
import Scheduling
import Tensors
import Training

/// Reads and runs nnx: the values and names of one session.
///
/// One thread uses it at a time; `cancellation` may be used from any.
public final class Interpreter {
    /// Stops what is running: once between two steps, twice at once.
    public let cancellation: CancellationToken

    let session: Session
    let machine: Machine
    let scope = ModuleScope()

    /// - Throws: `Diagnostic` for a setting that makes no sense.
    public init(configuration: InterpreterConfiguration, host: any InterpreterHost) throws {
        var configuration = configuration
        if !configuration.workingDirectory.hasPrefix("/") {
            configuration.workingDirectory = absolutePath(configuration.workingDirectory)
        }
        var pool = ThreadPool.shared
        if let threads = configuration.threads {
            guard threads > 0 else {
                throw Diagnostic("the number of threads is 1 or more", found: "\(threads)")
            }
            pool = ThreadPool(threads: threads, limit: configuration.threadLimit ?? availableCores())
        }
        cancellation = CancellationToken()
        session = Session(configuration: configuration, host: host)
        machine = Machine(
            builder: GraphBuilder(pool: pool), cancellation: cancellation, session: session)
    }

    deinit { forgetValues() }

    /// Values may be nested deeper than the calling thread's stack could take apart.
    private func forgetValues() {
        let session = session
        guard session.globals.contains(where: \.isBound) else { return }
        BigStack.run { _ in session.globals.forEach { $0.value = .unset } }
    }

    /// Parses, resolves, checks and runs a text.
    ///
    /// - Throws: `Diagnostics` with everything that is wrong, `Interruption` where it was stopped. Names that were bound
    ///   before stay.
    public func run(_ source: SourceFile, mode: RunMode) throws -> CellResult {
        session.failedExpectations = 0
        session.filesRead = [:]
        session.interruption = nil
        session.isScript = mode == .script
        session.lastFigure = nil
        do {
            return try BigStack.run { limit in
                machine.stackLimit = limit
                let program = try compile(source, mode: mode)
                if mode == .script || program.statements.count > 1 {
                    let found = check(program)
                    guard found.isEmpty else { throw Diagnostics(found) }
                }
                return try execute(program)
            }
        } catch let diagnostic as Diagnostic {
            throw Diagnostics([diagnostic])
        }
    }

    /// The mistakes that are found without running.
    public func check(_ source: SourceFile) -> [Diagnostic] {
        do {
            return try BigStack.run { limit in
                machine.stackLimit = limit
                let names = (scope.names, scope.imports)
                defer { (scope.names, scope.imports) = names }
                return check(try compile(source, mode: .script))
            }
        } catch let errors as Diagnostics {
            return errors.all
        } catch {
            return [(error as? Diagnostic) ?? Diagnostic("\(error)")]
        }
    }

    /// Forgets all names, and begins random numbers anew.
    public func reset() throws {
        forgetValues()
        scope.names = [:]
        scope.imports = [:]
        session.reset()
    }

    /// What may stand at byte `cursor` of `line`: names, settings after `(`, modules after `use`, paths in strings, fields
    /// after a point.
    public func completions(in line: String, cursor: Int) -> CompletionResult {
        Completion(session: session, scope: scope, machine: machine).candidates(in: line, cursor: cursor)
    }

    /// Signature, formula, shapes, defaults, example and source of a name or a word of the language; nil for anything else.
    public func help(_ topic: String) -> String? {
        Help(session: session, scope: scope).text(topic)
    }

    /// The names that the session bound, with what they stand for.
    public func names() -> [(name: String, summary: String)] {
        scope.names.values.sorted { $0.name < $1.name }.compactMap { variable in
            if case .unset = variable.value { return nil }
            return (variable.name, variable.value.summary)
        }
    }

    // MARK: Running

    private func compile(_ source: SourceFile, mode: RunMode) throws -> CompiledProgram {
        let tree = try parse(source)
        session.parameterNames = []
        let resolver = Resolver(session: session, scope: scope, mode: mode, file: source)
        let program = try resolver.compile(tree)
        if mode == .script { try refuseUnknownParameters() }
        return program
    }

    private func refuseUnknownParameters() throws {
        let unknown = session.configuration.parameters.keys.filter { !session.parameterNames.contains($0) }.sorted()
        guard !unknown.isEmpty else { return }
        throw Diagnostics(
            unknown.map { name in
                let near = closestName(to: name, among: session.parameterNames)
                return Diagnostic(
                    "the script has no parameter '\(name)'",
                    expected: session.parameterNames.isEmpty
                        ? "no parameters" : session.parameterNames.joined(separator: ", "),
                    hint: near.map { "did you mean '\($0)'?" })
            })
    }

    private func execute(_ program: CompiledProgram) throws -> CellResult {
        var last = Value.none
        do {
            try session.runPrelude(machine)
            let frame = try machine.enter(program.code, at: program.code.span)
            defer { machine.leave(frame, program.code) }
            for statement in program.statements {
                last = try statement.node.evaluate(machine, frame)
                if !statement.hasValue { last = .none }
                if session.interruption != nil {
                    throw machine.interruption(of: statement.binds.first { $0.holds(session.interruptedRun) }?.name)
                }
            }
        } catch {
            machine.recover()
            throw finished(error)
        }
        return CellResult(
            echo: echo(of: last), failedExpectations: session.failedExpectations, figure: session.lastFigure)
    }

    private func finished(_ error: any Error) -> any Error {
        switch error {
        case let error as NeedsValueError:
            return Diagnostics([
                Diagnostic("this needs a number that is not there yet", at: session.span(of: error.origin))
            ])
        case is Cancelled: return Interruption(message: "interrupted", aborted: true)
        case is Interruption, is Diagnostics: return error
        default:
            let located = machine.locating(error, at: nil)
            return Diagnostics([(located as? Diagnostic) ?? Diagnostic("\(error)")])
        }
    }

    private func echo(of value: Value) -> String? {
        switch value {
        case .none, .unset: return nil
        case .object(let object) where object is FigureValue: return nil
        default: return value.shown
        }
    }

    // MARK: Checking

    /// Runs over shapes. Values of names are as before afterwards.
    private func check(_ program: CompiledProgram) -> [Diagnostic] {
        let values = session.globals.map { ($0, $0.value) }
        let modules = session.modules.values.map { ($0, $0.hasRun) }
        let random = session.random
        machine.isChecking = true
        session.willBeWritten = []
        defer {
            machine.isChecking = false
            machine.checkedCells = []
            machine.recover()
            session.random = random
            for (variable, value) in values { variable.value = value }
            for (module, hasRun) in modules { module.hasRun = hasRun }
        }
        var found: [Diagnostic] = []
        machine.checkSteps = 0
        do {
            try session.runPrelude(machine)
            let frame = try machine.enter(program.code, at: program.code.span)
            defer { machine.leave(frame, program.code) }
            for statement in program.statements {
                machine.checkSteps = 0
                do {
                    _ = try statement.node.evaluate(machine, frame)
                } catch is Interruption {
                    return []
                } catch {
                    machine.recoverInStatement()
                    for variable in statement.binds { variable.value = .unknown }
                    machine.forget([], frame)
                    if let diagnostic = machine.locating(error, at: statement.span) as? Diagnostic {
                        found.append(diagnostic)
                    } else if let several = error as? Diagnostics {
                        found += several.all
                    }
                }
            }
        } catch {
            if let diagnostic = error as? Diagnostic { found.append(diagnostic) }
        }
        return found
    }
}

extension GlobalVariable {
    /// Whether its value is this run.
    fileprivate func holds(_ run: RunValue?) -> Bool {
        guard case .object(let object) = value else { return false }
        return object === run
    }
}
