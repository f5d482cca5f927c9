/// The batches of a training run in their order, filled ahead in the background into preallocated buffers.
///
/// While the caller works on one batch, the next ones are filled by whatever `submit` hands the work to. A batch that nobody
/// has begun when it is asked for is filled by the caller itself, so a busy (or single-threaded) pool can never stall it.
/// Which samples a batch holds depends on the seed, the epoch and the step only.
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
    private let monitor = Monitor()
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
    ///   - submit: Runs a closure at some time, on any thread (a pool's). The default runs nothing ahead.
    /// - Throws: `DatasetError` on an empty dataset, or sizes that are not positive.
    public init(
        dataset: Dataset, options: Options,
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
        let capacity = min(options.batchSize, dataset.size)
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

    /// The next batch; nil after the last epoch. Ends the validity of the batch before.
    ///
    /// - Throws: What reading an image file throws.
    public func next() throws -> Batch? {
        // The buffer of the batch that the caller has finished with is free now.
        if isHolding { scheduleNext() }
        isHolding = false
        guard nextToDeliver < end else { return nil }
        let number = nextToDeliver
        nextToDeliver += 1
        isHolding = true
        let buffer = buffers[number % buffers.count]
        fill(buffer, ticket: number)
        monitor.locked {
            while buffer.state != .ready { monitor.wait() }
        }
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
            buffer.job = indices[start..<min(start + options.batchSize, dataset.size)]
            buffer.state = .waiting(ticket: ticket)
        }
        submit { [weak self] in self?.fill(buffer, ticket: ticket) }
    }

    /// Fills a buffer unless somebody has begun to.
    private func fill(_ buffer: Buffer, ticket: Int) {
        let isMine = monitor.locked { () -> Bool in
            guard buffer.state == .waiting(ticket: ticket) else { return false }
            buffer.state = .filling
            return true
        }
        guard isMine else { return }
        var failure: (any Error)?
        do {
            try dataset.fill(indices: buffer.job, into: buffer.values, labels: buffer.labels)
        } catch { failure = error }
        monitor.locked {
            buffer.failure = failure
            buffer.state = .ready
            monitor.wakeAll()
        }
    }

    /// The memory of one batch.
    private final class Buffer: @unchecked Sendable {
        enum State: Equatable {
            case empty
            /// Whoever comes first fills it. The ticket keeps a late background closure from taking a later turn.
            case waiting(ticket: Int)
            case filling
            case ready
        }

        let values: UnsafeMutablePointer<Float>
        let labels: UnsafeMutablePointer<Float>
        var state = State.empty
        var failure: (any Error)?
        var job: ArraySlice<Int32> = []

        init(values: Int, labels: Int) {
            self.values = .allocate(capacity: values)
            self.values.initialize(repeating: 0, count: values)
            self.labels = .allocate(capacity: labels)
            self.labels.initialize(repeating: 0, count: labels)
        }

        deinit {
            values.deallocate()
            labels.deallocate()
        }
    }
}
