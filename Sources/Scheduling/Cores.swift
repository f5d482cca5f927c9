#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The number of cores that this process may run on, at least 1.
///
/// On Linux this respects the affinity mask (`taskset`, container CPU sets), as the kernel reports it.
public func availableCores() -> Int {
    #if os(Linux)
    if let count = allowedCores(status: "/proc/self/status"), count > 0 { return count }
    #endif
    return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}

/// The number of threads to use when nobody named one: `NNX_THREADS` if it is a positive number, else every core.
public func defaultThreadCount() -> Int {
    if let text = getenv("NNX_THREADS"), let threads = Int(String(cString: text)), threads > 0 { return threads }
    return availableCores()
}

/// The bits set in the line `Cpus_allowed:`, whose value is a hexadecimal mask with commas. `sched_getaffinity` is a
/// GNU extension that Swift's Glibc module leaves out.
private func allowedCores(status path: String) -> Int? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    let field = "Cpus_allowed:"
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
        let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        guard text.hasPrefix(field) else { continue }
        return text.dropFirst(field.count).reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount }
    }
    return nil
}
