import Figures
import Graphs
import Language
import Scheduling
import Tensors

/// What a session keeps beside the names: its sources, modules, random numbers, and whoever listens.
final class Session {
    let configuration: InterpreterConfiguration
    weak var host: (any InterpreterHost)?

    private let files: NumberedFiles

    /// The stream that `randn` and its like draw from; `seed N` begins a new one.
    var random: RandomStream
    /// Failed expectations of the run in progress.
    var failedExpectations = 0
    /// The figure that was shown last in the run in progress.
    var lastFigure: Figure?
    /// The figures drawn so far in a `panels` block; nil outside of one.
    var collectedFigures: [Figure]?
    /// Names of `param` statements met so far, for "unknown override".
    var parameterNames: [String] = []
    /// Modules by absolute path.
    var modules: [String: Module] = [:]
    /// Every variable of every module.
    private(set) var globals: [GlobalVariable] = []
    /// Modules that are being read, for cycles.
    var modulesBeingRead: [String] = []

    /// The parts of the language about nets and training.
    let language: any LanguageExtension
    let standardLibraryFolder: String?
    /// Values of builtins, made when they are first named.
    var builtinValues: [String: Value] = [:]
    let languageBuiltins: [String: Builtin]
    // The prelude: see ModuleSearch.
    var loadedPrelude: [Module] = []
    var isReadingPrelude = false
    var didReadPrelude = false
    var preludeInUse = false
    /// Files that the script in progress writes, as far as it was checked: what is in them is not known yet.
    var willBeWritten: Set<String> = []
    /// Published datasets that were read, by name.
    var datasets: [String: Value] = [:]
    /// Data of files that the text in progress reads: its check and its run share them.
    var filesRead: [String: Value] = [:]
    /// The training that Ctrl-C stopped last.
    var interruptedRun: RunValue?
    /// How far the fits of a trial of a script are; nil for all else.
    var trialStates: TrialStates?
    /// A script is running, not a cell of the prompt: what is stopped is saved to a file.
    var isScript = false
    /// What to tell of a training that was stopped, for what the script calls its run: its statement ends as usual, then
    /// the cell ends.
    var interruption: ((_ run: String) -> String)?

    init(configuration: InterpreterConfiguration, host: any InterpreterHost) {
        self.configuration = configuration
        self.host = host
        files = NumberedFiles()
        random = RandomStream(seed: configuration.seed ?? 0)
        language = NetworkLanguage()
        languageBuiltins = Dictionary(
            type(of: language).builtins.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        standardLibraryFolder = standardLibrary(configuration.standardLibrary)
    }

    /// The session of a trial that runs beside others: it shares names, modules and files with `session`, and has random
    /// numbers, expectations and a listener of its own.
    init(trialOf session: Session, seed: UInt64, states: TrialStates?, host: any InterpreterHost) {
        trialStates = states
        configuration = session.configuration
        self.host = host
        files = session.files
        random = RandomStream(seed: seed)
        parameterNames = session.parameterNames
        modules = session.modules
        globals = session.globals
        language = session.language
        standardLibraryFolder = session.standardLibraryFolder
        builtinValues = session.builtinValues
        languageBuiltins = session.languageBuiltins
        loadedPrelude = session.loadedPrelude
        (didReadPrelude, preludeInUse) = (session.didReadPrelude, session.preludeInUse)
        (datasets, filesRead) = (session.datasets, session.filesRead)
    }

    func number(of file: SourceFile) -> Int32 { files.number(of: file) }

    /// The place that a node remembers.
    func span(of origin: Origin?) -> SourceSpan? {
        guard let origin, let file = files[origin.source] else { return nil }
        return SourceSpan(file: file, lower: Int(origin.lower), upper: Int(origin.upper))
    }

    func makeGlobal(_ name: String) -> GlobalVariable {
        let variable = GlobalVariable(name: name)
        globals.append(variable)
        return variable
    }

    func forgetGlobalsAssignedInFunctions() {
        for variable in globals where variable.isAssignedInFunction { variable.value = .unknown }
    }

    /// Forgets the names and modules of the session.
    func reset() {
        random = RandomStream(seed: configuration.seed ?? 0)
        modules = [:]
        globals = []
        loadedPrelude = []
        (didReadPrelude, preludeInUse) = (false, false)
    }

    /// What a text given for a parameter stands for.
    func value(ofParameter name: String, text: String, _ machine: Machine) throws -> Value {
        let file = SourceFile(name: "--set \(name)", text: text)
        let program = try parse(file)
        let compiled = try Resolver(session: self, scope: ModuleScope(), mode: .cell, file: file).compile(program)
        guard compiled.statements.count == 1, compiled.statements[0].hasValue else {
            throw Diagnostic("the value given for '\(name)' is one expression", at: file.wholeSpan)
        }
        let frame = try machine.enter(compiled.code, at: file.wholeSpan)
        defer { machine.leave(frame, compiled.code) }
        return try compiled.statements[0].node.evaluate(machine, frame)
    }

    func emit(_ event: HostEvent) { host?.receive(event) }

    /// Shows a figure, or adds it to those that an outer `panels` shows.
    func show(_ figure: Figure) {
        guard collectedFigures == nil else {
            collectedFigures?.append(figure)
            return
        }
        lastFigure = figure
        emit(.figure(figure))
    }
}

/// The numbers that nodes carry for files.
private final class NumberedFiles {
    private var files: [SourceFile] = []
    private var numbers: [ObjectIdentifier: Int32] = [:]
    private var last: (file: SourceFile, number: Int32)?

    subscript(number: Int32) -> SourceFile? { files.indices.contains(Int(number)) ? files[Int(number)] : nil }

    func number(of file: SourceFile) -> Int32 {
        if let last, last.file === file { return last.number }
        let number: Int32
        if let known = numbers[ObjectIdentifier(file)] {
            number = known
        } else {
            number = Int32(files.count)
            files.append(file)
            numbers[ObjectIdentifier(file)] = number
        }
        last = (file, number)
        return number
    }
}
