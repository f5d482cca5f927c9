#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How much memory there is to be had.
public enum AvailableMemory {
    /// What `NNX_MAX_MEMORY_BYTES` says, else what the system can still give without swapping and within the limit of the
    /// control group; nil where the system does not say.
    public static var bytes: Int? {
        if let text = getenv("NNX_MAX_MEMORY_BYTES"), let value = Int(String(cString: text)), value > 0 { return value }
        let system = number(after: "MemAvailable:", in: "/proc/meminfo").map { $0 << 10 }
        return [system, controlGroup].compactMap { $0 }.min()
    }

    /// The largest memory that this process had in use so far.
    package static var peakOfProcess: Int {
        #if canImport(Darwin)
        var usage = rusage()
        getrusage(RUSAGE_SELF, &usage)
        return Int(usage.ru_maxrss)
        #else
        // ru_maxrss counts what the parent had in use when it started this process; VmHWM does not.
        return number(after: "VmHWM:", in: "/proc/self/status").map { $0 << 10 } ?? 0
        #endif
    }

    /// What a control group leaves: its limit less what cannot be given back.
    private static var controlGroup: Int? {
        let folder = "/sys/fs/cgroup"
        if let limit = number(after: "", in: folder + "/memory.max") {
            return max(0, limit - (number(after: "anon", in: folder + "/memory.stat") ?? 0))
        }
        guard let limit = number(after: "", in: folder + "/memory/memory.limit_in_bytes") else { return nil }
        return max(0, limit - (number(after: "rss", in: folder + "/memory/memory.stat") ?? 0))
    }

    /// The number behind a key at the beginning of a line.
    private static func number(after key: String, in path: String) -> Int? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            if key.isEmpty { return words.first.flatMap { Int($0) } }
            if words.count > 1, words[0] == key { return Int(words[1]) }
        }
        return nil
    }
}
