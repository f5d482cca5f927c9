/// The batches of a training run in their order, filled ahead in the background into preallocated buffers.
///
/// While the caller works on one batch, the next ones are filled by whatever `submit` hands the work to. A batch that nobody
/// has begun when it is asked for is filled by the caller itself, so a busy (or single-threaded) pool can never stall it.
/// Which samples a batch holds depends on the seed, the epoch and the step only.
///
/// Where samples are transformed, a batch is filled piece by piece by as many threads as there are transformations.
///
/// One thread at a time takes batches.
public final class BatchSource: @unchecked Sendable {
    /// Settings of a batch source.
    public struct Options: Sendable, Hashable {
        /// Samples of a full batch, at least 1.
        public var batchSize: Int
        /// Key of the shuffled order.
        public var seed: UInt64
        /// Whether every epoch has an order of its own (`epochOrder`) or the dataset's.
        public var isShuffled: Bool
        /// Whether the samples that are left at the end of an epoch make a short batch or are left out of that epoch.
        public var keepsShortBatch: Bool
        /// Number of epochs; nil goes on for ever.
        public var epochs: Int?
        /// Where to begin, for a run that is resumed: the epoch, and the step in it.
        public var firstEpoch: Int
        public var firstStep: Int
        /// Number of buffers: one is with the caller, the others are filled ahead.
        public var buffers: Int

        /// Makes options; all but the size of a batch have defaults.
        public init(
            batchSize: Int, seed: UInt64 = 0, isShuffled: Bool = true, keepsShortBatch: Bool = true,
            epochs: Int? = nil, firstEpoch: Int = 0, firstStep: Int = 0, buffers: Int = 2
        ) {
            self.batchSize = batchSize
            self.seed = seed
            self.isShuffled = isShuffled
            self.keepsShortBatch = keepsShortBatch
            self.epochs = epochs
            self.firstEpoch = firstEpoch
            self.firstStep = firstStep
            self.buffers = buffers
        }
    }

    /// A filled batch. Its memory belongs to the source and is valid until the next call of `next()`.
    public struct Batch {
        /// Counted from 0.
        public let epoch: Int
        /// The batch's number in its epoch, counted from 0.
        public let step: Int
        /// Number of samples; less than `batchSize` only in a short last batch.
        public let count: Int
        /// `[count] + sampleShape`, row-major.
        public let values: UnsafeMutablePointer<Float>
        /// `[count, labelSize]`.
        public let labels: UnsafeMutablePointer<Float>
    }

    /// Number of batches of an epoch.
    public let stepsPerEpoch: Int

    private let dataset: Dataset
    private let options: Options
    private let submit: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let buffers: [Buffer]
    private let isTransformed: Bool
    private let monitor = Monitor()
    /// Those that no thread is using. Guarded by the monitor.
    private var transformations: [any SampleTransformation]
    /// Samples that a thread fills before it looks for the next ones.
    private let pieceSize: Int
    /// Background closures for each batch.
    private let fillers: Int
    /// Number of the next batch to hand out, and of the next to be filled, counted through all epochs.
    private var nextToDeliver: Int
    private var nextToSchedule: Int
    private let end: Int
    /// Whether a batch is with the caller.
    private var isHolding = false
    /// The order of the epoch that was scheduled last.
    private var order: (epoch: Int, indices: [Int32])?

    /// Makes a source and begins to fill its first buffers.
    ///
    /// - Parameters:
    ///   - dataset: Where the samples come from.
    ///   - options: Size, order and extent.
    ///   - transformations: All do the same change to the samples; one for each thread that is to work on it. None
    ///     leaves the samples as they are.
    ///   - submit: Runs a closure at some time, on any thread (a pool's). The default runs nothing ahead.
    /// - Throws: `DatasetError` on an empty dataset, or sizes that are not positive.
    public init(
        dataset: Dataset, options: Options, transformations: [any SampleTransformation] = [],
        submit: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { _ in }
    ) throws {
        guard options.batchSize >= 1 else {
            throw DatasetError("a batch of \(options.batchSize) samples", hint: "give batch a size of 1 or more")
        }
        guard dataset.size > 0 else { throw DatasetError("\(dataset.name) has no samples") }
        let full = dataset.size / options.batchSize
        let hasShort = options.keepsShortBatch && dataset.size % options.batchSize != 0
        let stepsPerEpoch = full + (hasShort ? 1 : 0)
        guard stepsPerEpoch > 0 else {
            throw DatasetError(
                "\(dataset.name) has \(dataset.size) samples, too few for one batch of \(options.batchSize)",
                hint: "make the batch smaller, or keep the short last batch")
        }
        guard options.buffers >= 1, options.firstEpoch >= 0, options.firstStep >= 0, options.epochs ?? 0 >= 0 else {
            throw DatasetError("a batch source needs a buffer, and epochs and steps of 0 or more")
        }
        self.dataset = dataset
        self.options = options
        self.submit = submit
        self.stepsPerEpoch = stepsPerEpoch
        self.transformations = transformations
        isTransformed = !transformations.isEmpty
        let capacity = min(options.batchSize, dataset.size)
        pieceSize = isTransformed ? min(BatchSource.transformedPiece, capacity) : capacity
        fillers = isTransformed ? min(transformations.count, (capacity + pieceSize - 1) / pieceSize) : 1
        buffers = (0..<options.buffers).map { _ in
            Buffer(values: capacity * dataset.sampleSize, labels: capacity * dataset.labelSize)
        }
        nextToDeliver = options.firstEpoch * stepsPerEpoch + options.firstStep
        nextToSchedule = nextToDeliver
        end =
            options.epochs.map { $0.multipliedReportingOverflow(by: stepsPerEpoch) }
            .map { $0.overflow ? Int.max : $0.partialValue } ?? Int.max
        for _ in buffers { scheduleNext() }
    }

    /// Few, so that a batch spreads over threads, and enough to make the monitor's time small.
    private static let transformedPiece = 8

    /// The next batch; nil after the last epoch. Ends the validity of the batch before.
    ///
    /// - Throws: What a transformation throws.
    public func next() throws -> Batch? {
        // The buffer of the batch that the caller has finished with is free now.
        if isHolding { scheduleNext() }
        isHolding = false
        guard nextToDeliver < end else { return nil }
        let number = nextToDeliver
        nextToDeliver += 1
        isHolding = true
        let buffer = buffers[number % buffers.count]
        repeat { fill(buffer, ticket: number) } while monitor.locked { isToBeFilled(buffer) }
        if let failure = buffer.failure { throw failure }
        return Batch(
            epoch: number / stepsPerEpoch, step: number % stepsPerEpoch, count: buffer.job.count, values: buffer.values,
            labels: buffer.labels)
    }

    /// Lets the next batch be filled into the buffer whose turn it is.
    private func scheduleNext() {
        guard nextToSchedule < end else { return }
        let ticket = nextToSchedule
        nextToSchedule += 1
        let epoch = ticket / stepsPerEpoch
        if order?.epoch != epoch {
            let indices =
                options.isShuffled
                ? epochOrder(count: dataset.size, seed: options.seed, epoch: epoch)
                : (0..<Int32(dataset.size)).map { $0 }
            order = (epoch, indices)
        }
        let start = ticket % stepsPerEpoch * options.batchSize
        let indices = order?.indices ?? []
        let buffer = buffers[ticket % buffers.count]
        monitor.locked {
            buffer.begin(
                indices[start..<min(start + options.batchSize, dataset.size)], epoch: epoch, ticket: ticket,
                pieceSize: pieceSize)
        }
        for _ in 0..<fillers { submit { [weak self] in self?.fill(buffer, ticket: ticket) } }
    }

    /// Whether there is more to do for a buffer, after a wait where others are at it. Only inside of the monitor.
    private func isToBeFilled(_ buffer: Buffer) -> Bool {
        let canHelp = buffer.hasPieces && !(isTransformed && transformations.isEmpty)
        if buffer.pending > 0, !canHelp { monitor.wait() }
        return buffer.pending > 0
    }

    /// Fills pieces of a buffer until nobody has to begin one any more.
    private func fill(_ buffer: Buffer, ticket: Int) {
        let transformation = monitor.locked { isTransformed ? transformations.popLast() : nil }
        // Every transformation is in use: those who have them fill the rest.
        if isTransformed, transformation == nil { return }
        while let piece = monitor.locked({ buffer.takePiece(ticket: ticket) }) {
            var failure: (any Error)?
            do { try fill(piece, of: buffer, transformation) } catch { failure = error }
            monitor.locked {
                buffer.failure = buffer.failure ?? failure
                buffer.pending -= 1
                if buffer.pending == 0 { monitor.wakeAll() }
            }
        }
        guard let transformation else { return }
        monitor.locked {
            transformations.append(transformation)
            monitor.wakeAll()
        }
    }

    private func fill(
        _ piece: ArraySlice<Int32>, of buffer: Buffer, _ transformation: (any SampleTransformation)?
    ) throws {
        let row = piece.startIndex - buffer.job.startIndex
        let values = buffer.values + row * dataset.sampleSize
        let labels = buffer.labels + row * dataset.labelSize
        guard let transformation else {
            dataset.fill(indices: piece, into: values, labels: labels)
            return
        }
        // An augmentation sees the image as it is in the source.
        dataset.normalized(by: nil).fill(indices: piece, into: values, labels: labels)
        try transformation.apply(to: piece, epoch: buffer.epoch, values: values)
        dataset.normalization?.apply(to: values, count: piece.count * dataset.sampleSize)
    }

    /// The memory of one batch. All that varies is guarded by the monitor, but the numbers of a piece by whoever took it.
    private final class Buffer: @unchecked Sendable {
        let values: UnsafeMutablePointer<Float>
        let labels: UnsafeMutablePointer<Float>
        /// The batch's number; it keeps a late background closure from taking a later turn.
        private var ticket = -1
        private(set) var epoch = 0
        private(set) var job: ArraySlice<Int32> = []
        private var pieceSize = 1
        /// The first sample that nobody has taken.
        private var next = 0
        /// Pieces that are not filled yet.
        var pending = 0
        var failure: (any Error)?

        /// Kernels may read a cache line past the last element.
        private static let slack = 16

        init(values: Int, labels: Int) {
            self.values = .allocate(capacity: values + Buffer.slack)
            self.values.initialize(repeating: 0, count: values + Buffer.slack)
            self.labels = .allocate(capacity: labels + Buffer.slack)
            self.labels.initialize(repeating: 0, count: labels + Buffer.slack)
        }

        func begin(_ job: ArraySlice<Int32>, epoch: Int, ticket: Int, pieceSize: Int) {
            self.job = job
            self.epoch = epoch
            self.ticket = ticket
            self.pieceSize = pieceSize
            next = job.startIndex
            pending = (job.count + pieceSize - 1) / pieceSize
            failure = nil
        }

        var hasPieces: Bool { next < job.endIndex }

        /// Samples for a thread to fill; nil where all are taken or the turn is another one's.
        func takePiece(ticket: Int) -> ArraySlice<Int32>? {
            guard ticket == self.ticket, next < job.endIndex else { return nil }
            let piece = job[next..<min(next + pieceSize, job.endIndex)]
            next = piece.endIndex
            return piece
        }

        deinit {
            values.deallocate()
            labels.deallocate()
        }
    }
}
