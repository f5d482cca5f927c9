/// `{lr: 0.1, mu: 0.9}`: names with values, in the order of writing. A value: changing a copy leaves the original.
struct Record {
    private final class Storage {
        var names: [String]
        var values: [Value]

        init(names: [String], values: [Value]) {
            self.names = names
            self.values = values
        }
    }

    private var storage: Storage

    init() { storage = Storage(names: [], values: []) }

    /// Of two equal names the later wins.
    init(_ pairs: [(name: String, value: Value)]) {
        self.init()
        for (name, value) in pairs { self[name] = value }
    }

    var count: Int { storage.names.count }
    var names: [String] { storage.names }
    var values: [Value] { storage.values }
    var pairs: [(name: String, value: Value)] { Array(zip(storage.names, storage.values)) }

    /// The value under a name; setting nil removes it.
    subscript(name: String) -> Value? {
        get { storage.names.firstIndex(of: name).map { storage.values[$0] } }
        set {
            if !isKnownUniquelyReferenced(&storage) {
                storage = Storage(names: storage.names, values: storage.values)
            }
            switch (storage.names.firstIndex(of: name), newValue) {
            case (let index?, let value?): storage.values[index] = value
            case (let index?, nil):
                storage.names.remove(at: index)
                storage.values.remove(at: index)
            case (nil, let value?):
                storage.names.append(name)
                storage.values.append(value)
            case (nil, nil): break
            }
        }
    }
}
