package import TandemCore

/// The settings of a part of a tenant, as clients write them.
package protocol PartSettings: Described, Equatable {
    associatedtype Spec: SettingSpec
    init(_ core: Spec)
}

extension API {
    /// Settings as they are kept, with the version that `ETag` and `If-Match` speak of.
    package struct Stored<Settings: Described & Equatable>: Described, Equatable {
        package var id: String
        /// Absent for tenants, which belong to nobody.
        package var tenant: TenantID?
        package var version: UInt32
        package var settings: Settings
        package init(id: String, tenant: TenantID?, version: UInt32, settings: Settings) {
            self.id = id
            self.tenant = tenant
            self.version = version
            self.settings = settings
        }
        package static var schemaName: String { "Stored" + Settings.schemaName }
        package static var schemaDescription: String { "Settings as they are kept." }
        package static var schema: Schema {
            .object([
                .required("id", .string(min: 17, max: 17)),
                .optional("tenant", .id(TenantID.self)),
                .required("version", .version, "Give it as `If-Match` when changing."),
                .required("settings", .named(Settings.self)),
            ])
        }
    }

    /// What a write answers: what it made or changed, and where in the partition's order it stands.
    package struct Written: Described, Equatable {
        /// The tenant, queue, policy, conversation … that was made or changed.
        package var id: String
        package var contact: ContactID?
        /// The message's number in its conversation.
        package var sequence: UInt64?
        package var version: UInt32?
        /// The position of its first event: a stream that has come this far shows it.
        package var position: UInt64
        package init(id: String, contact: ContactID?, sequence: UInt64?, version: UInt32?, position: UInt64) {
            self.id = id
            self.contact = contact
            self.sequence = sequence
            self.version = version
            self.position = position
        }
        package static let schemaDescription = "What a write did."
        package static let schema = Schema.object([
            .required("id", .string(min: 1, max: 64), "What was made or changed."),
            .optional("contact", .id(ContactID.self)),
            .optional("sequence", .count, "The message's number in its conversation, from 1."),
            .optional("version", .version),
            .required("position", .count, "The position of its first event in the partition's order."),
        ])
    }
}
