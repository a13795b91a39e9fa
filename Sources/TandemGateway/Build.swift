internal import TandemWire

/// Which build of Tandem this is.
package enum Build {
    /// The release; a test build of a format to come is none, and says so wherever it names itself.
    package static let version = "0.1.0" + (isTest ? "-test-build-of-format-\(WireVersion.current)" : "")
    package static let isTest = WireVersion.isTest
    /// Of entries, frames and what is stored.
    package static let formatsRead = WireVersion.read

    /// What `--version` prints.
    package static var words: String {
        let formats =
            "formats: reads \(WireVersion.read.lowerBound) to \(WireVersion.read.upperBound), writes "
            + (WireVersion.oldest == WireVersion.current
                ? "\(WireVersion.current)" : "\(WireVersion.oldest) to \(WireVersion.current), as its cluster agrees")
        let warning = isTest ? "\n" + testWarning : ""
        return "tandemd \(version)\n\(formats)\(warning)"
    }

    package static let testWarning =
        "THIS IS A TEST BUILD, not a release: no other build will ever read its format \(WireVersion.current)"
}
