import Files

/// A table of comma-separated values as a dataset: a row a sample.
///
/// A column of numbers is one feature, a column of texts one feature for each different text (1 where the row has it, 0
/// elsewhere; texts in alphabetical order). The target is a class where its column holds texts, else a number.
public enum CSVFile {
    /// How a table is read.
    public struct Options: Sendable, Hashable {
        /// What happens to a row with an empty field.
        public enum Missing: String, Sendable, CaseIterable {
            /// It is an error that names line and column.
            case refuse
            /// The row is left out.
            case drop
            /// The field takes the mean of its column's numbers, or its most frequent text. Never in the target.
            case mean
        }

        /// Columns to be predicted.
        public var targets: [String]
        /// Columns that are left out.
        public var without: [String] = []
        public var missing = Missing.refuse
        /// Whether the numbers of the target column are classes.
        public var hasNumberedClasses = false
        /// Whether the first row holds the names; else the columns are called "0", "1", ….
        public var hasHeader = true
        /// The byte between fields; nil finds it in the first line.
        public var separator: UInt8?

        public init(targets: [String]) { self.targets = targets }
    }

    /// Reads a file.
    ///
    /// - Throws: `FileError` where it cannot be read, `DatasetError` where it is no such table.
    public static func read(_ path: String, _ options: Options) throws -> Dataset {
        try decode(readFile(path), options, path: path)
    }

    /// Reads a file's bytes; `path` is for messages.
    public static func decode(_ bytes: [UInt8], _ options: Options, path: String) throws -> Dataset {
        let rows = CSVRows(bytes, separator: options.separator, path: path)
        return try CSVTable(rows, options).dataset()
    }
}

/// What is found out about a table, one walk over its rows after the other; the fields themselves are never kept.
private struct CSVTable {
    /// A column that is used.
    struct Column {
        var name: String
        var place: Int
        var isTarget: Bool
        var numbers = 0
        var sum = 0.0
        /// The first field that is no number.
        var firstText: (line: Int, text: String)?
        var texts = 0
        /// How often each text occurs.
        var counts: [String: Int] = [:]
        /// The different texts in order, with their places.
        var categories: [String] = []
        var places: [String: Int] = [:]
        /// The place of the text that occurs most often, which stands in where there is none.
        var mostFrequent: Int?

        var isNumeric: Bool { texts == 0 }
        var width: Int { isNumeric ? 1 : categories.count }
    }

    let rows: CSVRows
    let options: CSVFile.Options
    private var columns: [Column] = []
    private var width = 0
    private var count = 0

    /// More different texts are no categories but names or numbers of the rows.
    private static let largestCategoryCount = 200
    private static let largestClassCount = 10_000

    init(_ rows: CSVRows, _ options: CSVFile.Options) throws {
        self.rows = rows
        self.options = options
        try readNames()
        try measure()
        try findCategories()
    }

    private func error(_ message: String, hint: String? = nil) -> DatasetError {
        DatasetError(message, path: rows.path, hint: hint)
    }

    private mutating func readNames() throws {
        struct Found: Error { var names: [String] }
        var names: [String] = []
        do {
            try rows.forEach { _, fields in throw Found(names: fields.map { rows.text($0) }) }
        } catch let found as Found {
            names = options.hasHeader ? found.names : found.names.indices.map { String($0) }
        }
        guard !names.isEmpty else { throw error("the table is empty") }
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw error("two columns are called '\(twice)'")
        }
        for name in options.targets + options.without where !names.contains(name) {
            throw error(
                "there is no column '\(name)'",
                hint: "the columns are " + names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : ""))
        }
        width = names.count
        columns = names.enumerated().filter { !options.without.contains($0.element) }.map {
            Column(name: $0.element, place: $0.offset, isTarget: options.targets.contains($0.element))
        }
        guard columns.contains(where: { !$0.isTarget }) else { throw error("no column is left to predict from") }
    }

    /// Calls `body` with every row that counts.
    private func forEachRow(_ body: (_ line: Int, _ fields: [CSVRows.Field]) throws -> Void) throws {
        var isHeader = options.hasHeader
        try rows.forEach { line, fields in
            if isHeader {
                isHeader = false
                return
            }
            guard fields.count == width else {
                throw error("line \(line) has \(fields.count) fields, but there are \(width) columns")
            }
            if let hole = columns.first(where: { rows.isHole(fields[$0.place]) }) {
                if options.missing == .drop { return }
                if options.missing == .refuse || hole.isTarget {
                    throw error(
                        "line \(line) has nothing in the column '\(hole.name)'",
                        hint: hole.isTarget
                            ? "missing: \"drop\" leaves such rows out"
                            : "missing: \"drop\" leaves such rows out, missing: \"mean\" takes the mean of the column")
                }
            }
            try body(line, fields)
        }
    }

    /// Finds out which columns hold numbers.
    private mutating func measure() throws {
        var (columns, count) = (columns, 0)
        try forEachRow { line, fields in
            count += 1
            for index in columns.indices {
                let field = fields[columns[index].place]
                if let number = rows.number(field) {
                    columns[index].numbers += 1
                    columns[index].sum += number
                } else if !rows.isHole(field) {
                    columns[index].texts += 1
                    if columns[index].firstText == nil { columns[index].firstText = (line, rows.text(field)) }
                }
            }
        }
        guard count > 0 else { throw error("the table has no rows") }
        for column in columns {
            if let first = column.firstText, column.numbers > column.texts {
                throw error(
                    "line \(first.line) has the text '\(first.text)' in the column '\(column.name)' of numbers",
                    hint: "mend it, or leave the column out with without: [\"\(column.name)\"]")
            }
            if column.texts == 0, column.numbers == 0 {
                throw error(
                    "the column '\(column.name)' is empty", hint: "leave it out with without: [\"\(column.name)\"]")
            }
        }
        (self.columns, self.count) = (columns, count)
    }

    /// Collects the different texts of the columns that hold texts, and of a target whose numbers are classes.
    private mutating func findCategories() throws {
        var columns = columns
        let collected = columns.indices.filter {
            !columns[$0].isNumeric || (columns[$0].isTarget && options.hasNumberedClasses)
        }
        guard !collected.isEmpty else { return }
        try forEachRow { _, fields in
            for index in collected {
                let field = fields[columns[index].place]
                if rows.isHole(field) { continue }
                columns[index].counts[rows.text(field), default: 0] += 1
                let limit = columns[index].isTarget ? Self.largestClassCount : Self.largestCategoryCount
                if columns[index].counts.count > limit {
                    throw error(
                        "the column '\(columns[index].name)' has more than \(limit) different texts",
                        hint: columns[index].isTarget
                            ? "are they classes?" : "leave it out with without: [\"\(columns[index].name)\"]")
                }
            }
        }
        for index in collected {
            columns[index].categories = columns[index].counts.keys.sorted { first, second in
                if let a = Double(first), let b = Double(second), a != b { return a < b }
                return first.utf8.lexicographicallyPrecedes(second.utf8)
            }
            for (place, text) in columns[index].categories.enumerated() { columns[index].places[text] = place }
            let frequencies = columns[index].categories.map { columns[index].counts[$0, default: 0] }
            columns[index].mostFrequent = frequencies.indices.max { frequencies[$0] < frequencies[$1] }
        }
        self.columns = columns
    }

    func dataset() throws -> Dataset {
        let features = columns.filter { !$0.isTarget }
        let targets = options.targets.compactMap { name in columns.first { $0.name == name } }
        let isClass = !targets[0].categories.isEmpty
        if targets.count > 1, let text = targets.first(where: { !$0.categories.isEmpty }) {
            throw error("several targets are numbers, but the column '\(text.name)' holds classes")
        }
        var (values, numbers, labels): ([Float], [Float], [Int32]) = ([], [], [])
        values.reserveCapacity(count * features.reduce(0) { $0 + $1.width })
        try forEachRow { _, fields in
            for column in features { append(column, fields[column.place], to: &values) }
            for column in targets {
                if isClass {
                    labels.append(Int32(column.places[rows.text(fields[column.place])] ?? 0))
                } else {
                    append(column, fields[column.place], to: &numbers)
                }
            }
        }
        let names = features.flatMap { column in
            column.isNumeric ? [column.name] : column.categories.map { "\(column.name)=\($0)" }
        }
        let store = try SampleStore(
            values: .floats(values), sampleShape: [names.count],
            targets: isClass
                ? .classes(labels, names: targets[0].categories) : .values(numbers, width: targets.count),
            featureNames: names)
        let name = rows.path.split(separator: "/").last.map(String.init) ?? rows.path
        return Dataset(name: name, store: store)
    }

    private func append(_ column: Column, _ field: CSVRows.Field, to values: inout [Float]) {
        if column.isNumeric {
            values.append(Float(rows.number(field) ?? column.sum / Double(max(column.numbers, 1))))
            return
        }
        let chosen = rows.isHole(field) ? column.mostFrequent : column.places[rows.text(field)]
        for place in column.categories.indices { values.append(place == chosen ? 1 : 0) }
    }
}
