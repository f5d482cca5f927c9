import Figures
import Graphs
import Language
import Scheduling
import Tensors

/// What a session keeps beside the names: its sources, modules, random numbers, and whoever listens.
final class Session {
    let configuration: InterpreterConfiguration
    weak var host: (any InterpreterHost)?

    /// The numbers that nodes carry for files.
    private var files: [SourceFile] = []
    private var fileNumbers: [ObjectIdentifier: Int32] = [:]
    private var lastFile: (file: SourceFile, number: Int32)?

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
    /// Datasets that were read, by name or folder.
    var datasets: [String: Value] = [:]
    /// The training that Ctrl-C stopped last.
    var interruptedRun: RunValue?
    /// A script is running, not a cell of the prompt: what is stopped is saved to a file.
    var isScript = false
    /// What to tell of a training that was stopped: its statement ends as usual, then the cell ends.
    var interruption: String?

    init(configuration: InterpreterConfiguration, host: any InterpreterHost) {
        self.configuration = configuration
        self.host = host
        random = RandomStream(seed: configuration.seed ?? 0)
        language = NetworkLanguage()
        languageBuiltins = Dictionary(
            type(of: language).builtins.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        standardLibraryFolder = standardLibrary(configuration.standardLibrary)
    }

    func number(of file: SourceFile) -> Int32 {
        if let lastFile, lastFile.file === file { return lastFile.number }
        let number: Int32
        if let known = fileNumbers[ObjectIdentifier(file)] {
            number = known
        } else {
            number = Int32(files.count)
            files.append(file)
            fileNumbers[ObjectIdentifier(file)] = number
        }
        lastFile = (file, number)
        return number
    }

    /// The place that a node remembers.
    func span(of origin: Origin?) -> SourceSpan? {
        guard let origin, files.indices.contains(Int(origin.source)) else { return nil }
        return SourceSpan(file: files[Int(origin.source)], lower: Int(origin.lower), upper: Int(origin.upper))
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
}
