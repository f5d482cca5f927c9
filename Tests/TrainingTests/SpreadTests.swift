import Testing
import Training

@Suite("Mean and deviation over seeds")
struct SpreadTests {
    @Test("by hand: 1, 2 and 6 have the mean 3 and the deviation sqrt(14 / 2)")
    func byHand() {
        let spread = Spread([1, 2, 6])
        #expect(spread.mean == 3)
        #expect(abs(spread.deviation - 7.0.squareRoot()) < 1e-15)
        #expect(Spread([0.25]).mean == 0.25 && Spread([0.25]).deviation == 0)
    }

    @Test("columns are those that the runs will have")
    func names() {
        #expect(
            TrialMeasure.names(hasClasses: true, isValidated: true)
                == ["loss", "val_loss", "train_accuracy", "test_accuracy", "gap", "seconds"])
        #expect(TrialMeasure.names(hasClasses: false, isValidated: false) == ["loss", "seconds"])
        #expect(TrialMeasure.names(hasClasses: false, isValidated: true) == ["loss", "val_loss", "gap", "seconds"])
        #expect(TrialMeasure.names(hasClasses: true, isValidated: false) == ["loss", "train_accuracy", "seconds"])
    }
}
