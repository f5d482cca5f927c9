#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A number with a fixed count of decimals (at most 17).
func fixedNumber(_ value: Double, decimals: Int) -> String {
    formatted(value, "%.\(min(max(decimals, 0), 17))f")
}

/// A number in at most four significant digits, with an exponent where it is very large or small.
func shortNumber(_ value: Double) -> String { formatted(value, "%.4g") }

/// C's formatting, which unlike Foundation's costs a short-lived process no start-up time.
private func formatted(_ value: Double, _ format: String) -> String {
    var buffer = [CChar](repeating: 0, count: 400)
    let length = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(max(0, Int(length))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
