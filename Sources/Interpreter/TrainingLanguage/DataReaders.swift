import Datasets
import Files
import Graphs
import Language
import Tensors

/// Builtins that read data from files, or take it from tensors.
enum DataReaders {
    static let all: [Builtin] = sets + tables + arrays

    /// Room for every header that NumPy writes.
    private static let headerBytes = 1 << 17

    private static let sets: [Builtin] = [
        Builtin(
            "fashion_mnist", [],
            "60 000 + 10 000 grey images of clothes, [28, 28, 1], in 10 classes (Xiao, Rasul & Vollgraf, 2017). "
                + "Read from NNX_DATA, ~/.cache/nnx/datasets or the package dataset-fashion-mnist; checksums are verified.",
            example: "fashion_mnist().shape   # -> [28, 28, 1]"
        ) { arguments in
            try arguments.machine.session.dataset(named: "fashion_mnist") {
                try arguments.machine.located(arguments.span) { try MNIST.fashion() }
            }
        },
        Builtin(
            "mnist", ["folder"],
            "A set in the four idx files of MNIST, gzipped or not, from a folder.",
            example: "fn digits() = mnist(\"data/mnist\")   # -> none"
        ) { arguments in
            try arguments.pair("mnist") { try MNIST.read(folder: $0) }
        },
        Builtin(
            "cifar10", ["folder"],
            "CIFAR-10 (Krizhevsky, 2009) in its binary form: 50 000 + 10 000 colour images, [32, 32, 3], in 10 classes.",
            example: "fn objects() = cifar10(\"data/cifar-10-batches-bin\")   # -> none"
        ) { arguments in
            try arguments.pair("cifar10") { try CIFAR.ten(folder: $0) }
        },
        Builtin(
            "cifar100", ["folder"],
            "CIFAR-100 in its binary form: 50 000 + 10 000 colour images, [32, 32, 3], in 100 fine classes.",
            example: "fn objects() = cifar100(\"data/cifar-100-binary\")   # -> none"
        ) { arguments in
            try arguments.pair("cifar100") { try CIFAR.hundred(folder: $0) }
        },
        Builtin(
            "images", ["folder", "size:", "stretch: false"],
            "PNG and JPEG files, one sub-folder a class, or train and test of that form inside. They are decoded when a "
                + "batch needs them. size: [height, width], or one number for both, makes them alike: what is over on two "
                + "sides is cut off, or with stretch the image is distorted.",
            example: "fn pets() = images(\"data/pets\", size: 64)   # -> none"
        ) { arguments in
            let machine = arguments.machine
            let folder = try arguments.fileToRead(0)
            let size = try arguments.imageSize(1)
            let isStretched = try arguments.flag(2, default: false)
            let form = size.map { "\($0.height) \($0.width)" } ?? ""
            let value = try machine.session.reading("images \(folder) \(form) \(isStretched)") {
                switch try machine.located(
                    arguments.span(0), { try ImageFolder.read(folder, size: size, isStretched: isStretched) })
                {
                case .single(let dataset): .object(DatasetValue(dataset))
                case .pair(let pair): .object(DatasetPairValue(pair))
                }
            }
            if case .object(let object as DatasetPairValue) = value {
                machine.noteMissingClasses(object.pair, at: arguments.span(0))
            }
            return value
        },
    ]

    private static let tables: [Builtin] = [
        Builtin(
            "csv",
            ["path", "target", "classes: false", "without: []", "missing: \"refuse\"", "header: true", "separator:"],
            "A table of comma-separated values, a row a sample. Texts become one feature (0 or 1) for each different text. "
                + "The target is a class where its column holds texts, or with classes: true; else a number. missing says "
                + "what becomes of empty fields: \"refuse\", \"drop\" the row, or the column's \"mean\".",
            example: "fn flowers() = csv(\"iris.csv\", target: \"species\").split(0.8, stratify: true)   # -> none"
        ) { arguments in
            let machine = arguments.machine
            let path = try arguments.fileToRead(0)
            var options = CSVFile.Options(targets: try arguments.names(1))
            guard !options.targets.isEmpty else { throw arguments.wrong(1, expected: "the name of a column") }
            options.hasNumberedClasses = try arguments.flag(2, default: false)
            options.without = arguments.has(3) ? try arguments.names(3) : []
            if arguments.has(4) {
                guard let missing = CSVFile.Options.Missing(rawValue: try arguments.text(4)) else {
                    throw arguments.wrong(4, expected: "\"refuse\", \"drop\" or \"mean\"")
                }
                options.missing = missing
            }
            options.hasHeader = try arguments.flag(5, default: true)
            if arguments.has(6) {
                let text = try arguments.text(6).utf8
                guard text.count == 1 else { throw arguments.wrong(6, expected: "one character") }
                options.separator = text.first
            }
            return try machine.session.reading("csv \(path) \(options)") {
                .object(
                    DatasetValue(
                        try machine.located(arguments.span(0)) { [options] in try CSVFile.read(path, options) }))
            }
        }
    ]

    private static let arrays: [Builtin] = [
        Builtin(
            "idx", ["path", "labels:", "classes: 10"],
            "The array of an idx file, gzipped or not, as a tensor; with labels: another idx file, both as a dataset in "
                + "which bytes stand for 0...1. classes is their number or a list of names.",
            example:
                "fn digits() = idx(\"train-images-idx3-ubyte.gz\", labels: \"train-labels-idx1-ubyte.gz\")   # -> none"
        ) { arguments in
            let machine = arguments.machine
            let path = try arguments.fileToRead(0)
            guard arguments.has(1) else {
                return try machine.located(arguments.span(0)) {
                    let array = try IdxFile.read(path: path)
                    return try machine.created(TensorType(.float32, Shape(array.shape))) { try array.tensor() }
                }
            }
            let labels = try arguments.fileToRead(1)
            let names = arguments.has(2) ? try arguments.classNames(2) : (0..<10).map { String($0) }
            return try machine.session.reading("idx \(path) \(labels) \(names)") {
                .object(
                    DatasetValue(
                        try machine.located(arguments.span(0)) {
                            try MNIST.split(images: path, labels: labels, classNames: names)
                        }))
            }
        },
        Builtin(
            "npy", ["path"], "The array of a file of numpy.save as a tensor: float32, else float64.",
            example: "fn saved() = npy(\"build/x.npy\")   # -> none"
        ) { arguments in
            let machine = arguments.machine
            let path = try arguments.fileToRead(0)
            return try machine.located(arguments.span(0)) {
                let bytes = try readFile(path)
                return try machine.created(NumpyArray.type(of: bytes)) { try NumpyArray.parse(bytes) }
            }
        },
        Builtin(
            "npz", ["path"],
            "The arrays of a file of numpy.savez or savez_compressed as a record of tensors; dataset(…) makes data of them.",
            example: "fn arrays() = npz(\"mnist.npz\").x_train   # -> none"
        ) { arguments in
            let machine = arguments.machine
            let path = try arguments.fileToRead(0)
            return try machine.located(arguments.span(0)) {
                let archive = try ZipArchive(reading: path)
                return .record(
                    Record(
                        try archive.entries.filter { $0.name.hasSuffix(".npy") }.map { entry in
                            // While checking, the headers say what is needed.
                            let head = try archive.contents(of: entry, limit: headerBytes)
                            let value = try machine.created(NumpyArray.type(of: head)) {
                                try NumpyArray.parse(archive.contents(of: entry))
                            }
                            return (String(entry.name.dropLast(4)), value)
                        }))
            }
        },
        Builtin(
            "dataset", ["x", "y", "test_x:", "test_y:", "classes:", "name: \"data\""],
            "A dataset of tensors: x [samples, …] and y, with classes (their number or a list of names) class numbers "
                + "[samples], else numbers [samples] or [samples, width]. With test_x and test_y both splits, else one.",
            example: "dataset([[0, 0], [1, 1]], [0, 1], classes: 2).size   # -> 2"
        ) { arguments in
            let name = arguments.has(5) ? try arguments.text(5) : "data"
            let classes = arguments.has(4) ? try arguments.classNames(4) : nil
            guard arguments.has(2) == arguments.has(3) else {
                throw arguments.wrong(
                    arguments.has(2) ? 3 : 2, expected: "test_x and test_y together, or neither of them")
            }
            let isPair = arguments.has(2)
            guard let train = try arguments.split(0, 1, classes: classes, name: isPair ? name + ".train" : name) else {
                return .unknown
            }
            guard isPair else { return .object(DatasetValue(train)) }
            guard let test = try arguments.split(2, 3, classes: classes, name: name + ".test") else { return .unknown }
            let pair = try arguments.machine.located(arguments.span(2)) {
                try DatasetPair(name: name, train: train, test: test)
            }
            arguments.machine.noteMissingClasses(pair, at: arguments.span(3))
            return .object(DatasetPairValue(pair))
        },
    ]
}

extension Arguments {
    /// A pair that is read from the folder of argument 0.
    fileprivate func pair(_ reader: String, _ read: (_ folder: String) throws -> DatasetPair) throws -> Value {
        let folder = try fileToRead(0)
        return try machine.session.reading("\(reader) \(folder)") {
            .object(DatasetPairValue(try machine.located(span(0)) { try read(folder) }))
        }
    }

    /// One name, or a list of names.
    fileprivate func names(_ index: Int) throws -> [String] {
        if case .string(let name) = self[index] { return [name] }
        return try elements(index).map { element in
            guard case .string(let name) = element else { throw wrong(index, expected: "a name, or a list of names") }
            return name
        }
    }

    /// The names of classes, or their number.
    fileprivate func classNames(_ index: Int) throws -> [String] {
        guard let number = self[index].plainNumber else { return try names(index) }
        guard let count = wholeNumber(number), (1...10_000).contains(count) else {
            throw wrong(index, expected: "a whole number of 1 or more, or a list of names")
        }
        return (0..<count).map { String($0) }
    }

    /// A split of two tensors; nil while checking where their numbers are not known.
    fileprivate func split(_ x: Int, _ y: Int, classes: [String]?, name: String) throws -> Dataset? {
        let (samples, targets) = (try node(x), try node(y))
        guard samples.shape.rank >= 1 else { throw wrong(x, expected: "[samples, …]") }
        let isTable = targets.shape.rank == 2 && classes == nil
        guard targets.shape.rank == 1 || isTable, targets.shape[0] == samples.shape[0] else {
            throw wrong(
                y,
                expected: "[\(samples.shape[0])]" + (classes == nil ? " or [\(samples.shape[0]), width]" : "")
                    + ", as there are samples")
        }
        guard let samples = samples.value, let targets = targets.value else {
            if machine.isChecking { return nil }
            throw NeedsValue.at(machine.origin(of: span(x)))
        }
        let numbers = targets.doubles
        return try machine.located(span(y)) {
            let store = try SampleStore(
                values: .floats(samples.doubles.map { Float($0) }),
                // A number a sample is one feature.
                sampleShape: samples.shape.rank == 1 ? [1] : samples.shape.removing(axis: 0).dimensions,
                targets: try classes.map { names in
                    .classes(try numbers.map { try classNumber($0, at: y) }, names: names)
                } ?? .values(numbers.map { Float($0) }, width: isTable ? targets.shape[1] : 1))
            return Dataset(name: name, store: store)
        }
    }

    private func classNumber(_ number: Double, at index: Int) throws -> Int32 {
        guard let label = Int32(exactly: number) else {
            throw wrong(
                index, expected: "class numbers 0, 1, …", hint: "leave classes out where y holds measured numbers")
        }
        return label
    }
}

extension Machine {
    /// Warns of classes that the training split has and the test split lacks: what is measured there says nothing of them.
    func noteMissingClasses(_ pair: DatasetPair, at span: SourceSpan, hint: String? = nil) {
        guard !isChecking, let names = pair.classesMissingInTest, !names.isEmpty else { return }
        let shown = names.prefix(5).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 5 ? ", …" : "")
        session.emit(
            .note(
                Diagnostic(
                    "the test split has no sample of \(names.count) of \(pair.classCount) classes: \(shown)", at: span,
                    severity: .warning, hint: hint)))
    }
}

extension IdxArray {
    /// The numbers as they stand in the file.
    fileprivate func tensor() throws -> Tensor {
        let tensor = try Tensor(uninitialized: TensorType(.float32, Shape(shape)))
        let output = tensor.pointer.assumingMemoryBound(to: Float.self)
        switch values {
        case .bytes(let bytes): for (index, byte) in bytes.enumerated() { output[index] = Float(byte) }
        case .floats(let floats): for (index, number) in floats.enumerated() { output[index] = number }
        case .images: preconditionFailure("an idx file holds numbers")
        }
        return tensor
    }
}
