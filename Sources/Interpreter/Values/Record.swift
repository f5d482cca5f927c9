/// `{lr: 0.1, mu: 0.9}`: names with values, in the order of writing. A value: changing a copy leaves the original.
struct Record {
    private(set) var layout: RecordLayout
    private(set) var values: [Value]

    init() { self.init(RecordLayout([]), []) }

    /// - Parameter values: one for each name of the layout, which may be shared with other records.
    init(_ layout: RecordLayout, _ values: [Value]) {
        self.layout = layout
        self.values = values
    }

    /// Of two equal names the later wins.
    init(_ pairs: [(name: String, value: Value)]) {
        self.init()
        for (name, value) in pairs { self[name] = value }
    }

    var count: Int { values.count }
    var names: [String] { layout.names }
    var pairs: [(name: String, value: Value)] { Array(zip(layout.names, values)) }

    /// The value under a name; setting nil removes it.
    subscript(name: String) -> Value? {
        get { layout.place(of: name).map { values[$0] } }
        set {
            switch (layout.place(of: name), newValue) {
            case (let place?, let value?): values[place] = value
            case (let place?, nil):
                layout = RecordLayout(names.enumerated().filter { $0.offset != place }.map(\.element))
                values.remove(at: place)
            case (nil, let value?): append(name, value)
            case (nil, nil): break
            }
        }
    }

    /// Adds a name that is not there yet.
    mutating func append(_ name: String, _ value: Value) {
        if !isKnownUniquelyReferenced(&layout) { layout = RecordLayout(layout.names) }
        layout.append(name)
        values.append(value)
    }

    /// Changes the value at a place of the layout where it lies.
    mutating func change(at place: Int, _ body: (inout Value) throws -> Void) rethrows { try body(&values[place]) }
}

/// The names of a record and where they stand. Records that one line of a script makes share it; only a record that holds
/// it alone adds to it, and nobody takes from it.
final class RecordLayout {
    private(set) var names: [String] = []
    /// By name, once there are more than a search looks at.
    private var places: [String: Int] = [:]

    /// Names up to which they are compared one by one.
    static let searched = 8

    init(_ names: [String]) { names.forEach(append) }

    func place(of name: String) -> Int? {
        names.count > Self.searched ? places[name] : names.firstIndex(of: name)
    }

    fileprivate func append(_ name: String) {
        names.append(name)
        if names.count == Self.searched + 1 {
            for (place, name) in names.enumerated() { places[name] = place }
        } else if names.count > Self.searched {
            places[name] = names.count - 1
        }
    }
}

/// Where a field was found last: lines that read a field mostly meet records of one layout.
struct FieldMemory {
    private var layout: RecordLayout?
    private var place = 0

    @inline(__always)
    mutating func value(of name: String, in record: Record) -> Value? {
        if record.layout === layout { return record.values[place] }
        guard let place = record.layout.place(of: name) else { return nil }
        // Holding the layout of a large record would make it copy its names for the next one that it adds.
        if record.count <= RecordLayout.searched { (layout, self.place) = (record.layout, place) }
        return record.values[place]
    }
}
