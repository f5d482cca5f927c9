#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A number in a format of C's `printf`, such as `"%.4g"`.
package func formatted(_ format: String, _ value: Double) -> String {
    withVaList([value]) { arguments in
        var text = [CChar](repeating: 0, count: 64)
        let count = vsnprintf(&text, text.count, format, arguments)
        return String(decoding: text.prefix(min(max(0, Int(count)), 63)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A duration for people: `7 ms`, `1.25 s`, `1m 05s`, `2h 03m`; `-` for what is not finite.
public func durationText(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "-" }
    let seconds = max(0, seconds)
    if seconds < 0.0095 { return formatted("%.1f ms", seconds * 1000) }
    if seconds < 0.9995 { return formatted("%.0f ms", seconds * 1000) }
    if seconds < 9.995 { return formatted("%.2f s", seconds) }
    if seconds < 59.5 { return formatted(seconds.rounded() == seconds ? "%.0f s" : "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60)m \(twoDigits(whole % 60))s" }
    return "\(whole / 3600)h \(twoDigits(whole / 60 % 60))m"
}

private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
