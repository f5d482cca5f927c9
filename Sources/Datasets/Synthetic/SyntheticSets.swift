#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Small sets made by formula, the same for the same seed on every machine.
///
/// Every set has `n` training samples and a test split of its own from other random numbers, as large as the training split
/// unless `testCount` says otherwise. Classes take turns (sample `i` has class `i mod k`), so each has an equal share.
/// `noise` is the standard deviation of the normal noise added to every coordinate after the label is settled.
/// All throw `DatasetError` where a size is not in 1...10⁸ or a setting makes no set.
public enum SyntheticSets {
    /// Points in the four quadrants; class 1 where exactly one coordinate is positive, 0 where both or none are.
    ///
    /// Without noise both coordinates keep a distance in 0.1...1 from the axes, so the classes do not touch.
    /// Sample shape `[2]`, 2 classes.
    public static func xor(n: Int = 400, noise: Double = 0, testCount: Int? = nil, seed: UInt64 = 0) throws
        -> DatasetPair
    {
        try planePoints(name: "xor", n: n, testCount: testCount, noise: noise, seed: seed, classCount: 2) { random in
            let distance = random.uniforms(draw: 0)
            let label = random.sample % 2
            let isRight = random.sample / 2 % 2 == 0
            let isUpper = isRight != (label == 1)
            return (
                (isRight ? 1 : -1) * (0.1 + 0.9 * distance.0), (isUpper ? 1 : -1) * (0.1 + 0.9 * distance.1), label
            )
        }
    }

    /// Two circles about the origin: class 0 of radius 1, class 1 of radius `factor`.
    ///
    /// Sample shape `[2]`, 2 classes.
    public static func circles(
        n: Int = 400, noise: Double = 0.05, factor: Double = 0.5, testCount: Int? = nil, seed: UInt64 = 0
    ) throws -> DatasetPair {
        guard factor > 0, factor < 1 else {
            throw DatasetError("circles cannot have the factor \(factor), expected a number between 0 and 1")
        }
        return try planePoints(name: "circles", n: n, testCount: testCount, noise: noise, seed: seed, classCount: 2) {
            random in
            let label = random.sample % 2
            let angle = 2 * Double.pi * random.uniforms(draw: 0).0
            let radius = label == 0 ? 1 : factor
            return (radius * cos(angle), radius * sin(angle), label)
        }
    }

    /// Two interleaved half circles: class 0 is `(cos t, sin t)`, class 1 `(1 - cos t, 0.5 - sin t)`, t uniform in 0...π.
    ///
    /// Sample shape `[2]`, 2 classes.
    public static func moons(n: Int = 400, noise: Double = 0.1, testCount: Int? = nil, seed: UInt64 = 0) throws
        -> DatasetPair
    {
        try planePoints(name: "moons", n: n, testCount: testCount, noise: noise, seed: seed, classCount: 2) { random in
            let label = random.sample % 2
            let angle = Double.pi * random.uniforms(draw: 0).0
            if label == 0 { return (cos(angle), sin(angle), 0) }
            return (1 - cos(angle), 0.5 - sin(angle), 1)
        }
    }

    /// `arms` spirals about the origin, one class each: at radius r in 0.05...1 arm `k` stands at the angle
    /// 2π · (`turns` · r + k / `arms`).
    ///
    /// Sample shape `[2]`, `arms` classes.
    public static func spirals(
        n: Int = 400, noise: Double = 0.02, arms: Int = 2, turns: Double = 1.5, testCount: Int? = nil, seed: UInt64 = 0
    ) throws -> DatasetPair {
        guard arms >= 1, arms <= 1000, turns.isFinite else {
            throw DatasetError("spirals cannot have \(arms) arms of \(turns) turns, expected 1...1000 arms")
        }
        return try planePoints(name: "spirals", n: n, testCount: testCount, noise: noise, seed: seed, classCount: arms)
        {
            random in
            let label = random.sample % arms
            // The square root spreads the points evenly along the arm, which gets longer with the radius.
            let radius = 0.05 + 0.95 * random.uniforms(draw: 0).0.squareRoot()
            let angle = 2 * Double.pi * (turns * radius + Double(label) / Double(arms))
            return (radius * cos(angle), radius * sin(angle), label)
        }
    }

    /// `count` vertical stripes over the square -1...1 × -1...1, of classes 0, 1, 0, 1, … from the left.
    ///
    /// Without noise points keep a twentieth of a stripe's width from its edges. Sample shape `[2]`, 2 classes.
    public static func stripes(
        n: Int = 400, noise: Double = 0, count: Int = 4, testCount: Int? = nil, seed: UInt64 = 0
    ) throws -> DatasetPair {
        guard count >= 2, count <= 1000 else {
            throw DatasetError("stripes cannot have \(count) stripes, expected 2...1000")
        }
        return try planePoints(name: "stripes", n: n, testCount: testCount, noise: noise, seed: seed, classCount: 2) {
            random in
            let label = random.sample % 2
            let place = random.uniforms(draw: 0)
            let choice = random.uniforms(draw: 1).0
            let ofThisClass = (count + 1 - label) / 2
            let stripe = 2 * min(Int(choice * Double(ofThisClass)), ofThisClass - 1) + label
            let x = 2 * (Double(stripe) + 0.05 + 0.9 * place.0) / Double(count) - 1
            return (x, 2 * place.1 - 1, label)
        }
    }

    /// A polynomial to be fitted: x uniform in -1...1, target Σ cₖ xᵏ + noise with coefficients c₀…c_degree of the standard
    /// normal distribution, the same in both splits.
    ///
    /// Sample shape `[1]`, target vectors of width 1.
    public static func polynomial(
        degree: Int = 3, n: Int = 100, noise: Double = 0.1, testCount: Int? = nil, seed: UInt64 = 0
    ) throws -> DatasetPair {
        let coefficients = try polynomialCoefficients(degree: degree, seed: seed)
        return try curvePoints(name: "polynomial", n: n, testCount: testCount, noise: noise, seed: seed) { x in
            coefficients.reversed().reduce(0) { $0 * x + $1 }
        }
    }

    /// The coefficients c₀, c₁, …, c_degree of `polynomial(degree:…)` with this seed.
    public static func polynomialCoefficients(degree: Int, seed: UInt64 = 0) throws -> [Double] {
        guard degree >= 0, degree <= 1000 else {
            throw DatasetError("a polynomial cannot have the degree \(degree), expected 0...1000")
        }
        let random = Philox(seed: seed, stream: .syntheticCoefficients)
        return (0...degree).map { SampleRandom(random: random, sample: $0).normals(draw: 0).0 }
    }

    /// Numbers of the standard normal distribution with random labels, to measure with: nothing can be learnt here.
    ///
    /// Sample shape `sampleShape`, `classCount` classes.
    public static func noise(
        sampleShape: [Int], classCount: Int = 10, n: Int = 64, testCount: Int? = nil, seed: UInt64 = 0
    ) throws -> DatasetPair {
        try noiseSamples(
            name: "noise", sampleShape: sampleShape, classCount: classCount, n: n, testCount: testCount, seed: seed)
    }
}
