import Files
import Language

extension Session {
    /// The module that a `use` names: read and compiled the first time.
    ///
    /// Searched beside the script, in the project's `snippets/` and its own folder, in the folders of `NNX_PATH`, in the
    /// standard library.
    func module(for use: Use, from file: SourceFile) throws -> Module {
        let relative: String
        let name: String
        switch use.source {
        case .module(let parts):
            name = parts.map(\.name).joined(separator: ".")
            relative = parts.map(\.name).joined(separator: "/") + ".nnx"
        case .file(let path):
            name = path
            relative = path
        }
        let folders = searchFolders(from: file)
        let candidates = relative.hasPrefix("/") ? [relative] : folders.map { $0 + "/" + relative }
        for path in candidates {
            if let module = modules[path] {
                guard !modulesBeingRead.contains(path) else { throw cycle(to: path, at: use.sourceSpan) }
                return module
            }
            guard let bytes = try? readFile(path) else { continue }
            return try read(name: name, path: path, bytes: bytes, at: use.sourceSpan)
        }
        let near = closestName(to: name, among: moduleNames(from: file))
        throw Diagnostic(
            "no module '\(name)'", at: use.sourceSpan, expected: "a file '\(relative)' in one of the searched folders",
            found: "nothing in "
                + (relative.hasPrefix("/") ? "'\(relative)'" : folders.map(short).joined(separator: ", ")),
            hint: near.map { "did you mean '\($0)'?" })
    }

    private func read(name: String, path: String, bytes: [UInt8], at span: SourceSpan?) throws -> Module {
        let module = Module(name: name, path: path, file: SourceFile(name: short(path), bytes: bytes))
        modules[path] = module
        modulesBeingRead.append(path)
        defer { modulesBeingRead.removeLast() }
        do {
            try module.compile(self)
        } catch let errors as Diagnostics {
            modules[path] = nil
            guard let span else { throw errors }
            throw Diagnostics(errors.all.map { $0.adding(note: "in the module used here", at: span) })
        } catch {
            modules[path] = nil
            throw error
        }
        return module
    }

    private func cycle(to path: String, at span: SourceSpan) -> Diagnostic {
        let start = modulesBeingRead.firstIndex(of: path) ?? 0
        let names = modulesBeingRead[start...].map(short) + [short(path)]
        return Diagnostic(
            "modules use one another in a circle", at: span, found: names.joined(separator: " -> "),
            hint: "move what both need to a third module")
    }

    private func short(_ path: String) -> String {
        let base = configuration.workingDirectory + "/"
        if path == configuration.workingDirectory { return "." }
        if path.hasPrefix(base) { return String(path.dropFirst(base.count)) }
        if let library = standardLibraryFolder, path.hasPrefix(library) {
            return "stdlib" + path.dropFirst(library.count)
        }
        return path
    }

    func searchFolders(from file: SourceFile) -> [String] {
        let slash = file.name.lastIndex(of: "/")
        var beside = slash.map { String(file.name[..<$0]) } ?? configuration.workingDirectory
        if beside.hasPrefix("stdlib"), let library = standardLibraryFolder {
            beside = library + beside.dropFirst("stdlib".count)
        } else if !beside.hasPrefix("/") {
            beside = configuration.workingDirectory + "/" + beside
        }
        var folders = [beside, configuration.workingDirectory + "/snippets", configuration.workingDirectory]
        folders += (environment("NNX_PATH") ?? "").split(separator: ":").map(String.init)
        if let library = standardLibraryFolder { folders.append(library) }
        return folders.reduce(into: []) { unique, folder in
            if !unique.contains(folder) { unique.append(folder) }
        }
    }

    /// Names that may follow `use`.
    func moduleNames(from file: SourceFile) -> [String] {
        searchFolders(from: file).flatMap { folder -> [String] in
            files(below: folder, depth: 2).filter { $0.hasSuffix(".nnx") }.map {
                $0.dropLast(4).split(separator: "/").joined(separator: ".")
            }
        }.reduce(into: []) { unique, name in
            if !unique.contains(name) { unique.append(name) }
        }
    }

    /// The standard library's module that declares a name, for a hint.
    func moduleThatDeclares(_ name: String) -> String? {
        guard let library = standardLibraryFolder else { return nil }
        for relative in files(below: library, depth: 2) where relative.hasSuffix(".nnx") {
            guard let bytes = try? readFile(library + "/" + relative) else { continue }
            let result = parseWithRecovery(SourceFile(name: relative, bytes: bytes))
            let declares = result.program.statements.contains { statement in
                if case .declaration(let declaration) = statement.kind { declaration.name.name == name } else { false }
            }
            if declares { return relative.dropLast(4).split(separator: "/").joined(separator: ".") }
        }
        return nil
    }

    /// A module that is loaded already.
    func loadedModule(named name: String) -> Module? { modules.values.first { $0.name == name } }

    // MARK: What every script knows

    /// Modules of the standard library whose names need no `use`.
    static let preludeModules = [
        "layers", "activations", "blocks", "losses", "regularize", "optim", "schedule", "metrics",
    ]

    /// A name of the prelude, read when it is first asked for.
    func preludeName(_ name: String, besides scope: ModuleScope) -> GlobalVariable? {
        for module in prelude where module.scope !== scope {
            if let variable = module.scope.names[name] {
                preludeInUse = true
                return variable
            }
        }
        return nil
    }

    var preludeNames: [String] { prelude.flatMap { $0.scope.names.keys.sorted() } }

    /// Runs the prelude's modules where a compiled text uses them.
    func runPrelude(_ machine: Machine) throws {
        guard preludeInUse else { return }
        for module in prelude { try module.run(machine, at: nil) }
    }

    /// The modules; while one is being read the others see what is there so far.
    private var prelude: [Module] {
        if isReadingPrelude { return loadedPrelude }
        if didReadPrelude { return loadedPrelude }
        guard let library = standardLibraryFolder else { return [] }
        isReadingPrelude = true
        defer {
            isReadingPrelude = false
            didReadPrelude = true
        }
        for name in Self.preludeModules {
            let path = "\(library)/\(name).nnx"
            if let module = modules[path] {
                loadedPrelude.append(module)
                continue
            }
            guard let bytes = try? readFile(path) else { continue }
            do {
                loadedPrelude.append(try read(name: name, path: path, bytes: bytes, at: nil))
            } catch let errors as Diagnostics {
                errors.all.forEach { emit(.note($0)) }
            } catch { emit(.note(Diagnostic("\(error)"))) }
        }
        return loadedPrelude
    }
}
