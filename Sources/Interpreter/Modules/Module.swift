import Language

/// A file that `use` reads: its names, and its body, which runs once.
final class Module {
    /// `optim`, `nets.lenet` or the path as written.
    let name: String
    let path: String
    let file: SourceFile
    let scope = ModuleScope()
    /// FNV-1a of the text, kept in the records of runs.
    let contentHash: UInt64
    private(set) var program: CompiledProgram?
    /// Whether its names have values; the check runs a module for itself.
    var hasRun = false

    init(name: String, path: String, file: SourceFile) {
        self.name = name
        self.path = path
        self.file = file
        contentHash = file.bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    func compile(_ session: Session) throws {
        let tree = try parse(file)
        let resolver = Resolver(session: session, scope: scope, mode: .script, file: file)
        program = try resolver.compile(tree)
    }

    func run(_ machine: Machine, at span: SourceSpan?) throws {
        guard !hasRun, let program else { return }
        hasRun = true
        let random = machine.session.random
        defer { machine.session.random = random }
        do {
            let frame = try machine.enter(program.code, at: file.wholeSpan)
            defer { machine.leave(frame, program.code) }
            for statement in program.statements { _ = try statement.node.evaluate(machine, frame) }
        } catch {
            hasRun = false
            if let diagnostic = machine.locating(error, at: file.wholeSpan) as? Diagnostic, let span {
                throw diagnostic.adding(note: "in the module used here", at: span)
            }
            throw error
        }
    }
}

/// The name after `as`: `resnet.resnet18()`.
final class ModuleValue: ObjectValue {
    let module: Module
    let typeName = "module"

    init(_ module: Module) { self.module = module }

    func preview() -> String { "module \(module.name)" }
    var fieldNames: [String] { module.scope.names.keys.sorted() }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        guard let value = module.scope.names[name]?.value else { return nil }
        if case .unset = value { return nil }
        return value
    }

    func isEqual(to other: any ObjectValue) -> Bool { (other as? ModuleValue)?.module === module }
}
