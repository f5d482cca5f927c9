/// A setting of an operation that is known when the graph is built.
public enum Attribute: Hashable, Sendable {
    case integer(Int)
    case integers([Int])
    case number(Double)
    case flag(Bool)
    case text(String)
}

/// The settings of one application of an operation, by name.
public struct Attributes: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    public var values: [String: Attribute]

    public init(_ values: [String: Attribute] = [:]) {
        self.values = values
    }

    public init(dictionaryLiteral elements: (String, Attribute)...) {
        values = Dictionary(uniqueKeysWithValues: elements)
    }

    public static let none = Attributes()

    public subscript(name: String) -> Attribute? {
        get { values[name] }
        set { values[name] = newValue }
    }

    public func integer(_ name: String, default fallback: Int) -> Int {
        if case .integer(let value)? = values[name] { return value }
        return fallback
    }

    /// A list of integers; a single integer is a list of one.
    public func integers(_ name: String) -> [Int]? {
        switch values[name] {
        case .integers(let list)?: list
        case .integer(let value)?: [value]
        default: nil
        }
    }

    /// One integer for each of `count` axes: a single one stands for all. Nil where absent or of another length.
    public func perAxis(_ name: String, count: Int) -> [Int]? {
        guard let list = integers(name) else { return nil }
        if list.count == count { return list }
        return list.count == 1 ? [Int](repeating: list[0], count: count) : nil
    }

    public func number(_ name: String, default fallback: Double) -> Double {
        switch values[name] {
        case .number(let value)?: value
        case .integer(let value)?: Double(value)
        default: fallback
        }
    }

    public func flag(_ name: String, default fallback: Bool) -> Bool {
        if case .flag(let value)? = values[name] { return value }
        return fallback
    }

    public func text(_ name: String, default fallback: String) -> String {
        if case .text(let value)? = values[name] { return value }
        return fallback
    }
}
