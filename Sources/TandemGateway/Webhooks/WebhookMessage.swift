internal import Foundation
internal import TandemAPI
internal import TandemCore
package import TandemRuntime
package import TandemTransport

/// One attempt's request: a CloudEvent (1.0, JSON, structured), signed as Standard Webhooks does.
///
/// Its body is the same at each attempt; only when it was signed differs. It says what happened, to whom and where, and
/// nothing that people said: what a receiver wants to know beyond that it asks the API for, with rights of its own.
package enum WebhookMessage {
    /// - Parameters:
    ///   - key: what it is signed with
    ///   - seconds: the node's wall clock, since 1970
    package static func request(_ effect: Effect, key: [UInt8], path: String, at seconds: Int64) -> HTTPClientRequest {
        let id = effect.target.delivery.description
        let body = body(effect)
        let signed = Array("\(id).\(seconds).".utf8) + body
        let signature = Data(MessageAuthentication.hmacSHA256(key: key, signed)).base64EncodedString()
        return HTTPClientRequest(
            "POST", path,
            headers: [
                "Content-Type": "application/cloudevents+json; charset=utf-8", "User-Agent": "Tandem/\(Build.version)",
                "Connection": "close", "webhook-id": id, "webhook-timestamp": "\(seconds)",
                "webhook-signature": "v1,\(signature)",
            ], body: body)
    }

    static func body(_ effect: Effect) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.field("specversion", "1.0")
        writer.field("id", effect.target.delivery)
        writer.field("source", "/v1/tenants/\(effect.target.tenant)")
        writer.field("type", "tandem.\(effect.notice.kind.text)")
        writer.field("subject", effect.target.conversation.description)
        writer.field("time", effect.at)
        writer.field("datacontenttype", "application/json")
        writer.key("data")
        writer.beginObject()
        writer.field("tenant", effect.target.tenant)
        writer.field("conversation", effect.target.conversation)
        writer.notice(effect.notice)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// What an answer's status means: success, never again, or another attempt. Redirections are not followed.
    static func result(_ status: Int) -> DeliveryResult {
        let written = UInt16(clamping: status)
        switch status {
        case 200..<300: return .done(status: written)
        case 410: return .refused(DeliveryFailure(.status, status: written))
        default: return .failed(DeliveryFailure(.status, status: written))
        }
    }
}
