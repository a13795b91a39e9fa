import Foundation

/// Asks again and again until there is an answer, which others bring about.
///
/// - Parameters:
///   - seconds: far more than it takes on a machine that many use
///   - why: what stands in the way, told when there is none in time
@discardableResult
func eventually<Answer>(
    within seconds: Double = 60, or why: @autoclosure () throws -> String, _ ask: () throws -> Answer?
) throws -> Answer {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while true {
        if let answer = try ask() { return answer }
        guard Date() < deadline else { throw Daemon.Trouble(description: try why()) }
    }
}

/// Asks until the answer is as wanted; else the last one is told.
func eventually<Answer: Equatable>(
    is wanted: Answer, within seconds: Double = 60, _ ask: () throws -> Answer
) throws {
    var last: Answer?
    try eventually(within: seconds, or: "\(last.map { "\($0)" } ?? "nothing"), not \(wanted)") {
        last = try ask()
        return last == wanted ? true : nil
    }
}
