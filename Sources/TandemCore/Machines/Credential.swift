/// A bearer token's journaled half: `absent → valid → revoked`; expiry is read off `spec` at each use.
package struct Credential: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case absent
        case valid(CredentialSpec)
        case revoked(CredentialSpec, at: Timestamp)
    }
    package let id: CredentialID
    package internal(set) var state: State
    package init(id: CredentialID, state: State) {
        self.id = id
        self.state = state
    }
}
