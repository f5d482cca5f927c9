import Files

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The folder of the standard library: what was asked for, `NNX_STDLIB`, or a folder `stdlib` beside or above the
/// executable.
func standardLibrary(_ wanted: String?) -> String? {
    if let wanted { return wanted }
    if let folder = environment("NNX_STDLIB") { return folder }
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

/// The folder that the running program lies in.
private func executableFolder() -> String? {
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
