/// The part of JSON that file headers need: objects, arrays, strings and whole numbers from 0.
///
/// Headers come from anywhere, so every mistake is an error and nothing is nested deeply enough to matter.
enum HeaderJSON: Equatable {
    case object([(key: String, value: HeaderJSON)])
    case array([HeaderJSON])
    case string(String)
    case integer(Int)

    static func == (left: HeaderJSON, right: HeaderJSON) -> Bool {
        switch (left, right) {
        case (.object(let one), .object(let other)):
            one.map(\.key) == other.map(\.key) && one.map(\.value) == other.map(\.value)
        case (.array(let one), .array(let other)): one == other
        case (.string(let one), .string(let other)): one == other
        case (.integer(let one), .integer(let other)): one == other
        default: false
        }
    }

    init(parsing bytes: some Collection<UInt8>) throws {
        var parser = Parser(bytes: Array(bytes))
        self = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.isAtEnd else { throw parser.error("something follows the value") }
    }

    private struct Parser {
        static let deepest = 8

        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        func error(_ message: String) -> TensorError {
            TensorError("the header is no JSON: \(message) at byte \(position)")
        }

        mutating func skipSpace() {
            while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        }

        mutating func take(_ character: Character) -> Bool {
            guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
            position += 1
            return true
        }

        mutating func require(_ character: Character) throws {
            skipSpace()
            guard take(character) else { throw error("'\(character)' is missing") }
        }

        mutating func value(depth: Int) throws -> HeaderJSON {
            guard depth < Self.deepest else { throw error("it is nested too deeply") }
            skipSpace()
            if take("{") { return try object(depth: depth) }
            if take("[") { return try array(depth: depth) }
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { return .string(try string()) }
            return .integer(try integer())
        }

        mutating func object(depth: Int) throws -> HeaderJSON {
            var members: [(key: String, value: HeaderJSON)] = []
            var seen = Set<String>()
            skipSpace()
            if take("}") { return .object(members) }
            repeat {
                skipSpace()
                let key = try string()
                guard seen.insert(key).inserted else { throw error("'\(key)' stands there twice") }
                try require(":")
                members.append((key, try value(depth: depth + 1)))
                skipSpace()
            } while take(",")
            try require("}")
            return .object(members)
        }

        mutating func array(depth: Int) throws -> HeaderJSON {
            var elements: [HeaderJSON] = []
            skipSpace()
            if take("]") { return .array(elements) }
            repeat {
                elements.append(try value(depth: depth + 1))
                skipSpace()
            } while take(",")
            try require("]")
            return .array(elements)
        }

        mutating func integer() throws -> Int {
            let start = position
            var number = 0
            while position < bytes.count, case let digit = bytes[position], digit >= 0x30, digit <= 0x39 {
                let (tens, overflowed) = number.multipliedReportingOverflow(by: 10)
                let (sum, carried) = tens.addingReportingOverflow(Int(digit - 0x30))
                guard !overflowed, !carried else { throw error("a number is too large") }
                number = sum
                position += 1
            }
            guard position > start else { throw error("a value is missing") }
            guard position == start + 1 || bytes[start] != 0x30 else { throw error("a number begins with 0") }
            return number
        }

        mutating func string() throws -> String {
            guard take("\"") else { throw error("a string is missing") }
            var text: [UInt8] = []
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let string = String(validating: text, as: UTF8.self) else {
                        throw error("a string is not UTF-8")
                    }
                    return string
                case UInt8(ascii: "\\"): text += try escape()
                case 0..<0x20: throw error("a string holds a control character")
                default: text.append(byte)
                }
            }
            throw error("a string does not end")
        }

        mutating func escape() throws -> [UInt8] {
            guard position < bytes.count else { throw error("a string does not end") }
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
            case UInt8(ascii: "b"): return [0x08]
            case UInt8(ascii: "f"): return [0x0C]
            case UInt8(ascii: "n"): return [0x0A]
            case UInt8(ascii: "r"): return [0x0D]
            case UInt8(ascii: "t"): return [0x09]
            case UInt8(ascii: "u"):
                var unit = try codeUnit()
                if unit >= 0xD800, unit < 0xDC00 {
                    guard take("\\"), take("u"), case let low = try codeUnit(), low >= 0xDC00, low < 0xE000 else {
                        throw error("half a surrogate pair")
                    }
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                }
                guard let scalar = Unicode.Scalar(unit) else { throw error("half a surrogate pair") }
                return Array(String(Character(scalar)).utf8)
            default: throw error("an unknown escape")
            }
        }

        mutating func codeUnit() throws -> UInt32 {
            var unit: UInt32 = 0
            for _ in 0..<4 {
                guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
                else {
                    throw error("an escape has four hexadecimal digits")
                }
                unit = unit << 4 + UInt32(digit)
                position += 1
            }
            return unit
        }
    }

    /// `text` as a JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
