/// Measures the speed of a run and says when a step is worth telling.
struct ProgressMeter {
    /// Between two `step` messages.
    private static let interval = Duration.milliseconds(100)

    private let start = ContinuousClock.now
    private var lastMessage = ContinuousClock.now
    private var evaluation = Duration.zero
    private var samples = 0
    private var stepsHere = 0
    private(set) var curve = LossCurve()
    /// Whether anybody listens.
    private let isActive: Bool

    init(isActive: Bool) {
        self.isActive = isActive
    }

    var elapsed: Double { (ContinuousClock.now - start).seconds }

    /// Counts a step. Whether it is time for a message.
    mutating func step(samples count: Int, loss: Double) -> Bool {
        samples += count
        stepsHere += 1
        guard isActive else { return false }
        curve.append(loss)
        let now = ContinuousClock.now
        guard now - lastMessage >= ProgressMeter.interval else { return false }
        lastMessage = now
        return true
    }

    /// Runs `body` without counting its time as training time.
    mutating func evaluating<Result>(_ body: () throws -> Result) rethrows -> Result {
        let before = ContinuousClock.now
        defer { evaluation += ContinuousClock.now - before }
        return try body()
    }

    /// Samples a second of training time.
    var samplesPerSecond: Double {
        let seconds = (ContinuousClock.now - start - evaluation).seconds
        return seconds > 0 ? Double(samples) / seconds : 0
    }

    /// At the speed so far, evaluations included.
    func secondsLeft(steps: Int) -> Double {
        stepsHere > 0 ? elapsed / Double(stepsHere) * Double(max(steps, 0)) : 0
    }
}

/// A curve of at most 60 points: each the mean of so many steps, and twice as many whenever the points are used up.
struct LossCurve {
    private static let capacity = 60

    private(set) var points: [Double] = []
    private var stepsPerPoint = 1
    private var sum = 0.0
    private var count = 0

    init() { points.reserveCapacity(LossCurve.capacity) }

    mutating func append(_ loss: Double) {
        sum += loss
        count += 1
        guard count == stepsPerPoint else { return }
        if points.count == LossCurve.capacity {
            for index in 0..<LossCurve.capacity / 2 { points[index] = (points[2 * index] + points[2 * index + 1]) / 2 }
            points.removeLast(LossCurve.capacity / 2)
            stepsPerPoint *= 2
            // What was gathered is half a point now.
            return
        }
        points.append(sum / Double(count))
        sum = 0
        count = 0
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
