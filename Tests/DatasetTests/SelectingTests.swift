import Datasets
import Testing

@Suite struct SelectingTests {
    @Test func takesTheFirstOrARandomChoice() throws {
        let data = try numbered(20, classes: 2)
        #expect(contents(try data.take(3)).values == [0, 1, 2])
        let chosen = contents(try data.take(5, seed: 4)).values
        #expect(chosen == contents(try data.take(5, seed: 4)).values)
        #expect(chosen != contents(try data.take(5, seed: 5)).values)
        #expect(chosen == chosen.sorted())
        #expect(Set(chosen).count == 5)
        #expect(try data.take(0).size == 0)
    }

    @Test func refusesMoreThanThereIs() throws {
        let data = try numbered(20, classes: 2)
        #expect(try datasetError { try data.take(21) }.message == "cannot take 21 samples: numbered has 20")
        #expect(throws: DatasetError.self) { try data.take(-1) }
    }

    @Test func stratifiesInProportion() throws {
        // Class 0 has 30 samples, class 1 has 10.
        let store = try SampleStore(
            values: .floats((0..<40).map { Float($0) }), sampleShape: [1],
            targets: .classes((0..<40).map { $0 < 30 ? 0 : 1 }, names: ["a", "b"]))
        let data = Dataset(name: "uneven", store: store)
        for seed in [nil, 1, 2] as [UInt64?] {
            let labels = try #require(try data.take(20, stratify: true, seed: seed).labels)
            #expect(labels.count { $0 == 0 } == 15)
            #expect(labels.count { $0 == 1 } == 5)
        }
        #expect(try data.take(0, stratify: true).size == 0)
        #expect(try data.take(40, stratify: true).size == 40)
    }

    @Test func refusesToStratifyNumbers() throws {
        let data = try SyntheticSets.polynomial(n: 10)
        #expect(throws: DatasetError.self) { try data.train.take(5, stratify: true) }
        #expect(throws: DatasetError.self) { try data.train.keepClasses(0...0) }
    }

    @Test func splitsWithoutLossOrOverlap() throws {
        let data = try numbered(100, classes: 5)
        let parts = try data.split(fraction: 0.8, stratify: true, seed: 3)
        #expect(parts.train.size == 80)
        #expect(parts.test.size == 20)
        let all = contents(parts.train).values + contents(parts.test).values
        #expect(all.sorted() == (0..<100).map { Float($0) })
        for label in 0..<5 { #expect(parts.test.labels?.count { Int($0) == label } == 4) }
        #expect(
            contents(try data.split(count: 80, stratify: true, seed: 3).train).values == contents(parts.train).values)
        #expect(contents(try data.split(count: 80, seed: 4).train).values != contents(parts.train).values)
    }

    @Test(arguments: [0, 100, -1, 101]) func refusesEmptyParts(_ count: Int) throws {
        let data = try numbered(100, classes: 5)
        #expect(throws: DatasetError.self) { try data.split(count: count) }
    }

    @Test(arguments: [0, 1, -0.5, 1.5, Double.nan, .infinity]) func refusesNoShares(_ fraction: Double) throws {
        let data = try numbered(100, classes: 5)
        #expect(throws: DatasetError.self) { try data.split(fraction: fraction) }
    }

    @Test func splitsThePairsTrainingPart() throws {
        let moons = try SyntheticSets.moons(n: 240, seed: 3).split(count: 40)
        #expect(moons.train.size == 40)
        #expect(moons.test.size == 200)
    }

    @Test func keepsClassesUnderNewNumbers() throws {
        let data = try numbered(12, classes: 4)
        let kept = try data.keepClasses(1...3)
        #expect(contents(kept).values == [1, 2, 3, 5, 6, 7, 9, 10, 11])
        #expect(contents(kept).labels == [0, 1, 2, 0, 1, 2, 0, 1, 2])
        #expect(kept.classNames == ["class 1", "class 2", "class 3"])
        let again = try kept.keepClasses(1...2)
        #expect(contents(again).values == [2, 3, 6, 7, 10, 11])
        #expect(contents(again).labels == [0, 1, 0, 1, 0, 1])
        #expect(again.classNames == ["class 2", "class 3"])
        #expect(throws: DatasetError.self) { try again.keepClasses(1...2) }
        #expect(throws: DatasetError.self) { try data.keepClasses(-1...2) }
    }

    @Test func shufflesAndFilters() throws {
        let data = try numbered(50, classes: 2)
        let shuffled = contents(data.shuffled(seed: 9)).values
        #expect(shuffled == epochOrder(count: 50, seed: 9, epoch: 0).map { Float($0) })
        #expect(contents(data.filter { $0 % 10 == 7 }).values == [7, 17, 27, 37, 47])
    }

    @Test func normalizesByTheTrainingSplitOnly() throws {
        func split(_ values: [Float]) throws -> Dataset {
            let labels = [Int32](repeating: 0, count: values.count / 2)
            return Dataset(
                name: "table",
                store: try SampleStore(
                    values: .floats(values), sampleShape: [2], targets: .classes(labels, names: ["a"])))
        }
        // The first feature has mean 2 and deviation 1, the second does not vary.
        let pair = try DatasetPair(name: "table", train: split([1, 5, 3, 5]), test: split([4, 6]))
        let normalized = try pair.normalized()
        #expect(contents(normalized.train).values == [-1, 0, 1, 0])
        #expect(contents(normalized.test).values == [2, 1])
        #expect(normalized.normalization?.mean == [2, 5])
        #expect(normalized.normalization?.standardDeviation == [1, 1])
        #expect(contents(try normalized.normalized().train).values == [-1, 0, 1, 0])
        #expect(pair.normalization == nil)
    }
}

@Suite struct SampleStoreTests {
    @Test func refusesWhatDoesNotFit() throws {
        #expect(throws: DatasetError.self) {
            try SampleStore(values: .floats([1, 2, 3]), sampleShape: [2], targets: .classes([0], names: ["a"]))
        }
        #expect(throws: DatasetError.self) {
            try SampleStore(values: .floats([1]), sampleShape: [1], targets: .classes([1], names: ["a"]))
        }
        #expect(throws: DatasetError.self) {
            try SampleStore(values: .floats([1]), sampleShape: [1], targets: .values([1], width: 0))
        }
        #expect(throws: DatasetError.self) {
            try SampleStore(
                values: .floats([1]), sampleShape: [Int.max, 2], targets: .classes([0], names: ["a"]))
        }
        #expect(throws: DatasetError.self) {
            try SampleStore(values: .bytes([]), sampleShape: [0], targets: .classes([], names: []))
        }
    }

    @Test func refusesPairsOfDifferentKinds() throws {
        let plane = try SyntheticSets.moons(n: 4).train
        let line = try SyntheticSets.polynomial(n: 4).train
        #expect(throws: DatasetError.self) { try DatasetPair(name: "mixed", train: plane, test: line) }
    }
}
