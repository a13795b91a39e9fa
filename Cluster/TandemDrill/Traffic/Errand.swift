internal import TandemAPI
internal import TandemTransport
internal import TestPrograms

/// One request over HTTP, tried under the same key at one node after the other until it is answered for good.
///
/// 503 says that nothing was done; 504, a broken connection and silence say nothing.
// Safe: touched on the stage's loop only.
final class Errand: @unchecked Sendable {
    private let stage: Stage
    private let caller: Caller
    private let request: HTTPClientRequest
    private var operation: Operation
    /// Gives up when an answer is missing, as a person who closes the page.
    private let isHasty: Bool
    private var isUncertain = false
    private let done: (Operation, JSONValue?) -> Void

    /// - Parameter done: is given the operation as it was recorded, and the answer if there was one
    init(
        _ stage: Stage, _ caller: Caller, _ operation: Operation, path: String, token: String, body: String,
        isHasty: Bool = false, done: @escaping (Operation, JSONValue?) -> Void
    ) {
        self.stage = stage
        self.caller = caller
        self.operation = operation
        self.isHasty = isHasty
        self.done = done
        request = HTTPClientRequest("POST", path, token: token, body: body, key: operation.key)
    }

    func run() {
        operation.tries += 1
        caller.send(request) { [self] result in
            switch result {
            case .failure:
                isUncertain = true
                again(atOnce: false)
            case .success(let response): answered(response)
            }
        }
    }

    private func answered(_ response: HTTPResponse) {
        operation.node = caller.node + 1
        let body = try? JSONValue(parsing: response.body)
        if (200..<300).contains(response.status) {
            operation.sequence = body?["sequence"]?.whole
            return finish(.ok, body)
        }
        operation.code = body?["code"]?.text ?? "status \(response.status)"
        switch response.status {
        case 503: again(atOnce: false)
        case 504:
            isUncertain = true
            operation.code = nil
            again(atOnce: true)
        default: finish(isUncertain ? .unknown : .refused, nil)
        }
    }

    private func again(atOnce: Bool) {
        caller.moveOn()
        let patience = Stage.patienceMilliseconds * 1_000_000
        let isLate = EventLoop.monotonicNanoseconds() > operation.invoked + patience
        if isLate || (isHasty && isUncertain) { return finish(isUncertain ? .unknown : .refused, nil) }
        if atOnce { return run() }
        stage.after(milliseconds: Stage.pauseMilliseconds) { self.run() }
    }

    private func finish(_ outcome: Operation.Outcome, _ body: JSONValue?) {
        operation.outcome = outcome
        if operation.kind == .open, outcome == .ok {
            operation.conversation = body?["id"]?.text
            operation.sequence = operation.sequence ?? 1
        }
        operation.returned = EventLoop.monotonicNanoseconds()
        stage.recorder.add(operation)
        done(operation, body)
    }
}
