import Datasets
import Files
import Language

extension Session {
    /// The value of a name of the prelude: what `fit` takes where a setting is left out.
    func libraryValue(_ name: String, _ machine: Machine) throws -> Value? {
        guard let variable = preludeName(name, besides: ModuleScope()) else { return nil }
        try runPrelude(machine)
        return variable.value
    }

    /// Whether a file belongs to the standard library.
    func isStandardLibrary(_ file: SourceFile) -> Bool { file.name.hasPrefix("stdlib/") }

    /// A path of a script as an absolute one.
    func resolve(path: String) -> String {
        path.hasPrefix("/") ? path : configuration.workingDirectory + "/" + path
    }

    /// The absolute path of a file that is read: from the working directory, or where it is not there, from the folder of
    /// the script that names it.
    func resolve(reading path: String, for span: SourceSpan) -> String {
        let here = resolve(path: path)
        guard !path.hasPrefix("/"), !exists(here), let slash = span.file.name.lastIndex(of: "/") else { return here }
        let beside = resolve(path: span.file.name[...slash] + path)
        return exists(beside) ? beside : here
    }

    /// Data that is read once a session: the check before running and the run share it.
    func dataset(named name: String, _ read: () throws -> DatasetPair) throws -> Value {
        if let value = datasets[name] { return value }
        let value = Value.object(DatasetPairValue(try read()))
        datasets[name] = value
        return value
    }
}
