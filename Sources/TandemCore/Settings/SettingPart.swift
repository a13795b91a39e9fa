/// A part of a tenant's settings that is put as a whole: a calendar, a policy, a webhook.
package struct SettingPart<Spec: SettingSpec>: Hashable, Sendable {
    package let id: Identifier<Spec.Kind>
    /// Rises with each change; decisions record it.
    package var version: UInt32
    package var spec: Spec
    package init(id: Identifier<Spec.Kind>, version: UInt32, spec: Spec) {
        self.id = id
        self.version = version
        self.spec = spec
    }
}

/// What such a part says.
package protocol SettingSpec: Hashable, Sendable {
    /// How its parts are named.
    associatedtype Kind: IdentifierKind
    var name: String { get }
}
