#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

package func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether something is there under this path.
package func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// The names of what is in a folder, sorted by their bytes; folders end in a slash. Names that begin with a dot are left
/// out unless asked for.
///
/// - Parameter folder: Empty for the working directory.
/// - Throws: `FileError` with the system's reason where the folder cannot be read.
package func entries(of folder: String, hidden: Bool = false) throws(FileError) -> [String] {
    guard let directory = opendir(folder.isEmpty ? "." : folder) else { throw .reading(folder) }
    defer { closedir(directory) }
    var result: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard name != ".", name != "..", hidden || !name.hasPrefix(".") else { continue }
        result.append(isFolder(folder.isEmpty ? name : folder + "/" + name) ? name + "/" : name)
    }
    // Not by the locale's rules: the order must be the same on every machine.
    return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Files below a folder, as paths relative to it, sorted; none where a folder cannot be read.
package func files(below folder: String, depth: Int) -> [String] {
    guard depth > 0, let entries = try? entries(of: folder) else { return [] }
    return entries.flatMap { name in
        name.hasSuffix("/") ? files(below: folder + "/" + name.dropLast(), depth: depth - 1).map { name + $0 } : [name]
    }
}
