/// Every route of the API, in the order of the OpenAPI document.
package enum Routes {
    package static let all: [Route] =
        system + tenants + settings + queues + agents + customers + credentials + conversations + contacts + transfers
        + offers + figures + node + cluster + members + backups + live
}
