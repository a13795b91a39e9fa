/// A request that was handed out and how far its answer is.
struct HTTPExchange {
    enum Progress {
        case waiting
        case chunks
        case counted(remaining: Int)
        /// The end of the connection ends the body.
        case untilClose
        /// A body that is not sent: the answer to HEAD, or a status without one.
        case unsent
        case done
    }

    /// Bytes of an answer that is not yet first in line.
    final class Held {
        var bytes = ByteQueue()
    }

    let isHead: Bool
    let isVersion10: Bool
    var keepsAlive: Bool
    var progress = Progress.waiting
    var held: Held?
    var onGone: (@Sendable () -> Void)?
    var onDrained: (@Sendable () -> Void)?
    /// Turns the connection over, once the exchange is first.
    var upgrade: (() -> Void)?

    var isDone: Bool {
        switch progress {
        case .done: true
        case .waiting, .chunks, .counted, .untilClose, .unsent: false
        }
    }

    /// Writes status line and headers, and remembers how the body goes on. `length` is nil for a stream without one.
    mutating func writeHead(
        _ output: inout ByteQueue, _ status: Int, _ headers: HTTPHeaders, date: [UInt8], length: Int?
    ) {
        if status == 200 {
            output.append("HTTP/1.1 200 OK\r\nDate: ")
        } else {
            output.append("HTTP/1.1 ")
            output.append(decimal: status)
            output.append(" ")
            output.append(HTTPStatus.reason(status))
            output.append("\r\nDate: ")
        }
        output.append(date)
        let bodiless = HTTPStatus.isBodiless(status)
        if bodiless {
            progress = .unsent
            output.append("\r\n")
        } else if let length {
            progress = isHead ? .unsent : .counted(remaining: length)
            output.append("\r\nContent-Length: ")
            output.append(decimal: length)
            output.append("\r\n")
        } else if isVersion10 {
            progress = isHead ? .unsent : .untilClose
            keepsAlive = false
            output.append("\r\n")
        } else {
            progress = isHead ? .unsent : .chunks
            output.append("\r\nTransfer-Encoding: chunked\r\n")
        }
        if !keepsAlive {
            output.append("Connection: close\r\n")
        } else if isVersion10 {
            output.append("Connection: keep-alive\r\n")
        }
        output.append(headers.bytes)
        output.append("\r\n")
    }

    /// Writes a part of the body.
    mutating func writeBody(_ output: inout ByteQueue, _ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }  // An empty chunk would be the last.
        switch progress {
        case .chunks:
            output.append(hexadecimal: bytes.count)
            output.append("\r\n")
            output.append(bytes)
            output.append("\r\n")
        case .counted(let remaining):
            precondition(bytes.count <= remaining, "a body is as long as it was announced")
            progress = .counted(remaining: remaining - bytes.count)
            output.append(bytes)
        case .untilClose: output.append(bytes)
        case .unsent: break
        case .waiting, .done: preconditionFailure("a body is written between begin and end")
        }
    }

    mutating func writeEnd(_ output: inout ByteQueue, _ trailers: HTTPHeaders) {
        switch progress {
        case .chunks:
            output.append("0\r\n")
            output.append(trailers.bytes)
            output.append("\r\n")
        case .counted(let remaining): precondition(remaining == 0, "a body is as long as it was announced")
        case .untilClose, .unsent: break
        case .waiting, .done: preconditionFailure("only a begun answer ends")
        }
        progress = .done
    }
}
