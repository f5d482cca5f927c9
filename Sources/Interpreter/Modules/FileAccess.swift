#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The bytes of a file, nil where it cannot be read.
func readBytes(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var status = stat()
    guard fstat(fileno(file), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
}

func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Files below a folder, as paths relative to it, sorted.
func listFiles(_ folder: String, depth: Int) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var result: [String] = []
    while let entry = readdir(directory) {
        let name = entryName(entry)
        guard !name.hasPrefix(".") else { continue }
        let path = folder + "/" + name
        if isFolder(path) {
            if depth > 1 { result += listFiles(path, depth: depth - 1).map { name + "/" + $0 } }
        } else {
            result.append(name)
        }
    }
    return result.sorted()
}

/// The entries of a folder, sorted; folders end in a slash.
func listEntries(_ folder: String) -> [String] {
    guard let directory = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { closedir(directory) }
    var result: [String] = []
    while let entry = readdir(directory) {
        let name = entryName(entry)
        guard !name.hasPrefix(".") else { continue }
        result.append(isFolder(folder + "/" + name) ? name + "/" : name)
    }
    return result.sorted()
}

private func entryName(_ entry: UnsafeMutablePointer<dirent>) -> String {
    withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
}

/// The folder that the running program lies in.
func executableFolder() -> String? {
    #if os(Linux)
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map { readlink("/proc/self/exe", $0.assumingMemoryBound(to: CChar.self), 4095) } ?? 0
    }
    guard count > 0 else { return nil }
    let path = String(decoding: buffer.prefix(count), as: UTF8.self)
    #else
    var size: UInt32 = 4096
    var buffer = [CChar](repeating: 0, count: Int(size))
    guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
    let path = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #endif
    return path.lastIndex(of: "/").map { String(path[..<$0]) }
}

/// The folder of the standard library: what was asked for, `NNX_STDLIB`, or a folder `stdlib` beside or above the
/// executable.
func standardLibrary(_ wanted: String?) -> String? {
    if let wanted { return wanted }
    if let folder = environment("NNX_STDLIB"), !folder.isEmpty { return folder }
    guard var folder = executableFolder() else { return nil }
    for _ in 0..<6 {
        for candidate in [folder + "/stdlib", folder + "/share/nnx/stdlib"] where isFolder(candidate) {
            return candidate
        }
        guard let slash = folder.lastIndex(of: "/") else { return nil }
        folder = String(folder[..<slash])
    }
    return nil
}

/// The absolute form of a path of the process's working directory.
func absolutePath(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let buffer = getcwd(nil, 0) else { return path }
    defer { free(buffer) }
    let folder = String(cString: buffer)
    return path == "." || path.isEmpty ? folder : folder + "/" + path
}
